"""Appending: what an event holds, what is refused, and that it stands or falls with its action."""

from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
from django.db import transaction

from ledger import actions
from ledger.actions import seal_heads
from ledger.chains import HEADS, INSTALLATION, centre_chain, portfolio_chain
from ledger.events import EventType
from ledger.links import Link
from ledger.models import Chain, Event, Note
from ledger.queries import events_about, events_in, with_notes
from ledger.seals import heads_in
from ledger.testing import (
    LedgerWriteFailed,
    actions_of,
    events_written,
    expect_events,
    failing_ledger,
)
from tests.ledger.conftest import ASSESSOR, CHAIN, Somebody, append, record, undone

pytestmark = pytest.mark.engine("ledger")

ARGUMENTS = {"type": EventType.CLAIM_MADE, "chain": CHAIN, "subject": "claim:1", "by": ASSESSOR}


def test_an_event_follows_the_one_before(three_events) -> None:
    first, second, third = three_events
    assert [event.sequence for event in three_events] == [1, 2, 3]
    assert (first.previous, second.previous, third.previous) == ("", first.digest, second.digest)
    chain = Chain.objects.get(key=CHAIN)
    assert (chain.length, chain.head) == (3, third.digest)


def test_an_event_comes_back_as_it_was_returned(three_events) -> None:
    for returned in three_events:
        stored = Event.objects.get(pk=returned.pk)
        assert stored.as_link(CHAIN) == returned.as_link(CHAIN)
        assert stored.as_link(CHAIN).digest == stored.digest


def test_the_digest_is_the_one_written_down_here() -> None:
    """Pinned: a change of spelling would make every ledger already written unreadable."""
    link = Link(
        chain="portfolio:1:2",
        sequence=2,
        type="evidence_added",
        at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
        actor_id=7,
        actor_role="candidate",
        subject="evidence:12",
        data={"methods": ["OB", "WT"], "title": "Café display", "is_simulated": False},
        note_digest="",
        previous="ab" * 32,
    )
    spelled = (
        '{"actor_id":7,"actor_role":"candidate","at":"2026-03-01T09:30:00.000000+00:00","chain":"portfolio:1:2",'
        '"data":{"is_simulated":false,"methods":["OB","WT"],"title":"Café display"},"form":1,"note_digest":"",'
        f'"previous":"{"ab" * 32}","sequence":2,"subject":"evidence:12","type":"evidence_added"}}'
    )
    assert link.digest == sha256(spelled.encode("utf-8")).hexdigest()


def test_chains_do_not_touch_each_other(db) -> None:
    other = append(centre_chain(1))
    assert append(CHAIN).sequence == 1
    assert append(CHAIN).sequence == 2
    assert Chain.objects.get(key="centre:1").head == other.digest


def test_the_keys_of_chains() -> None:
    assert portfolio_chain(centre_id=3, candidate_id=44) == "portfolio:3:44"
    assert centre_chain(3) == "centre:3"
    assert len({INSTALLATION, HEADS, centre_chain(1), portfolio_chain(centre_id=1, candidate_id=1)}) == 4
    for missing in [None, 0, -1, "3", True]:
        with pytest.raises(ValueError, match="saved rows"):
            centre_chain(missing)
        with pytest.raises(ValueError, match="saved rows"):
            portfolio_chain(centre_id=1, candidate_id=missing)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"type": "claim_invented"}, "not a valid EventType"),
        ({"chain": ""}, "needs a chain"),
        ({"chain": "c" * 81}, "longer than 80"),
        ({"subject": ""}, "kind and an id"),
        ({"subject": "evidence"}, "kind and an id"),
        ({"subject": "evidence:"}, "kind and an id"),
        ({"subject": "evidence:None"}, "kind and an id"),
        ({"subject": "evidence:" + "1" * 80}, "longer than 80"),
        ({"role": "r" * 41}, "longer than 40"),
        ({"by": Somebody(pk=None)}, "has none"),
        ({"note": "  \n"}, "says something"),
        ({"note": "zero\0byte"}, "cannot be stored"),
        ({"note": "half \ud83d a pair"}, "cannot be stored"),
        ({"data": {"share": 0.5}}, "float"),
        ({"data": {"deep": [{"share": float("nan")}]}}, r"data\['deep'\]\[0\]\['share'\] is a float"),
        ({"data": {"on": date(2026, 1, 1)}}, "is a date"),
        ({"data": {"ids": {1, 2}}}, "is a set"),
        ({"data": {"ids": {1: "one"}}}, "not text"),
        ({"data": {"story": "s" * 201}}, "belongs in the note"),
        ({"data": {"k" * 201: 1}}, "belongs in the note"),
        ({"data": {"zero": "\0"}}, "cannot be stored"),
        ({"data": {"half": "\udc00"}}, "cannot be stored"),
        ({"data": {"big": 2**63}}, "too large"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(db, changed, reason) -> None:
    with pytest.raises(ValueError, match=reason), transaction.atomic():
        record(**{**ARGUMENTS, **changed})
    assert not Event.objects.exists()
    assert not Note.objects.exists()


def test_data_of_every_allowed_kind_comes_back(db) -> None:
    data = {"n": None, "t": True, "i": -(2**63 - 1), "s": "s" * 200, "l": [1, ["é", "😀"]], "d": {"b": 1, "a": 2}}
    with transaction.atomic():
        event = record(**ARGUMENTS, data={**data, "tuple": (1, 2)})
    assert event.data == Event.objects.get(pk=event.pk).data == {**data, "tuple": [1, 2]}


@pytest.mark.django_db(transaction=True)
def test_an_event_needs_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="in the transaction of the action"):
        record(**ARGUMENTS)
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_falls_with_its_action(settings) -> None:
    settings.LEDGER_LISTENERS = ["tests.ledger.test_record.listener"]
    listener.heard.clear()
    append()
    with undone():
        record(**ARGUMENTS, note="said in vain")
    assert [event.sequence for event in events_in(CHAIN)] == [1]
    assert Chain.objects.get(key=CHAIN).length == 1
    assert not Note.objects.exists()
    assert listener.heard == [CHAIN]


