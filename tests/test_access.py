"""One table of every address × every kind of person (docs/HOUSE.md, habit 9). No address may be missing from it.

Everybody in it owns something of their own (tests/evidence/builders.py), so that a refusal cannot pass for another
reason. 404: strangers find nothing. 403: a role that falls short, with the reason. 302: sent to sign in (anonymous), or
done. 405: not by reading. 422: a form sent empty.
"""

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from unittest import mock

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from centres.actions import people
from centres.actions.authority import record_award
from centres.actions.cases import open_appeal, open_case
from centres.actions.environments import record_environment
from centres.actions.held_elsewhere import confirm_held_elsewhere
from centres.actions.standards import hand_in_standard
from centres.invitations import token_for
from centres.models import AccessGrant, Award, Role, UnitApproval
from evidence.actions.questions import add_question
from evidence.models import EvidenceFile
from evidence.testimony_links import token_to_disown, token_to_testify
from files.actions import prepare
from ledger.chains import centre_chain
from records.actions import ask_for_print, make_print
from records.codes import new_code
from signoff.actions import mark_sample
from signoff.verifying import start_verification
from tests.evidence.builders import add_a_witness, add_item, add_offered_item, claim, hand_in, make_world, today
from tests.evidence.front_pages import write_front_matter
from tests.evidence.naming import name_it, record_of
from tests.evidence.other_units import waived_record_of
from tests.evidence.signed_records import agree, note
from tests.evidence.signed_records import sign as sign_method_record
from tests.evidence.testifying import ask, offered_testimony
from tests.journeys.papers import a_pdf
from tests.signoff.builders import awaiting_countersignature
from tests.units.kinds_of_items import standard_of_all_kinds
from tests.units.workbooks import cell, spoilt
from units.actions import load_standard
from units.models import Unit

pytestmark = pytest.mark.django_db

