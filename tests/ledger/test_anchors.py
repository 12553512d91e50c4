"""Heads kept outside the system find what the ledger itself can no longer tell; seals are the key's own (R66)."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ledger.actions import seal_heads
from ledger.anchors import Anchor, read_anchor
from ledger.chains import HEADS
from ledger.models import Chain, Event
from ledger.testing import ledger_open_for_tests
from ledger.verify import verify_all, verify_chain
from tests.ledger.conftest import CHAIN, append


def cut_off(event: Event, *, new_head: str) -> None:
    """Take the last event away, and whatever else tells of it: the chain's end and all seals."""
    with ledger_open_for_tests():
        event.delete()
        Event.objects.filter(chain__key=HEADS).delete()
        Chain.objects.filter(key=HEADS).delete()
        Chain.objects.filter(key=CHAIN).update(length=event.sequence - 1, head=new_head, sealed_length=0)


def test_a_tail_cut_off_with_everything_that_tells_of_it_is_found_by_a_kept_head_only(three_events) -> None:
    seal_heads()
    _, second, third = three_events
    kept = third.as_anchor(CHAIN)
    cut_off(third, new_head=second.digest)
    assert verify_chain(CHAIN).state == "sound"
    assert [report.state for report in verify_all()] == ["sound"]
    report = verify_chain(CHAIN, kept=[kept])
    assert (report.state, report.broken_at, report.why) == ("broken", 3, "Events are missing at the end.")
    assert [(report.key, report.state) for report in verify_all(kept=[kept])] == [(CHAIN, "broken")]


def test_a_tail_written_anew_is_found_by_a_kept_head(three_events) -> None:
    _, second, third = three_events
    kept = third.as_anchor(CHAIN)
    cut_off(third, new_head=second.digest)
    append(revision=9)
    append(revision=10)
    assert verify_chain(CHAIN).state == "sound"
    report = verify_chain(CHAIN, kept=[kept])
    assert (report.broken_at, report.why) == (3, "The event is not the one that was kept outside the system.")


def test_a_chain_taken_away_whole_is_missed_by_who_kept_its_head(three_events) -> None:
    kept = three_events[0].as_anchor(CHAIN)
    with ledger_open_for_tests():
        Event.objects.all().delete()
        Chain.objects.all().delete()
    assert list(verify_all()) == []
    (report,) = verify_all(kept=[kept])
    assert (report.key, report.why) == (CHAIN, "The chain is missing.")


def test_a_true_head_breaks_nothing(three_events) -> None:
    append()
    assert verify_chain(CHAIN, kept=[event.as_anchor(CHAIN) for event in three_events]).state == "sound"


@pytest.mark.parametrize(
    "typed",
    [
        "{}",
        " {} ",
        "{}.",
        "{}\n",
        "PORTFOLIO:1:2/3/" + "AB" * 32,
        "portfolio:1:2 / 3 /\n" + "ab" * 16 + "\n" + "ab" * 16,
    ],
)
def test_a_head_is_read_however_it_was_copied(typed: str) -> None:
    anchor = Anchor(chain="portfolio:1:2", sequence=3, digest="ab" * 32)
    assert read_anchor(typed.format(anchor)) == anchor


@pytest.mark.parametrize(
    "typed", ["", "nonsense", "portfolio:1:2/3", "portfolio:1:2/0/" + "ab" * 32, "portfolio:1:2/3/" + "ab" * 31 + "a"]
)
def test_what_is_not_whole_is_said_to_be_so(typed: str) -> None:
    with pytest.raises(ValueError, match="not a whole ledger entry"):
        read_anchor(typed)


# --- Seals are signed ------------------------------------------------------------------------------------------------


def forge(seal: Event, **changes: object) -> None:
    """Change a seal and make everything fit that needs no key."""
    seal.data = {**seal.data, **changes}
    seal.digest = seal.as_link(HEADS).digest
    with ledger_open_for_tests():
        seal.save()
        Chain.objects.filter(key=HEADS).update(head=seal.digest)


def test_a_seal_is_signed_and_holds(three_events) -> None:
    seal_heads()
    assert verify_chain(HEADS).state == "sound"


@pytest.mark.parametrize(
    "forged",
    [{"centre:9": [1, "0" * 64]}, {"signed": {}}, {"signed": {"key_signature": "00", "key_fingerprint": "00"}}],
)
def test_a_seal_forged_with_its_chain_made_to_fit_lacks_the_key(three_events, forged: dict[str, object]) -> None:
    forge(seal_heads(), **forged)
    report = verify_chain(HEADS)
    assert (report.broken_at, report.why) == (1, "The key’s signature on the seal is not genuine.")
    with pytest.raises(CommandError):
        call_command("verify_ledger", stdout=StringIO())


def test_checking_many_seals_takes_queries_by_the_hundred(three_events, django_assert_num_queries) -> None:
    """Chains by key, seals with their chains and events, keys; chain and events of each of two chains."""
    for _ in range(2):
        append()
        seal_heads()
        with django_assert_num_queries(13):
            assert {report.state for report in verify_all()} == {"sound"}
