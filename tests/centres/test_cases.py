"""Appeals, suspected malpractice and sanctions as dated cases with steps and outcome (R53, R54)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from centres.models import Role
from ledger.chains import centre_chain, portfolio_chain
from ledger.events import EventType
from ledger.testing import expect_events
from registrations.cases.actions import add_case_step, close_case, open_appeal, open_case
from registrations.cases.queries import cases_for
from registrations.models import Case, CaseKind, CaseStep, Registration
from tests.evidence.builders import World, join, today
from tests.evidence.pages import text_of

type Costs = Callable[[int], AbstractContextManager[object]]


def opened(world: World, kind: str = "malpractice", **changed: Any) -> Case:
    said = {
        "kind": kind,
        "title": "Two reports alike",
        "what": "The words of E3 stand in another portfolio.",
        "opened_on": today() - timedelta(days=5),
        "registration": world.registration,
        "person": None,
        "by": world.coordinator,
    }
    return open_case(**said | changed)


def appeal(world: World, **changed: Any) -> Case:
    said = {
        "registration": world.registration,
        "title": "E4 returned twice",
        "what": "It shows 1.1.",
        "by": world.candidate,
    }
    return open_appeal(**said | changed)


@pytest.mark.parametrize("kind", CaseKind.values)
def test_who_reads_a_case_of_each_kind(world: World, kind: str) -> None:
    """R64: malpractice stays with the coordinator; strangers of every role read nothing."""
    case = opened(world, kind)
    readers = {"coordinator"}
    if kind == CaseKind.APPEAL:
        readers |= {"candidate"}
    if kind != CaseKind.MALPRACTICE:
        readers |= {"iv", "ev"}
    people = (
        "coordinator", "candidate", "other_candidate", "assessor", "other_assessor", "iv", "other_iv", "ev",
        "expired_ev", "foreign_coordinator", "foreign_iv", "foreign_candidate",
    )  # fmt: skip
    assert {who for who in people if cases_for(getattr(world, who)).filter(pk=case.pk).exists()} == readers


def test_an_appeal_from_its_first_word_to_its_outcome(world: World) -> None:
    candidate, coordinator = world.client(world.candidate), world.client(world.coordinator)
    assert reverse("cases") in candidate.get(reverse("home")).text
    said = {"registration": world.registration.pk, "title": "E4 returned twice", "what": "It shows 1.1 & <b>2.3</b>."}
    for _ in range(2):  # The button was pressed twice.
        answer = candidate.post(reverse("open_case"), said)
    case = Case.objects.get()
    assert answer.url == reverse("case", args=[case.pk])
    assert (case.kind, case.opened_on, case.opened_by) == ("appeal", today(), world.candidate.person)
    assert "E4 returned twice" in text_of(coordinator.get(reverse("cases")))
    assert "1 case open" in text_of(coordinator.get(reverse("home")))
    step = {"what": "The IV looked at E4 again.", "on": today().isoformat()}
    for _ in range(2):
        assert coordinator.post(reverse("add_case_step", args=[case.pk]), step).status_code == 302
    assert case.steps.count() == 2
    end = {"outcome": "Upheld: E4 is judged again.", "on": today().isoformat()}
    assert coordinator.post(reverse("close_case", args=[case.pk]), end).status_code == 302
    page = text_of(candidate.get(reverse("case", args=[case.pk])))
    for words in ("It shows 1.1 &amp; &lt;b&gt;2.3", "The IV looked at E4 again.", "Upheld: E4 is judged again."):
        assert words in page
    assert "Add a step" not in page
    late = coordinator.post(reverse("add_case_step", args=[case.pk]), step)
    assert late.status_code == 422
    assert "This case is closed" in text_of(late)


@pytest.mark.parametrize(
    ("name", "sent", "says"),
    [
        ("open_case", {"kind": "appeal", "title": "T", "what": "Kept words", "opened_on": "2026-01-01"}, "appeal is"),
        ("open_case", {"kind": "sanction", "title": "T", "what": "Kept words", "opened_on": "2026-01-01"}, "Say which"),
        ("open_case", {"kind": "sanction", "title": "", "what": "Kept words"}, "Fill this in"),
        ("add_case_step", {"what": "Kept words", "on": "2001-01-01"}, "was opened on"),
        ("add_case_step", {"what": "Kept words", "on": "2099-01-01"}, "in the future"),
        ("close_case", {"outcome": "Kept words", "on": "2099-01-01"}, "in the future"),
        ("close_case", {"outcome": "Kept words", "on": ""}, "Fill this in"),
    ],
)
def test_a_refused_form_keeps_what_was_typed(world: World, name: str, sent: dict[str, str], says: str) -> None:
    case = opened(world)
    answer = world.client(world.coordinator).post(reverse(name, args=[] if name == "open_case" else [case.pk]), sent)
    assert answer.status_code == 422
    assert "Kept words" in answer.text
    assert says in text_of(answer)
    assert (Case.objects.count(), CaseStep.objects.count()) == (1, 1)


def test_a_case_cannot_close_before_its_last_step(world: World) -> None:
    case = opened(world)
    add_case_step(case=case, on=today(), what="Heard both", by=world.coordinator)
    with pytest.raises(ValidationError, match="last step"):
        close_case(case=case, on=today() - timedelta(days=1), outcome="Nothing found", by=world.coordinator)


@pytest.mark.parametrize("who", ["other_candidate", "assessor", "iv", "coordinator", "foreign_candidate"])
def test_candidates_appeal_about_their_own_registration_only(world: World, who: str) -> None:
    with pytest.raises(PermissionDenied), expect_events():
        appeal(world, by=getattr(world, who))


@pytest.mark.parametrize("who", ["candidate", "assessor", "iv", "ev", "foreign_coordinator"])
def test_only_the_centres_coordinator_keeps_cases(world: World, who: str) -> None:
    case, by = opened(world), getattr(world, who)
    for attempt in (
        lambda: opened(world, by=by),
        lambda: add_case_step(case=case, on=today(), what="X", by=by),
        lambda: close_case(case=case, on=today(), outcome="X", by=by),
    ):
        with pytest.raises(PermissionDenied), expect_events():
            attempt()


def test_nothing_of_another_centre_is_named(world: World) -> None:
    with pytest.raises(PermissionDenied):
        opened(world, registration=world.foreign_registration)
    with pytest.raises(PermissionDenied):
        opened(world, person=world.foreign_assessor.person)
    sent = {"kind": "sanction", "title": "T", "what": "W", "opened_on": "2026-01-01"}
    for name, pk in (("registration", world.foreign_registration.pk), ("person", world.foreign_assessor.person_id)):
        answer = world.client(world.coordinator).post(reverse("open_case"), sent | {name: pk})
        assert answer.status_code == 422
        assert name in answer.context["form"].errors


def test_which_chain_tells_and_that_words_are_notes_only(world: World) -> None:
    """R60: malpractice never stands in the candidate's own archive; free text can be disposed of."""
    portfolio = portfolio_chain(centre_id=world.centre.pk, candidate_id=world.candidate.person_id)
    with expect_events(EventType.CASE_OPENED, EventType.CASE_OPENED, EventType.CASE_CLOSED) as events:
        appeal(world)
        case = opened(world)
        close_case(case=case, on=today(), outcome="A warning to Carla", by=world.coordinator)
    assert [event.chain.key for event in events] == [portfolio, *[centre_chain(world.centre.pk)] * 2]
    assert not any(word in str(event.data) for event in events for word in ("E4", "shows", "E3", "Carla", "alike"))
    assert all(event.note_digest for event in events)


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"kind": "appeal", "registration": None}, "case_appeal_names_a_registration"),
        ({"closed_on": today()}, "case_closed_with_an_outcome"),
        ({"outcome": "Done"}, "case_closed_with_an_outcome"),
        ({"title": ""}, "case_has_title"),
    ],
)
def test_the_database_repeats_the_rules(world: World, changed: dict[str, Any], constraint: str) -> None:
    case = opened(world)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**changed)


