"""A coordinator has their centre verified in the background, sees how far it is, and what came of it (R66)."""

from datetime import timedelta
from unittest import mock

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from evidence.models import Claim
from ledger.chains import HEADS, centre_chain
from ledger.events import EventType
from ledger.models import Chain, Event
from ledger.queries import events_in
from ledger.testing import LedgerWriteFailed, expect_events, failing_ledger, ledger_open_for_tests
from proof.models import RunState, VerificationRun
from proof.runs import run_verification, start_verification
from signoff.models import Signature
from tests.evidence.builders import World
from tests.signoff.builders import complete

pytestmark = pytest.mark.engine("order")


def start(world: World, anchor: str = "") -> VerificationRun:
    with expect_events(EventType.VERIFICATION_RUN):
        return start_verification(anchor=anchor, by=world.coordinator)


def finished(run: VerificationRun) -> VerificationRun:
    with expect_events(EventType.VERIFICATION_RUN):
        run_verification(run.pk)
    run.refresh_from_db()
    return run


@pytest.mark.stage(reach=complete)
def test_a_centre_where_nothing_was_touched_holds(world: World):
    run = finished(start(world))
    assert (run.state, run.fault_count, run.first_faults) == (RunState.SOUND, 0, [])
    assert run.checked == run.to_check > 0
    told = events_in(centre_chain(world.centre.pk)).filter(type=EventType.VERIFICATION_RUN)
    assert [event.data["state"] for event in told] == ["waiting", "sound"]


@pytest.mark.stage(reach=complete)
def test_the_first_differences_are_named_in_plain_words(world: World):
    claim = Claim.objects.earliest("pk")
    Claim.objects.filter(pk=claim.pk).update(locator="page 99")
    run = finished(start(world))
    assert run.state == RunState.BROKEN
    page = world.client(world.coordinator).get(f"/verify/{run.pk}/").content.decode()
    assert "Something does not hold" in page
    assert f"the record has changed since: claims E1 against {claim.label}: place" in page


@pytest.mark.stage(reach=complete)
def test_another_centres_fault_is_not_shown(world: World):
    Claim.objects.filter(pk=Claim.objects.earliest("pk").pk).update(locator="page 99")
    run = start_verification(anchor="", by=world.foreign_coordinator)
    run_verification(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.SOUND


@pytest.mark.stage(reach=complete)
def test_a_tail_that_was_cut_off_is_found_with_the_entry_from_a_printout_only(world: World):
    record = world.record
    chain = Chain.objects.get(key=record.portfolio.chain)
    last = events_in(chain.key).last()
    anchor = str(last.as_anchor(chain.key))
    assert finished(start(world, anchor)).state == RunState.SOUND
    assert last.type == EventType.RECORD_SIGNED
    with ledger_open_for_tests():
        Signature.objects.filter(record=record).get(pk=last.data["signature"]).delete()
        record.state, record.completed_at = "candidate_signed", None
        record.save()
        last.delete()
        Chain.objects.filter(pk=chain.pk).update(length=last.sequence - 1, head=last.previous, sealed_length=0)
        Event.objects.filter(chain__key=HEADS).delete()
        Chain.objects.filter(key=HEADS).delete()
    assert finished(start(world)).state == RunState.SOUND
    run = finished(start(world, anchor))
    assert run.state == RunState.BROKEN
    assert run.first_faults == [
        {"what": f"{chain.key} at {last.sequence}", "why": "Events are missing at the end."},
    ]


def test_an_entry_that_is_not_whole_or_not_ones_own_is_refused(world: World):
    client = world.client(world.coordinator)
    answer = client.post("/verify/", {"anchor": "portfolio:1:1/4/abc"})
    assert answer.status_code == 422
    assert "not a whole ledger entry" in answer.content.decode()
    assert "portfolio:1:1/4/abc" in answer.content.decode()
    foreign = f"{centre_chain(world.foreign_coordinator.centre_id)}/1/{'0' * 64}"
    with pytest.raises(ValidationError, match="not of your centre"):
        start_verification(anchor=foreign, by=world.coordinator)
    assert not VerificationRun.objects.exists()


def test_one_at_a_time_until_its_worker_is_lost(world: World):
    first = start(world)
    with expect_events():
        assert start_verification(anchor="", by=world.coordinator) == first
    VerificationRun.objects.update(moved_at=timezone.now() - timedelta(minutes=11))
    assert start(world) != first


def test_a_run_that_fails_says_so(world: World):
    run = start(world)
    with (
        mock.patch("proof.runs.faults", side_effect=OSError(5, "Input/output error")),
        pytest.raises(OSError, match="Input"),
    ):
        run_verification(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    page = world.client(world.coordinator).get(f"/verify/{run.pk}/").content.decode()
    assert "could not be finished" in page


def test_starting_and_finishing_stand_or_fall_with_the_ledger(world: World):
    """HOUSE, habit 12."""
    with failing_ledger(), pytest.raises(LedgerWriteFailed):
        start_verification(anchor="", by=world.coordinator)
    assert not VerificationRun.objects.exists()
    run = start(world)
    with failing_ledger(), pytest.raises(LedgerWriteFailed):
        run_verification(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.FAILED


def test_running_twice_runs_once(world: World):
    run = finished(start(world))
    with expect_events():
        run_verification(run.pk)


def test_the_page_waits_without_scripts_and_with_them(world: World):
    run = start(world)
    client, address = world.client(world.coordinator), f"/verify/{run.pk}/"
    waiting = client.get(address).content.decode()
    assert "under way" in waiting
    assert '<noscript><meta http-equiv="refresh"' in waiting
    assert f'<a href="{address}">Look again</a>' in waiting
    part = client.get(address, headers={"HX-Request": "true"}).content.decode().strip()
    assert part.startswith('<p id="run-progress"')
    assert part in waiting
    assert "HX-Request" in client.get(address).headers["Vary"]
    finished(run)
    ready = client.get(address).content.decode()
    assert "Everything holds" in ready
    assert "refresh" not in ready
    assert "hx-trigger" not in ready
    part = client.get(address, headers={"HX-Request": "true"}).content.decode().strip()
    assert part.startswith('<section class="sheet" id="run-state" hx-swap-oob="true">')
    assert part.replace(' hx-swap-oob="true"', "") in ready


def test_the_form_starts_a_run_and_leads_to_it(world: World, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = world.client(world.coordinator).post("/verify/", {"anchor": ""})
    run = VerificationRun.objects.get()
    assert answer.headers["Location"] == f"/verify/{run.pk}/"
    assert run.state == RunState.SOUND


def test_the_list_takes_the_same_queries_for_one_run_and_three(world: World, django_assert_num_queries):
    client = world.client(world.coordinator)
    for more in (1, 2):
        for _ in range(more):
            finished(start(world))
        with django_assert_num_queries(5):
            client.get("/verify/")
