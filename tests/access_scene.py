"""What the table of tests/test_access.py speaks of: everything that an address can be asked for, made once."""

import json
from io import BytesIO
from typing import Any
from unittest import mock

from assessment.questions.actions import add_question
from centres.authority.actions import record_award
from centres.environments.actions import record_environment
from centres.models import AccessGrant, Award, Role, UnitApproval
from centres.people import actions as people
from centres.people.invitations import token_for
from centres.standards.actions import hand_in_standard
from evidence.models import EvidenceFile
from evidence.testimonies.links import token_to_disown, token_to_testify
from files.actions import prepare
from ledger.chains import centre_chain
from proof.runs import start_verification
from records.actions import ask_for_print, make_print
from records.codes import new_code
from registrations.cases.actions import open_appeal, open_case
from registrations.held_elsewhere.actions import confirm_held_elsewhere
from signoff.actions import mark_sample
from signoff.models import Slot
from tests.centres.drawings import keep_drawing
from tests.evidence.builders import add_a_witness, add_item, add_offered_item, claim, hand_in, make_world, today
from tests.evidence.front_pages import write_front_matter
from tests.evidence.naming import name_it, record_of
from tests.evidence.other_units import waived_record_of
from tests.evidence.signed_records import agree, note
from tests.evidence.signed_records import sign as sign_method_record
from tests.evidence.testifying import ask, offered_testimony
from tests.journeys.papers import a_pdf
from tests.signoff.builders import sign_line, trainee_ready
from tests.units.kinds_of_items import standard_of_all_kinds
from tests.units.workbooks import cell, spoilt
from units.actions import load_standard
from units.models import Unit


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
        keep_drawing(world.candidate)
        self.trainees = trainee_ready(world)
        drawing = keep_drawing(world.trainee_candidate).blob
        self.decorated = sign_line(
            self.trainees, Slot.CANDIDATE, by=world.trainee_candidate, seen_drawing=drawing.sha256
        )
        sign_line(self.trainees, Slot.ASSESSOR, by=world.trainee)
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
        load_standard(document=own, owner=owner)
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
            "signature_drawing": lambda: [self.decorated.pk],
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