PEOPLE = (
    "anonymous",
    "candidate",
    "other_candidate",
    "assessor",
    "other_assessor",
    "countersigner",
    "iv",
    "ev",
    "expired_ev",
    "coordinator",
    "foreign_coordinator",
)
# "@" names what the address is asked for, where that matters. The rows speak of `candidate`: unit record open, drawn by
# `ev`, one item offered, one draft. `trainees` is the record that waits for `countersigner`.
TABLE = """
#                         ano cnd ocn ass oas csg iv  ev  xev crd fcr
home                 get  302 200 200 200 200 200 200 200 200 200 200
switch_seat          post 302 404 404 404 404 404 404 404 404 404 404
accept_invitation    get  200 200 200 200 200 200 200 200 200 200 200
# Drafts of forms: without the page's own ticket nobody finds one. With it: tests/drafts.
keep_draft           post 302 404 404 404 404 404 404 404 404 404 404
keep_draft           get  302 405 405 405 405 405 405 405 405 405 405
discard_draft        post 302 404 404 404 404 404 404 404 404 404 404
discard_draft        get  302 405 405 405 405 405 405 405 405 405 405
# Operators only; that they see it is tested below.
design               get  302 404 404 404 404 404 404 404 404 404 404

# The catalogue: everybody reads it; a centre's own standard is for that centre only.
catalogue            get  302 200 200 200 200 200 200 200 200 200 200
catalogue            post 302 405 405 405 405 405 405 405 405 405 405
catalogue_unit       get  302 200 200 200 200 200 200 200 200 200 200
catalogue_unit@own   get  302 200 200 200 200 200 200 200 200 200 404
compare_units        get  302 200 200 200 200 200 200 200 200 200 200
compare_units@own    get  302 200 200 200 200 200 200 200 200 200 404

# People, authority and access: the coordinator's, each of their own centre.
people               get  302 403 403 403 403 403 403 403 403 200 200
invite               get  302 403 403 403 403 403 403 403 403 200 200
withdraw_invitation  post 302 403 403 403 403 403 403 403 403 302 404
withdraw_invitation  get  302 405 405 405 405 405 405 405 405 405 405
person               get  302 403 403 403 403 403 403 403 403 200 404
give_role            get  302 403 403 403 403 403 403 403 403 200 404
end_role             get  302 403 403 403 403 403 403 403 403 200 404
add_award            get  302 403 403 403 403 403 403 403 403 200 404
strike_out_award     get  302 403 403 403 403 403 403 403 403 200 404
file_certificate     get  302 403 403 403 403 403 403 403 403 200 404
file_certificate     post 302 403 403 403 403 403 403 403 403 422 404
give_approval        get  302 403 403 403 403 403 403 403 403 200 404
end_approval         get  302 403 403 403 403 403 403 403 403 200 404
hand_over            get  302 403 403 403 403 403 403 403 403 200 404
hand_over            post 302 403 403 403 403 403 403 403 403 422 404
# Whoever relies on a signature reads the signer's authority: the centre's IVs, and the EV to whom their work is open.
authority            get  302 404 404 200 404 404 200 200 404 200 404
award_certificate    get  302 404 404 200 404 404 200 200 404 200 404
note_competence      get  302 403 403 200 404 404 403 403 403 200 404
note_competence      post 302 403 403 422 404 404 403 403 403 422 404

# Appeals, malpractice and sanctions: `case` is the candidate's appeal, @malpractice is about their assessor.
cases                get  302 200 200 403 403 403 200 200 200 200 200
open_case            get  302 200 200 403 403 403 403 403 403 200 200
open_case            post 302 422 422 403 403 403 403 403 403 422 422
case                 get  302 200 404 403 403 403 200 200 404 200 404
case@malpractice     get  302 404 404 403 403 403 404 404 404 200 404
add_case_step        get  302 403 403 403 403 403 403 403 403 200 404
add_case_step        post 302 403 403 403 403 403 403 403 403 422 404
close_case           get  302 403 403 403 403 403 403 403 403 200 404
close_case           post 302 403 403 403 403 403 403 403 403 422 404
ev_access            get  302 403 403 403 403 403 403 403 403 200 200
open_ev_access       get  302 403 403 403 403 403 403 403 403 200 200
end_ev_access        get  302 403 403 403 403 403 403 403 403 200 404
held_elsewhere       get  302 403 403 403 403 403 403 403 403 200 200
held_elsewhere       post 302 403 403 403 403 403 403 403 403 422 422
end_held_elsewhere   get  302 403 403 403 403 403 403 403 403 200 404
end_held_elsewhere   post 302 403 403 403 403 403 403 403 403 302 404
environments         get  302 403 403 403 403 403 403 403 403 200 200
environments         post 302 403 403 403 403 403 403 403 403 422 422
end_environment      get  302 403 403 403 403 403 403 403 403 200 404
end_environment      post 302 403 403 403 403 403 403 403 403 422 404

# A centre's standards: handed in, looked at and loaded by its coordinators; shared ones and one's own to download.
centre_standards     get  302 403 403 403 403 403 403 403 403 200 200
hand_in_standard     get  302 403 403 403 403 403 403 403 403 200 200
hand_in_standard     post 302 403 403 403 403 403 403 403 403 422 422
standard_template    get  302 403 403 403 403 403 403 403 403 200 200
standard_upload      get  302 403 403 403 403 403 403 403 403 200 404
standard_upload      post 302 403 403 403 403 403 403 403 403 302 404
download_standard    get  302 403 403 403 403 403 403 403 403 200 200
download_standard@own get 302 403 403 403 403 403 403 403 403 200 404

# Registrations: kept by the coordinator, read by everybody named on them and by the EV while the grant runs.
registrations        get  302 403 403 200 200 200 200 200 200 200 200
register             get  302 403 403 403 403 403 403 403 403 200 200
registration         get  302 403 403 200 404 404 200 200 404 200 404
change_registration  get  302 403 403 403 403 403 403 403 403 200 404
change_status        get  302 403 403 403 403 403 403 403 403 200 404
reassign             get  302 403 403 403 403 403 403 403 403 200 404
add_unit             get  302 403 403 403 403 403 403 403 403 200 404
reassign_unit        get  302 403 403 403 403 403 403 403 403 200 404

# The portfolio: only its candidate writes in it.
portfolio            get  302 200 404 200 404 404 200 200 404 200 404
front_matter         get  302 200 404 200 404 404 200 200 404 200 404
change_front_matter  get  302 200 404 403 403 403 403 403 403 403 403
change_front_matter  post 302 422 404 403 403 403 403 403 403 403 403
front_matter_file    get  302 200 404 200 404 404 200 200 404 200 404
front_matter_file@replaced get 302 200 404 404 404 404 404 404 404 404 404
front_matter_file_variant get 302 200 404 200 404 404 200 200 404 200 404
front_matter_file_page get 302 200 404 200 404 404 200 200 404 200 404
add_evidence         get  302 200 404 403 403 403 403 403 403 403 403
add_evidence         post 302 422 404 403 403 403 403 403 403 403 403
add_witness          get  302 200 404 403 403 403 403 403 403 403 403
change_witness       get  302 200 404 403 403 403 403 403 403 403 403
evidence             get  302 200 404 200 404 404 200 200 404 200 404
evidence@draft       get  302 200 404 404 404 404 404 404 404 404 404
change_evidence      get  302 200 404 403 403 403 403 403 403 403 403
claims               get  302 200 404 403 403 403 403 403 403 403 403
# Buttons only: what is sent names a point and the claim that it repeats.
suggestions          post 302 404 404 403 403 403 403 403 403 403 403
suggestions          get  302 405 405 405 405 405 405 405 405 405 405
# What a unit asks for several of: the candidate names it, or the assessor; each changes what they named.
instances            get  302 200 404 200 404 404 403 403 403 403 403
instances            post 302 404 404 404 404 404 403 403 403 403 403
change_instance      get  302 200 404 200 404 404 403 403 403 403 403
change_instance      post 302 422 404 422 404 404 403 403 403 403 403
remove_instance      post 302 302 404 403 404 404 403 403 403 403 403
remove_instance      get  302 405 405 405 405 405 405 405 405 405 405
offer                get  302 200 404 403 403 403 403 403 403 403 403
offer                post 302 422 404 403 403 403 403 403 403 403 403
withdraw             get  302 200 404 403 403 403 403 403 403 403 403
withdraw             post 302 422 404 403 403 403 403 403 403 403 403
evidence_file        get  302 200 404 200 404 404 200 200 404 200 404
evidence_file@draft  get  302 200 404 404 404 404 404 404 404 404 404
evidence_file_variant get 302 200 404 200 404 404 200 200 404 200 404
evidence_file_page   get  302 200 404 200 404 404 200 200 404 200 404

# Testimony: the candidate asks, whoever holds the link answers, whoever sees the evidence reads.
ask_witness          get  302 200 404 403 403 403 403 403 403 403 403
ask_witness          post 302 422 404 403 403 403 403 403 403 403 403
withdraw_testimony_request post 302 302 404 403 403 403 403 403 403 403 403
testimony            get  302 200 404 200 404 404 200 200 404 200 404
testify              get  200 200 200 200 200 200 200 200 200 200 200
disown_testimony     get  200 200 200 200 200 200 200 200 200 200 200
testimony_received   get  200 200 200 200 200 200 200 200 200 200 200
testimony_disowned   get  200 200 200 200 200 200 200 200 200 200 200

# Signed records: the assessor's about the candidates they assess, the candidate's own notes; read with the evidence.
observe              get  302 403 403 200 404 404 403 403 403 403 403
observe              post 302 403 403 422 404 404 403 403 403 403 403
question             get  302 403 403 200 404 404 403 403 403 403 403
question             post 302 403 403 422 404 404 403 403 403 403 403
agree_discussion     get  302 403 403 200 404 404 403 403 403 403 403
agree_discussion     post 302 403 403 422 404 404 403 403 403 403 403
discussion           get  302 200 404 200 404 404 403 403 403 403 403
hold_discussion      get  302 403 403 200 404 404 403 403 403 403 403
hold_discussion      post 302 403 403 422 404 404 403 403 403 403 403
call_off_discussion  post 302 403 403 302 404 404 403 403 403 403 403
call_off_discussion  get  302 405 405 405 405 405 405 405 405 405 405
add_statement        get  302 200 404 403 403 403 403 403 403 403 403
add_statement        post 302 422 404 403 403 403 403 403 403 403 403
add_product_note     get  302 200 404 403 403 403 403 403 403 403 403
add_product_note     post 302 422 404 403 403 403 403 403 403 403 403
method_record        get  302 200 404 200 404 404 200 200 404 200 404
method_record@note   get  302 200 404 404 404 404 404 404 404 404 404
correct_method_record get 302 403 404 200 404 404 403 403 403 403 403
correct_method_record post 302 403 404 422 404 404 403 403 403 403 403
seen_at_work         get  302 403 403 200 404 404 403 403 403 403 403
seen_at_work         post 302 403 403 422 404 404 403 403 403 403 403
# Each assessor keeps questions of their own.
question_bank        get  302 403 403 200 200 200 403 403 403 403 403
question_bank        post 302 403 403 422 422 422 403 403 403 403 403
remove_question      post 302 403 403 302 404 404 403 403 403 403 403
remove_question      get  302 405 405 405 405 405 405 405 405 405 405

# Judging: the assessor of the unit, nobody else.
add_missed_claim     get  302 403 403 200 404 404 403 403 403 403 403
authenticate_witness get  302 403 403 200 404 404 403 403 403 403 403
judge                get  302 403 403 200 404 404 403 403 403 403 403
judge                post 302 403 403 422 404 404 403 403 403 403 403
judge@draft          get  302 403 403 404 404 404 403 403 403 403 403
confirm_unit         get  302 403 403 200 404 404 403 403 403 403 403
confirm_unit         post 302 403 403 422 404 404 403 403 403 403 403
waive                get  302 403 403 200 404 404 403 403 403 403 403
waive                post 302 403 403 422 404 404 403 403 403 403 403
withdraw_waiver      post 302 403 403 302 404 404 403 403 403 403 403
withdraw_waiver      get  302 405 405 405 405 405 405 405 405 405 405

# The unit record. The trainee's opens to any assessor who could countersign it (R33): `assessor` could as well.
record               get  302 200 404 200 404 404 200 200 404 200 404
record@trainees      get  302 404 404 200 404 200 200 404 404 200 404
record@not-drawn     get  302 404 200 404 200 404 404 404 404 200 404
history              get  302 200 404 200 404 404 200 200 404 200 404
# 409: the right person, but not yet.
sign                 get  302 409 404 403 404 404 403 403 404 403 404
sign                 post 302 409 404 403 404 404 403 403 404 403 404
sign@trainees        get  302 404 404 200 404 200 403 404 404 403 404
sample               get  302 403 403 403 403 403 200 409 404 403 403
sample               post 302 403 403 403 403 403 422 302 404 403 403
withdraw_sample      get  302 403 403 403 403 403 409 200 404 403 403
unlock               get  302 403 403 409 404 404 403 403 403 409 404
unlock@trainees      post 302 403 403 403 404 403 403 403 403 422 404

# Verifying one's centre: the coordinator's.
verify               get  302 403 403 403 403 403 403 403 403 200 200
verify               post 302 403 403 403 403 403 403 403 403 302 302
verification_run     get  302 403 403 403 403 403 403 403 403 200 404

# Prints, and the page for whoever holds one.
print_record         post 302 302 404 302 404 404 302 302 404 302 404
print_record         get  302 405 405 405 405 405 405 405 405 405 405
print                get  302 200 404 200 404 404 200 200 404 200 404
print_pdf            get  302 200 404 200 404 404 200 200 404 200 404
check                get  200 200 200 200 200 200 200 200 200 200 200
check                post 422 422 422 422 422 422 422 422 422 422 422
check_print          get  200 200 200 200 200 200 200 200 200 200 200
check_print@unknown  get  404 404 404 404 404 404 404 404 404 404 404
"""