@pytest.mark.parametrize(("who", "cost"), [("coordinator", 5), ("iv", 5), ("candidate", 6)])
def test_the_list_costs_the_same_for_one_and_three(
    world: World, who: str, cost: int, django_assert_num_queries: Costs
) -> None:
    client = world.client(getattr(world, who))
    client.get(reverse("cases"))
    for count in (1, 3):
        while Case.objects.count() < count:
            appeal(world, title=f"Appeal {Case.objects.count()}")
        with django_assert_num_queries(cost):
            assert len(client.get(reverse("cases")).context["page"]) == count


@pytest.mark.parametrize("is_candidate", [False, True])
def test_nobody_follows_a_case_about_themself(world: World, is_candidate: bool) -> None:
    """R54: another coordinator does, also where the coordinator is the candidate whom it concerns."""
    second = join(world.coordinator, Role.COORDINATOR, "Cyril Second")
    accused = world.coordinator
    if is_candidate:
        case = opened(world, by=second)
        Registration.objects.filter(pk=world.registration.pk).update(candidate=accused.person)
    else:
        case = opened(world, registration=None, person=accused.person)
    for attempt in (
        lambda by: add_case_step(case=case, on=today(), what="Looked into it", by=by),
        lambda by: close_case(case=case, on=today(), outcome="Nothing found", by=by),
    ):
        with pytest.raises(PermissionDenied, match="This case is about you"), expect_events():
            attempt(accused)
        attempt(second)
    assert Case.objects.get().closed_by == second.person


