"""Anyone can check a print: its code leads to what stood on it, and to what has become of the record since (R66)."""

import io
import logging
import re
from collections.abc import Callable
from unittest import mock

import pytest
import segno
from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from centres.models import User
from evidence.models import Claim, Evidence, EvidenceVersion
from files.models import Blob
from ledger.anchors import read_anchor
from ledger.canonical import digest
from ledger.verify import verify_chain
from nvq_portfolio.logs import WithoutLinks
from proof.checking import Standing, confirmed_by
from records.actions import ask_for_print, make_print
from records.codes import LENGTH, check_mark, digest_of_code, new_code, read_code, spelled
from records.models import PrintedRecord
from registrations.models import UnitRecord
from signoff.actions import mark_sample, unlock
from signoff.models import Signature, Slot
from tests.evidence.builders import World, add_offered_item
from tests.journeys.papers import a_pdf
from tests.signoff.builders import candidate_signed, complete, confirm_sufficient, judge, ready, sign_line

SIGNS = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=LENGTH, max_size=LENGTH)


@pytest.fixture(autouse=True)
def _nobody_has_tried_yet() -> None:
    cache.clear()


def print_of(world: World) -> str:
    """The code on a fresh print of the world's record. The PDF itself is made in the tests that read it."""
    code = new_code()
    asked = ask_for_print(record_id=world.record.pk, by=world.candidate)
    with (
        mock.patch("records.actions.new_code", return_value=code),
        mock.patch("records.actions.unit_record_pdf", return_value=a_pdf()),
    ):
        make_print(asked.pk)
    return code


def page_of(code: str, *, status: int = 200) -> str:
    answer = Client().get(f"/check/{code}/")
    assert answer.status_code == status
    return answer.content.decode()


# --- Codes -----------------------------------------------------------------------------------------------------------


def test_codes_are_128_random_bits_that_can_be_typed():
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(re.fullmatch(r"[0-7][0-9A-Z]{4}(-[0-9A-Z]{5}){3}-[0-9A-Z]{6}", code) for code in codes)
    with mock.patch("secrets.randbits", return_value=2**128 - 1) as bits:
        assert new_code() == spelled("7" + "Z" * 25)
    bits.assert_called_once_with(128)


@given(signs=SIGNS, typed=st.randoms(use_true_random=False))
def test_a_code_is_read_however_it_is_typed(signs: str, typed):
    looks_like = {"0": "0Oo", "1": "1IiLl"}
    typed_so = "".join(
        typed.choice(["", " ", "-", " – "]) + typed.choice(looks_like.get(sign, sign + sign.lower())) for sign in signs
    )
    assert read_code(typed_so) == spelled(signs)


@pytest.mark.parametrize("typed", ["", " ", "0" * 25, "0" * 27, "U" * 26, "é" * 26, "../" * 9, "²" * 26])
def test_what_can_be_no_code_is_none(typed: str):
    assert read_code(typed) is None


def test_the_code_itself_is_not_stored(world: World):
    code = print_of(world)
    row = PrintedRecord.objects.values().get()
    assert code not in str(row)
    assert row["code_digest"] == digest_of_code(code)


# --- What the page says ----------------------------------------------------------------------------------------------


def add_something(world: World) -> None:
    add_offered_item(world)


def nothing(world: World) -> None:
    return


def assessor_signs(world: World) -> None:
    sign_line(world.record, Slot.ASSESSOR, by=world.assessor)


def candidate_signs(world: World) -> None:
    sign_line(world.record, Slot.CANDIDATE, by=world.candidate)


def ivs_sample(world: World) -> None:
    mark_sample(record_id=world.record.pk, reason="Ten per cent", by=world.iv)
    sign_line(world.record, Slot.IV, by=world.iv)


def judge_all(world: World) -> None:
    for evidence in Evidence.objects.filter(portfolio=world.record.portfolio):
        judge(evidence, by=world.assessor)
    ready(world)


def unlocked(world: World) -> None:
    unlock(record_id=world.record.pk, reason="Wrong", by=world.coordinator)


def unlocked_and_signed_again(world: World) -> None:
    unlocked(world)
    confirm_sufficient(world.record, by=world.assessor)
    sign_line(world.record, Slot.CANDIDATE, by=world.candidate)


def evidence_edited_behind_our_back(world: World) -> None:
    EvidenceVersion.objects.update(title="Something better")


def signature_edited_behind_our_back(world: World) -> None:
    Signature.objects.update(printed_name="Somebody Else")


def signature_gone(world: World) -> None:
    Signature.objects.all().delete()


def digest_of_the_print_edited(world: World) -> None:
    PrintedRecord.objects.update(record_digest="0" * 64)


def print_itself_edited(world: World) -> None:
    PrintedRecord.objects.update(signature_ids=[])


def print_given_another_file(world: World) -> None:
    Blob.objects.filter(pk=PrintedRecord.objects.get().blob_id).update(sha256="0" * 64)