def rows() -> Iterator[tuple[str, str, dict[str, int]]]:
    """The table: address with its variant, method, and the status that each person meets."""
    for line in TABLE.strip().splitlines():
        if line and not line.startswith("#"):
            address, method, *statuses = line.split()
            assert len(statuses) == len(PEOPLE), line
            yield address, method, dict(zip(PEOPLE, map(int, statuses), strict=True))


class Scene:
    """The world of the table, and the arguments of each address in it."""

    def __init__(self) -> None:
        self.world = world = make_world()
        report = hand_in(world.candidate, "report.pdf", a_pdf())
        self.offered = add_offered_item(world, world.criteria[:3], files=[hand_in(world.candidate), report])
        self.photo_file, self.report_file = EvidenceFile.objects.filter(version__evidence=self.offered)
        for file in (self.photo_file, self.report_file):
            prepare(file.blob_id)
        self.draft = add_item(world, title="Not shown to anybody yet")
        self.witness = add_a_witness(world)
        self.signed = sign_method_record(world)
        claim(world, self.signed.version.evidence, world.criteria[3:4])
        self.note = note(self.draft, world.candidate)
        self.discussion = agree(world)
        self.question = add_question(text="Why that one?", unit=world.unit, by=world.assessor)
        cv, old_cv = (hand_in(world.candidate, name, a_pdf()) for name in ("cv.pdf", "old cv.pdf"))
        prepare(cv.blob.pk)
        self.old_cv_file = write_front_matter(world, files=[old_cv]).files.get()
        self.cv_file = write_front_matter(world, files=[cv]).files.get()
        self.testified = offered_testimony(world, is_authentic=False)
        self.asked = ask(world, self.testified)
        self.named = name_it(world, record_of(world, "D2"), "New phone rota")
        self.invitation = people.invite(
            email="new@example.org", name="New Person", role=Role.CANDIDATE, by=world.coordinator
        )
        mark_sample(record_id=world.record.pk, reason="Spring visit", by=world.ev)
        self.print = ask_for_print(record_id=world.record.pk, by=world.candidate)
        self.code = new_code()
        with mock.patch("records.actions.new_code", return_value=self.code):
            make_print(self.print.pk)
        self.run = start_verification(anchor="", by=world.coordinator)
        self.trainees = awaiting_countersignature(world)
        self.should_record, self.waiver = waived_record_of(world)
        self.held = confirm_held_elsewhere(units=[world.other_unit], where="Blue folders", by=world.coordinator)[0]
        self.environment = record_environment(
            name="Training shop",
            what_it_is="A shop on the ground floor, open to the public",
            approved_by="City and Guilds",
            approved_on=today(),
            by=world.coordinator,
        )
        self.certified = record_award(
            person=world.assessor.person,
            kind="D32",
            number="D32-7",
            awarded_on=today(),
            certificate=hand_in(world.coordinator, "certificate.pdf", a_pdf()),
            by=world.coordinator,
        )
        about = {"title": "E1 was returned", "what": "It shows 1.1 after all."}
        self.appeal = open_appeal(registration=world.registration, by=world.candidate, **about)
        self.malpractice = open_case(
            kind="malpractice",
            registration=world.registration,
            person=world.assessor.person,
            opened_on=today(),
            by=world.coordinator,
            **about,
        )
        owner = centre_chain(world.centre.pk)
        # Its D13 says that it does not agree with a unit that the world has.
        own = json.loads(json.dumps(standard_of_all_kinds()).replace('"unit": "A16"', '"unit": "A14"'))
        load_standard(document=own, owner=owner, chain=owner)
        self.own_unit = Unit.objects.get(standard__owner=owner, code="D13").pk
        self.upload = hand_in_standard(
            file=BytesIO(spoilt(cell("Standard", "Edition", 2, "2026"))), name="ours.xlsx", by=world.coordinator
        )

    def arguments(self, address: str) -> list[Any]:
        """What an address, with its variant, is reversed with."""
        world, assessor = self.world, self.world.assessor
        registration, record = [world.registration.pk], [world.record.pk]
        own = {"centre": world.centre, "person": assessor.person}
        return {
            "standard_upload": lambda: [self.upload.pk],
            "download_standard": lambda: [world.unit.standard_id, "xlsx"],
            "download_standard@own": lambda: [Unit.objects.get(pk=self.own_unit).standard_id, "json"],
            "catalogue_unit": lambda: [world.unit.pk],
            "catalogue_unit@own": lambda: [self.own_unit],
            "compare_units": lambda: [world.unit.pk, world.other_unit.pk],
            "compare_units@own": lambda: [self.own_unit, world.other_unit.pk],
            "accept_invitation": lambda: [token_for(self.invitation)],
            "withdraw_invitation": lambda: [self.invitation.pk],
            "person": lambda: [assessor.person_id],
            "give_role": lambda: [assessor.person_id],
            "add_award": lambda: [assessor.person_id],
            "give_approval": lambda: [assessor.person_id],
            "end_role": lambda: [assessor.pk],
            "file_certificate": lambda: [Award.objects.get(certificate=None, **own).pk],
            "award_certificate": lambda: [self.certified.pk],
            "authority": lambda: [assessor.person_id],
            "hand_over": lambda: [assessor.person_id],
            "note_competence": lambda: [assessor.person_id],
            "case": lambda: [self.appeal.pk],
            "case@malpractice": lambda: [self.malpractice.pk],
            "add_case_step": lambda: [self.appeal.pk],
            "close_case": lambda: [self.appeal.pk],
            "strike_out_award": lambda: [Award.objects.get(certificate=None, **own).pk],
            "end_approval": lambda: [UnitApproval.objects.get(unit=world.unit, **own).pk],
            "end_ev_access": lambda: [AccessGrant.objects.filter(person=world.ev.person).earliest("pk").pk],
            "portfolio": lambda: [world.portfolio.pk],
            "front_matter": lambda: [world.portfolio.pk],
            "change_front_matter": lambda: [world.portfolio.pk, "job-description"],
            "front_matter_file": lambda: [self.cv_file.pk],
            "front_matter_file@replaced": lambda: [self.old_cv_file.pk],
            "front_matter_file_variant": lambda: [self.cv_file.pk, "thumbnail"],
            "front_matter_file_page": lambda: [self.cv_file.pk, 1],
            "add_evidence": lambda: [world.portfolio.pk],
            "add_witness": lambda: [world.portfolio.pk],
            "change_witness": lambda: [self.witness.pk],
            "authenticate_witness": lambda: [self.witness.pk],
            "ask_witness": lambda: [self.testified.pk],
            "withdraw_testimony_request": lambda: [self.asked.pk],
            "testimony": lambda: [self.testified.current_version.testimony_id],
            "testify": lambda: [token_to_testify(self.asked)],
            "disown_testimony": lambda: [token_to_disown(self.testified.current_version.testimony)],
            "evidence": lambda: [self.offered.pk],
            "evidence@draft": lambda: [self.draft.pk],
            "change_evidence": lambda: [self.offered.pk],
            "claims": lambda: [self.offered.pk],
            "suggestions": lambda: [self.offered.pk],
            "instances": lambda: [self.named.record_id],
            "change_instance": lambda: [self.named.pk],
            "remove_instance": lambda: [self.named.pk],
            "offer": lambda: [self.draft.pk],
            "withdraw": lambda: [self.offered.pk],
            "add_missed_claim": lambda: [self.offered.pk],
            "judge": lambda: [self.offered.pk],
            "judge@draft": lambda: [self.draft.pk],
            **dict.fromkeys(("observe", "question", "agree_discussion"), lambda: [world.portfolio.pk]),
            **dict.fromkeys(("discussion", "hold_discussion", "call_off_discussion"), lambda: [self.discussion.pk]),
            **dict.fromkeys(("add_statement", "add_product_note"), lambda: [self.draft.pk]),
            **dict.fromkeys(
                ("method_record", "correct_method_record"), lambda: [self.signed.version.evidence_id, self.signed.pk]
            ),
            "method_record@note": lambda: [self.draft.pk, self.note.pk],
            "seen_at_work": lambda: [self.offered.pk],
            "remove_question": lambda: [self.question.pk],
            "evidence_file": lambda: [self.photo_file.pk],
            "evidence_file@draft": lambda: [self.draft.current_version.files.get().pk],
            "evidence_file_variant": lambda: [self.photo_file.pk, "thumbnail"],
            "evidence_file_page": lambda: [self.report_file.pk, 1],
            "registration": lambda: registration,
            "change_registration": lambda: registration,
            "change_status": lambda: registration,
            "reassign": lambda: registration,
            "add_unit": lambda: registration,
            "reassign_unit": lambda: record,
            "confirm_unit": lambda: record,
            "end_held_elsewhere": lambda: [self.held.pk],
            "end_environment": lambda: [self.environment.pk],
            "waive": lambda: [self.should_record.pk],
            "withdraw_waiver": lambda: [self.waiver.pk],
            "record": lambda: record,
            "record@trainees": lambda: [self.trainees.pk],
            "record@not-drawn": lambda: [world.other_registration.unit_records.get().pk],
            "sign": lambda: [*record, "candidate"],
            "sign@trainees": lambda: [self.trainees.pk, "assessor_countersignature"],
            "unlock@trainees": lambda: [self.trainees.pk],
            "sample": lambda: record,
            "withdraw_sample": lambda: record,
            "unlock": lambda: record,
            "history": lambda: record,
            "verification_run": lambda: [self.run.pk],
            "print_record": lambda: record,
            "print": lambda: [self.print.pk],
            "print_pdf": lambda: [self.print.pk],
            "check_print": lambda: [self.code],
            "check_print@unknown": lambda: [new_code()],
        }.get(address, list)()