class _Listener:
    """Stands in for a task of another room."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def enqueue(self, chain: str) -> None:
        self.heard.append(chain)


listener = _Listener()


@pytest.mark.django_db(transaction=True)
def test_listeners_hear_once_of_each_chain_after_the_commit(settings) -> None:
    settings.LEDGER_LISTENERS = ["tests.ledger.test_record.listener"]
    listener.heard.clear()
    with transaction.atomic():
        for chain in [CHAIN, CHAIN, centre_chain(1), CHAIN]:
            record(**{**ARGUMENTS, "chain": chain})
        assert listener.heard == []
    assert listener.heard == [CHAIN, centre_chain(1)]


@pytest.mark.django_db(transaction=True)
def test_listeners_hear_though_an_earlier_append_was_undone(settings) -> None:
    """One queueing per chain must not be the one that a failed inner step takes away with it."""
    settings.LEDGER_LISTENERS = ["tests.ledger.test_record.listener"]
    listener.heard.clear()
    with transaction.atomic():
        with undone():
            record(**ARGUMENTS)
        record(**ARGUMENTS)
    assert listener.heard == [CHAIN]


def heads_of(seal: Event) -> dict[str, tuple[int, str]]:
    return {head.chain: (head.sequence, head.digest) for head in heads_in(seal)}


def test_seals_hold_what_has_grown_since_the_last(three_events) -> None:
    centre = append(centre_chain(1))
    assert heads_of(seal_heads()) == {CHAIN: (3, three_events[-1].digest), "centre:1": (1, centre.digest)}
    assert seal_heads() is None
    fourth = append()
    assert heads_of(seal_heads()) == {CHAIN: (4, fourth.digest)}
    assert [event.sequence for event in events_in(HEADS)] == [1, 2]


def test_reading_with_notes_takes_one_query(three_events, django_assert_num_queries) -> None:
    append(subject="evidence:99")
    with django_assert_num_queries(1):
        about = list(with_notes(events_about("evidence:12")))
    assert [(event.note, event.note_is_disposed) for event in about] == [
        ("", False),
        ("Mrs Patel saw it.", False),
        ("", False),
    ]
    assert [event.subject for event in events_in(CHAIN)] == ["evidence:12"] * 3 + ["evidence:99"]
    assert about[0].label == "Evidence changed"


def test_an_event_of_a_later_version_still_has_a_label() -> None:
    assert Event(type="moon_landed").label == "moon_landed"


def test_the_list_of_types_is_in_words_and_fits() -> None:
    assert all(type.label[0].isupper() and type.value == type.name.lower() for type in EventType)
    assert max(len(type.value) for type in EventType) <= Event._meta.get_field("type").max_length


# --- Aids for other rooms --------------------------------------------------------------------------------------------


def test_expected_events_are_compared_in_order(db) -> None:
    with expect_events(EventType.EVIDENCE_CHANGED, EventType.CLAIM_MADE) as events:
        append()
        record(**ARGUMENTS)
    assert [event.chain.key for event in events] == [CHAIN, CHAIN]
    with pytest.raises(AssertionError, match="but the ledger got \\[\\]"), expect_events(EventType.CLAIM_MADE):
        pass
    with events_written() as events:
        pass
    assert events == []


def test_a_failing_ledger_fails_the_action(db) -> None:
    with failing_ledger(), pytest.raises(LedgerWriteFailed):
        append()
    assert not Event.objects.exists()
    assert append().sequence == 1


def test_actions_are_found_by_their_actor() -> None:
    assert set(actions_of(actions)) == {"tell", "dispose_note"}


def test_one_append_takes_a_fixed_number_of_queries(three_events, django_assert_num_queries) -> None:
    """Lock, insert, move the head, and the savepoint of the action around them."""
    with django_assert_num_queries(5):
        append()