def unlocked_and_made_to_stand_again(world: World) -> None:
    unlocked(world)
    Signature.objects.update(voided_at=None, voided_by=None)


def state_edited_behind_our_back(world: World) -> None:
    UnitRecord.objects.filter(pk=world.record.pk).update(state="verified")


STORIES: list[tuple[Callable[[World], object], Callable[[World], None], Standing, str]] = [
    (ready, nothing, Standing.SAME, "A draft: nothing on this print is signed"),
    (ready, add_something, Standing.CHANGED, "The record has changed since it was printed."),
    (candidate_signed, nothing, Standing.SAME, "Genuine, and unchanged"),
    (candidate_signed, assessor_signs, Standing.SIGNED_FURTHER, "Genuine, and signed further since"),
    (candidate_signed, unlocked, Standing.UNLOCKED, "This print no longer holds"),
    (candidate_signed, unlocked_and_signed_again, Standing.UNLOCKED, "Void since"),
    (complete, evidence_edited_behind_our_back, Standing.BROKEN, "We cannot vouch for this print"),
    (complete, signature_edited_behind_our_back, Standing.BROKEN, "We cannot vouch for this print"),
    (complete, signature_gone, Standing.BROKEN, "We cannot vouch for this print"),
    (complete, digest_of_the_print_edited, Standing.BROKEN, "We cannot vouch for this print"),
    (complete, print_itself_edited, Standing.BROKEN, "We cannot vouch for this print"),
    (complete, print_given_another_file, Standing.BROKEN, "We cannot vouch for this print"),
    (complete, unlocked_and_made_to_stand_again, Standing.BROKEN, "We cannot vouch for this print"),
    (complete, state_edited_behind_our_back, Standing.BROKEN, "We cannot vouch for this print"),
    (ready, digest_of_the_print_edited, Standing.BROKEN, "We cannot vouch for this print"),
]


@pytest.mark.parametrize(
    ("reach", "then", "standing", "says"), STORIES, ids=[f"{one.__name__}-{two.__name__}" for one, two, *_ in STORIES]
)
def test_the_page_says_what_has_become_of_the_record(world: World, reach, then, standing: Standing, says: str):
    reach(world)
    code = print_of(world)
    then(world)
    assert confirmed_by(code).standing == standing
    page = page_of(code)
    assert says in page
    assert "Carla Candidate" in page
    assert "304" in page
    assert PrintedRecord.objects.get().record_digest in page


@pytest.mark.stage(reach=complete)
def test_the_candidate_stands_as_they_signed_whatever_the_account_says_now(world: World):
    code = print_of(world)
    User.objects.filter(pk=world.candidate.person_id).update(name="Mallory Impostor")
    found, page = confirmed_by(code), page_of(code)
    assert found.candidate == "Carla Candidate"
    assert found.standing == Standing.SAME
    assert "<h1>Unit 304 of Carla Candidate</h1>" in page
    assert "Mallory" not in page


@pytest.mark.stage(reach=complete)
def test_signers_stand_with_line_date_and_digest(world: World):
    record = world.record
    code = print_of(world)
    found = confirmed_by(code)
    assert [(one.line, one.name) for one in found.signers] == [
        ("Signature of candidate", "Carla Candidate"),
        ("Signature of assessor", "Anna Assessor"),
    ]
    page = page_of(code)
    for signature in Signature.objects.filter(record=record):
        assert f"{signature.signed_at:%d/%m/%Y}" in page
        assert signature.snapshot_digest in page
    assert (found.state_then, found.state_now) == ("Complete", "Complete")


@pytest.mark.stage(reach=complete)
def test_the_digest_printed_is_the_one_that_every_signature_covers(world: World):
    record = world.record
    print_of(world)
    printed = PrintedRecord.objects.get().record_digest
    assert [digest(signature.snapshot["record"]) for signature in Signature.objects.filter(record=record)] == [
        printed,
        printed,
    ]


@pytest.mark.stage(reach=ready)
def test_a_print_after_the_evidence_changed_has_another_digest_and_code(world: World):
    """A file that was exchanged under the same title is another record, though the paper looks alike."""
    first = print_of(world)
    again = ask_for_print(record_id=world.record.pk, by=world.candidate)
    assert again.code_digest == digest_of_code(first)
    Claim.objects.filter(pk=Claim.objects.earliest("pk").pk).update(locator="page 2")
    assert ask_for_print(record_id=world.record.pk, by=world.candidate) != again


# --- Who holds no code learns nothing --------------------------------------------------------------------------------


def test_every_code_that_opens_nothing_gets_the_same_answer(world: World, django_assert_num_queries):
    print_of(world)
    answers = {page_of(code, status=404) for code in (new_code(), new_code(), "nonsense", "U" * 26)}
    assert len(answers) == 1
    assert "Carla" not in answers.pop()
    with django_assert_num_queries(1):
        page_of(new_code(), status=404)