def named_addresses() -> set[str]:
    """Every named address of ours: allauth's and the admin's are tested elsewhere, static files are public."""

    def walk(patterns: list[Any]) -> Iterator[str]:
        for one in patterns:
            if isinstance(one, URLResolver):
                if one.app_name != "admin":
                    yield from walk(one.url_patterns)
            elif isinstance(one, URLPattern) and one.name:
                yield one.name

    return {name for name in walk(get_resolver().url_patterns) if not name.startswith(("account_", "mfa_"))}


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    """Made once for all rows, and undone after the last: no row leaves anything behind."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Scene()
        transaction.set_rollback(True)


@pytest.mark.parametrize(("address", "method", "expected"), list(rows()), ids=[" ".join(row[:2]) for row in rows()])
def test_everybody_meets_what_the_table_says(scene: Scene, address: str, method: str, expected: dict[str, int]) -> None:
    url = reverse(address.partition("@")[0], args=scene.arguments(address))
    met = {}
    for who in PEOPLE:
        client = scene.world.client(None if who == "anonymous" else getattr(scene.world, who))
        with transaction.atomic():
            met[who] = getattr(client, method)(url, {"sent": "empty"} if method == "post" else {}).status_code
            transaction.set_rollback(True)
    assert met == expected


def test_no_address_is_missing_from_the_table() -> None:
    assert {address.partition("@")[0] for address, _, _ in rows()} == named_addresses()


def test_whoever_is_not_signed_in_is_sent_to_sign_in(scene: Scene) -> None:
    client = scene.world.client(None)
    for address, method, expected in rows():
        if expected["anonymous"] == 302:
            url = reverse(address.partition("@")[0], args=scene.arguments(address))
            assert getattr(client, method)(url)["location"].startswith(reverse("account_login")), address


def test_operators_see_the_design_page_and_the_admin_which_others_do_not(scene: Scene) -> None:
    operator = scene.world.other_candidate
    for is_staff, statuses in ((False, (404, 302)), (True, (200, 200))):
        operator.person.is_staff = operator.person.is_superuser = is_staff
        operator.person.save()
        client = scene.world.client(operator)
        assert (client.get(reverse("design")).status_code, client.get("/operators/").status_code) == statuses
