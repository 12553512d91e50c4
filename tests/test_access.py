"""One table of every address × every kind of person (docs/HOUSE.md, habit 9). No address may be missing from it.

Everybody in it owns something of their own (tests/evidence/builders.py), so that a refusal cannot pass for another
reason. 404: strangers find nothing. 403: a role that falls short, with the reason. 302: sent to sign in (anonymous), or
done. 405: not by reading. 422: a form sent empty.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access_scene import Scene

pytestmark = [pytest.mark.django_db, pytest.mark.engine("access")]

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

# One's own drawn signature: `candidate` keeps one.
drawn_signature      get  302 200 200 200 200 200 200 200 200 200 200
drawn_signature      post 302 422 422 422 422 422 422 422 422 422 422
own_drawing          get  302 200 404 404 404 404 404 404 404 404 404
own_drawing          post 302 405 405 405 405 405 405 405 405 405 405
remove_drawing       post 302 302 302 302 302 302 302 302 302 302 302
remove_drawing       get  302 405 405 405 405 405 405 405 405 405 405

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
withdraw_testimony_request get 302 405 405 405 405 405 405 405 405 405 405
testify              get  200 200 200 200 200 200 200 200 200 200 200
testify              post 422 422 422 422 422 422 422 422 422 422 422
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
# The drawing beside a signature on it: for the same people.
signature_drawing    get  302 404 404 200 404 200 200 404 404 200 404
signature_drawing    post 302 405 405 405 405 405 405 405 405 405 405
record@not-drawn     get  302 404 200 404 200 404 404 404 404 200 404
history              get  302 200 404 200 404 404 200 200 404 200 404
# 409: the right person, but not yet.
sign                 get  302 409 404 403 404 404 403 403 404 403 404
sign                 post 302 409 404 403 404 404 403 403 404 403 404
sign@trainees        get  302 404 404 200 404 200 403 404 404 403 404
sample               get  302 403 403 403 403 403 200 409 404 403 403
sample               post 302 403 403 403 403 403 422 302 404 403 403
withdraw_sample      get  302 403 403 403 403 403 409 200 404 403 404
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
robots               get  200 200 200 200 200 200 200 200 200 200 200
"""


def rows() -> Iterator[tuple[str, str, dict[str, int]]]:
    """The table: address with its variant, method, and the status that each person meets."""
    for line in TABLE.strip().splitlines():
        if line and not line.startswith("#"):
            address, method, *statuses = line.split()
            assert len(statuses) == len(PEOPLE), line
            yield address, method, dict(zip(PEOPLE, map(int, statuses), strict=True))


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