def assert_private(answer) -> None:
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "strict-origin"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/check/", 200),
        ("get", "/check/{code}/", 200),
        ("head", "/check/{code}/", 200),
        ("get", "/check/nonsense/", 404),
        ("get", "/check/{code}/more/", 404),
        ("get", "/check", 301),
        ("get", "/check/{code}", 301),
        ("post", "/check/{code}/", 405),
        ("put", "/check/{code}/", 405),
        ("options", "/check/", 405),
        ("post", "/check/", 422),
    ],
)
def test_nobody_lists_or_keeps_the_page(world: World, method: str, path: str, status: int):
    """Whoever answers: the view, or what stands before it."""
    answer = getattr(Client(), method)(path.format(code=print_of(world)))
    assert answer.status_code == status
    assert_private(answer)
    if status == 200 and method == "get":
        assert '<meta name="robots" content="noindex, nofollow">' in answer.content.decode()


def test_other_pages_are_not_touched_and_robots_are_sent_away(db):
    assert "X-Robots-Tag" not in Client().get("/accounts/login/").headers
    answer = Client().get("/robots.txt")
    assert (answer.headers["Content-Type"], answer.content) == ("text/plain", b"User-agent: *\nDisallow: /\n")


def test_too_many_tries_are_put_off_and_the_right_code_with_them(world: World):
    code, client = print_of(world), Client()
    assert [client.get(f"/check/{new_code()}/").status_code for _ in range(60)] == [404] * 60
    assert client.get("/check/").status_code == 200, "an empty form tells nothing"
    for answer in (client.get(f"/check/{code}/"), client.post("/check/", {"code": code})):
        assert answer.status_code == 429
        assert f'value="{code}"' in answer.content.decode(), "what was typed is lost"
        assert_private(answer)
        assert "Too many tries" in answer.content.decode()
        assert "Carla" not in answer.content.decode()


def test_a_typed_code_leads_to_its_page(world: World):
    code = print_of(world)
    answer = Client().post("/check/", {"code": f"  {code.lower().replace('-', ' ')} "})
    assert answer.headers["Location"] == f"/check/{code}/"
    for typed, says in (("", "Type the code that stands on the print."), ("abc", "26 letters and figures")):
        answer = Client().post("/check/", {"code": typed})
        assert answer.status_code == 422
        assert says in answer.content.decode()


def test_the_log_holds_no_codes():
    code = new_code()
    told = logging.LogRecord(
        "django.request", logging.WARNING, __file__, 1, "Not Found: %s", (f"/check/{code}/",), None
    )
    assert WithoutLinks().filter(told)
    assert told.getMessage() == "Not Found: /check/[key]/"


def test_the_page_takes_the_same_queries_for_few_claims_and_many(world: World, django_assert_num_queries):
    for criteria in (world.criteria[:1], world.criteria[1:4]):
        add_offered_item(world, criteria)
        code = print_of(world)
        with django_assert_num_queries(16):
            page_of(code)
    judge_all(world)
    for reach in (candidate_signs, assessor_signs, ivs_sample):
        reach(world)
        code = print_of(world)
        with django_assert_num_queries(16):
            page_of(code)


# --- The paper -------------------------------------------------------------------------------------------------------


def paper_of(world: World) -> tuple[PrintedRecord, str]:
    asked = ask_for_print(record_id=world.record.pk, by=world.candidate)
    make_print(asked.pk)
    asked.refresh_from_db()
    with default_storage.open(asked.blob.stored_as) as file:
        reader = PdfReader(io.BytesIO(file.read()))
    return asked, re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))


@pytest.mark.pdf
@pytest.mark.stage(reach=complete)
def test_the_paper_carries_code_digest_and_ledger_entries(world: World):
    record = world.record
    asked, text = paper_of(world)
    code = re.search(r"[0-9A-Z]{5}(-[0-9A-Z]{5}){3}-[0-9A-Z]{6}", text)[0]
    assert confirmed_by(code).print == asked
    assert "/check/" in text
    joined = text.replace(" ", "")
    assert asked.record_digest in joined
    assert "Anyone can check this print." in text
    entries = [read_anchor(found) for found in re.findall(r"portfolio:\d+:\d+/\d+/[0-9a-f]{64}", joined)]
    assert len(entries) == 2
    assert {entry.chain for entry in entries} == {record.portfolio.chain}
    assert verify_chain(record.portfolio.chain, kept=entries).state == "sound"


@pytest.mark.pdf
@pytest.mark.stage(reach=ready)
def test_a_draft_says_that_nothing_is_signed(world: World):
    assert "A draft: nothing on it is signed." in paper_of(world)[1]


def test_the_square_pattern_is_drawn_whole():
    """Each dark square of the QR code is covered by a bar of the path, and no light one."""
    code = new_code()
    mark = check_mark(code)
    dark = set()
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", mark.path):
        dark |= {(int(x) + step, int(y)) for step in range(int(length))}
    matrix = segno.make(f"{settings.SITE_URL}/check/{code}/", error="m", micro=False).matrix
    assert dark == {(x, y) for y, row in enumerate(matrix) for x, square in enumerate(row) if square}
    assert mark.side == len(matrix)
