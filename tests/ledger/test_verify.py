"""Any tampering is found, at the right place; lawful disposal is not tampering."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import guard
from ledger.actions import dispose_note, seal_heads
from ledger.chains import HEADS, centre_chain
from ledger.events import EventType
from ledger.models import Chain, Event, Note
from ledger.queries import with_notes
from ledger.testing import ledger_open_for_tests
from ledger.verify import ChainReport, verify_all, verify_chain
from tests.ledger.conftest import ASSESSOR, CHAIN, append, undone

pytestmark = pytest.mark.engine("ledger")

LENGTH = 5
PROPERTY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def fill() -> list[Event]:
    append(centre_chain(9))
    return [append(revision=n, note=f"note {n}") for n in range(1, LENGTH + 1)]


def text(longest: int = 40) -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=longest)


HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
FORGERIES = st.one_of(
    st.tuples(st.just("sequence"), st.integers(LENGTH + 1, 2**40)),
    st.tuples(st.just("type"), st.one_of(text(), st.sampled_from(EventType.values))),
    st.tuples(st.just("at"), st.integers(-(10**15), 10**15).filter(bool).map(lambda n: timedelta(microseconds=n))),
    st.tuples(st.just("actor_id"), st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))),
    st.tuples(st.just("actor_role"), st.one_of(st.just(""), text())),
    st.tuples(st.just("subject"), text()),
    st.tuples(st.just("data"), st.dictionaries(text(), st.one_of(st.integers(-9, 9), text(), st.none()), max_size=3)),
    st.tuples(st.just("note_digest"), st.one_of(st.just(""), HEX)),
    st.tuples(st.just("previous"), HEX),
    st.tuples(st.just("digest"), HEX),
    st.tuples(st.just("chain"), st.just("centre:9")),
)  # fmt: skip


def test_every_field_of_an_event_is_forged_below() -> None:
    forged = {"sequence", "type", "at", "actor_id", "actor_role", "subject", "data", "note_digest"}
    forged |= {"previous", "digest", "chain"}
    assert {field.name for field in Event._meta.concrete_fields} - {"id"} == forged


@PROPERTY
@given(place=st.integers(1, LENGTH), forgery=FORGERIES)
def test_an_edited_field_is_found_where_it_is(db, place, forgery) -> None:
    field, value = forgery
    with undone():
        event = fill()[place - 1]
        if field == "at":
            value = event.at + value
        if field == "chain":
            value = Chain.objects.get(key=value)
        if getattr(event, field) == value:
            return
        if field == "previous" and place == 1:
            return  # The database's own constraint refuses a first event that follows another.
        changes = {field: value}
        if field == "chain":
            changes["sequence"] = 99  # Its own place is taken there.
        if "sequence" in changes:
            changes["previous"] = "0" * 64  # Or the same constraint would refuse it.
        with ledger_open_for_tests():
            Event.objects.filter(pk=event.pk).update(**changes)
        report = verify_chain(CHAIN)
    assert (report.state, report.broken_at) == ("broken", place), report


@PROPERTY
@given(place=st.integers(1, LENGTH), subject=text())
def test_an_edit_with_its_digest_made_to_fit_is_found_at_the_next_link(db, place, subject) -> None:
    with undone():
        event = fill()[place - 1]
        if event.subject == subject:
            return
        event.subject = subject
        event.digest = event.as_link(CHAIN).digest
        with ledger_open_for_tests():
            event.save()
        report = verify_chain(CHAIN)
    assert (report.state, report.broken_at) == ("broken", min(place + 1, LENGTH)), report


@PROPERTY
@given(place=st.integers(1, LENGTH), forged=text(), shifted=st.booleans())
def test_an_edited_note_is_found_at_its_event(db, place, forged, shifted) -> None:
    with undone():
        event = fill()[place - 1]
        note = Note.objects.get(digest=event.note_digest)
        if note.text == forged:
            return
        # Moving a letter from the text to the salt leaves their sum as it was.
        wrong = {"salt": note.salt[:31] + note.text[0], "text": note.text[1:]} if shifted else {"text": forged}
        with ledger_open_for_tests():
            Note.objects.filter(pk=note.pk).update(**wrong)
        report = verify_chain(CHAIN)
    assert (report.state, report.broken_at) == ("broken", place), report


@pytest.mark.parametrize("place", range(1, LENGTH + 1))
def test_a_lost_event_leaves_a_hole(db, place) -> None:
    event = fill()[place - 1]
    with ledger_open_for_tests():
        event.delete()
    report = verify_chain(CHAIN)
    assert (report.state, report.broken_at) == ("broken", place)


def test_a_lost_note_is_found(db) -> None:
    event = fill()[2]
    with ledger_open_for_tests():
        Note.objects.get(digest=event.note_digest).delete()
    assert verify_chain(CHAIN) == ChainReport(
        key=CHAIN, state="broken", events=3, broken_at=3, why="The event's note is missing."
    )


def test_two_events_that_changed_places_are_found(three_events) -> None:
    _, second, third = three_events
    with ledger_open_for_tests():
        Event.objects.filter(pk=second.pk).update(sequence=9)
        Event.objects.filter(pk=third.pk).update(sequence=2)
        Event.objects.filter(pk=second.pk).update(sequence=3)
    assert verify_chain(CHAIN).broken_at == 2


def test_a_chain_cut_short_with_its_end_made_to_fit_is_found_by_the_seal(three_events) -> None:
    seal_heads()
    _, second, third = three_events
    with ledger_open_for_tests():
        third.delete()
        Chain.objects.filter(key=CHAIN).update(length=2, head=second.digest, sealed_length=0)
    report = verify_chain(CHAIN)
    assert (report.state, report.broken_at, report.events) == ("broken", 3, 2)


def test_a_chain_written_anew_is_found_by_the_seal(three_events) -> None:
    seal_heads()
    with ledger_open_for_tests():
        Event.objects.filter(chain__key=CHAIN).delete()
        Chain.objects.filter(key=CHAIN).update(length=0, head="", sealed_length=0)
    for revision in [1, 2, 4]:
        append(revision=revision)
    report = verify_chain(CHAIN)
    assert (report.state, report.broken_at) == ("broken", 3)
    assert "sealed" in report.why


def test_a_chain_taken_away_whole_is_missed(three_events) -> None:
    seal_heads()
    with ledger_open_for_tests():
        Event.objects.filter(chain__key=CHAIN).delete()
        Chain.objects.filter(key=CHAIN).delete()
    reports = {report.key: report.state for report in verify_all()}
    assert reports == {CHAIN: "broken", HEADS: "sound"}


def test_an_edited_seal_breaks_the_chain_of_heads(three_events) -> None:
    seal_heads()
    with ledger_open_for_tests():
        Event.objects.filter(chain__key=HEADS).update(data={CHAIN: "nonsense"})
    assert {report.key: report.state for report in verify_all()} == {CHAIN: "sound", HEADS: "broken"}


def test_a_moved_head_is_found(three_events) -> None:
    with ledger_open_for_tests():
        Chain.objects.filter(key=CHAIN).update(head="0" * 64)
    assert verify_chain(CHAIN).broken_at == 3


@PROPERTY
@given(lengths=st.dictionaries(st.integers(1, 5), st.integers(1, 4), max_size=4), seals=st.integers(0, 2))
def test_whatever_is_written_the_lawful_way_is_sound(db, lengths, seals) -> None:
    with undone():
        for centre, length in lengths.items():
            for n in range(length):
                append(centre_chain(centre), revision=n, note="seen" if n % 2 else "")
            if seals:
                seal_heads()
        reports = list(verify_all())
    expected = {f"centre:{centre}": length for centre, length in lengths.items()}
    assert all(report.state == "sound" for report in reports)
    assert {report.key: report.events for report in reports if report.key != HEADS} == expected


def test_a_chain_that_never_was_is_no_chain(db) -> None:
    with pytest.raises(Chain.DoesNotExist):
        verify_chain("portfolio:404:404")


def test_walking_a_chain_takes_the_same_queries_however_long(three_events, django_assert_num_queries) -> None:
    for expected_length in (3, 6):
        with django_assert_num_queries(3):
            assert verify_chain(CHAIN).events == expected_length
        for _ in range(3):
            append()


# --- Disposal (R60) --------------------------------------------------------------------------------------------------


def test_disposal_empties_the_note_and_the_chain_still_verifies(three_events) -> None:
    second = three_events[1]
    told = dispose_note(event=second, by=ASSESSOR, reason="Three years have passed.")
    assert verify_chain(CHAIN) == ChainReport(key=CHAIN, state="disposed", events=4)
    note = Note.objects.get(digest=second.note_digest)
    assert (note.salt, note.text) == ("", "")
    assert note.disposed_at is not None
    assert (told.type, told.subject, told.actor_id) == (EventType.NOTE_DISPOSED, second.subject, ASSESSOR.pk)
    assert told.data == {"sequence": 2, "note_digest": second.note_digest}
    shown = with_notes(Event.objects.filter(pk__in=[second.pk, told.pk])).order_by("sequence")
    assert [(event.note, event.note_is_disposed) for event in shown] == [
        ("", True),
        ("Three years have passed.", False),
    ]


def test_disposal_is_refused_with_the_reason(three_events) -> None:
    first, second, _ = three_events
    with pytest.raises(ValueError, match="no note"):
        dispose_note(event=first, by=ASSESSOR, reason="why not")
    with pytest.raises(ValueError, match="Say why"):
        dispose_note(event=second, by=ASSESSOR, reason=" ")
    dispose_note(event=second, by=ASSESSOR, reason="asked for")
    with pytest.raises(ValueError, match="already"):
        dispose_note(event=second, by=ASSESSOR, reason="asked for")
    assert verify_chain(CHAIN).events == 4


def test_a_note_emptied_behind_the_ledgers_back_is_no_disposal(three_events) -> None:
    """The guard lets the change itself pass, so the chain must tell of it."""
    second = three_events[1]
    Note.objects.filter(digest=second.note_digest).update(salt="", text="", disposed_at=second.at)
    report = verify_chain(CHAIN)
    assert (report.state, report.broken_at) == ("broken", 2)
    assert "without a record" in report.why


# --- The command -----------------------------------------------------------------------------------------------------


def test_the_command_prints_a_line_for_each_chain(three_events) -> None:
    dispose_note(event=three_events[1], by=None, reason="asked for")
    append(centre_chain(1))
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert out.getvalue().splitlines() == [
        "sound     centre:1  1 events",
        f"disposed  {CHAIN}  4 events",
    ]


def test_the_command_fails_and_says_where(three_events) -> None:
    with ledger_open_for_tests():
        Event.objects.filter(pk=three_events[1].pk).update(subject="evidence:13")
    out = StringIO()
    with pytest.raises(CommandError, match="1 broken"):
        call_command("verify_ledger", CHAIN, stdout=out)
    assert out.getvalue() == f"broken    {CHAIN}  2 events, broken at 2: The event was changed after it was written.\n"


def test_the_command_misses_a_guard(db) -> None:
    guard.remove(connection)
    with pytest.raises(CommandError, match="faults beside them"):
        call_command("verify_ledger", stdout=StringIO())
    guard.install(connection)
    call_command("verify_ledger", stdout=StringIO())