def test_the_page_says_why_not(world: World) -> None:
    case = opened(world, kind=CaseKind.SANCTION, registration=None, person=world.coordinator.person)
    client = world.client(world.coordinator)
    for name, sent in (("add_case_step", {"what": "X", "on": today().isoformat()}), ("close_case", {"outcome": "X"})):
        url = reverse(name, args=[case.pk])
        assert "This case is about you" in text_of(client.get(url))
        assert client.post(url, {"on": today().isoformat()} | sent).status_code == 403
    assert (Case.objects.get().closed_on, CaseStep.objects.count()) == (None, 1)


@pytest.mark.parametrize("part", ["assessor", "own_assessor", "iv"])
def test_nobody_decides_an_appeal_against_their_own_decision(world: World, part: str) -> None:
    """R54: whoever assesses or verifies what the candidate appeals about leaves it to another coordinator."""
    case = opened(world, kind=CaseKind.APPEAL, registration=world.registration)
    person = world.coordinator.person
    if part == "own_assessor":
        world.registration.unit_records.update(own_assessor=person)
    else:
        Registration.objects.filter(pk=world.registration.pk).update(**{part: person})
    with pytest.raises(PermissionDenied, match="You assess or verify what this appeal is about"):
        close_case(case=Case.objects.get(pk=case.pk), on=today(), outcome="I was right.", by=world.coordinator)
    second = join(world.coordinator, Role.COORDINATOR, "Cecil Second")
    assert close_case(case=Case.objects.get(pk=case.pk), on=today(), outcome="Upheld.", by=second).closed_on


def test_a_suspicion_is_read_by_nobody_it_is_about(world: World) -> None:
    second = join(world.coordinator, Role.COORDINATOR, "Cecil Second")
    case = opened(world, registration=None, person=world.coordinator.person)
    url = reverse("case", args=[case.pk])
    assert world.client(world.coordinator).get(url).status_code == 404
    assert case.title not in text_of(world.client(world.coordinator).get(reverse("cases")))
    assert world.client(second).get(url).status_code == 200
