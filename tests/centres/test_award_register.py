"""The award register as data: recognised kinds, expiry, certificates, competence, and the warning (R30, R32, R36)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from centres.authority import actions
from centres.authority import register as authority
from centres.authority.first_awards import recognise_first_awards
from centres.authority.register import trainees_due
from centres.models import Award, AwardKind, Capacity, CompetenceNote, RecognisedAward, UnitApproval
from centres.people.actions import end_role
from files.actions import discard_unattached
from registrations.queries import authority_readable
from tests.evidence.builders import World, hand_in, jpeg, today, upload
from tests.evidence.pages import text_of

type Costs = Callable[[int], AbstractContextManager[object]]


def days(number: int) -> date:
    return today() + timedelta(days=number)


def award(world: World, **changed: Any) -> Award:
    """An award of the trainee, who has no other."""
    entry = {"person": world.trainee.person, "kind": "A1", "number": "T-1", "awarded_on": days(-100)}
    return actions.record_award(by=world.coordinator, **entry | changed)


# --- Recognised kinds -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recognised_from", "recognised_until", "counts"),
    [(None, None, True), (0, None, True), (1, None, False), (None, 0, True), (None, -1, False), (-9, 9, True)],
)
def test_an_award_counts_while_its_kind_is_recognised(
    world: World, recognised_from: int | None, recognised_until: int | None, counts: bool
) -> None:
    """R30: recognised kinds are data, with days."""
    award(world)
    RecognisedAward.objects.filter(code="A1").update(
        recognised_from=None if recognised_from is None else days(recognised_from),
        recognised_until=None if recognised_until is None else days(recognised_until),
    )
    assert authority.is_qualified(world.trainee.person, world.centre, Capacity.ASSESSOR, today()) is counts


def test_operators_recognise_a_new_kind_which_coordinators_can_then_enter(world: World) -> None:
    with pytest.raises(ValidationError, match="recognised"):
        award(world, kind="EPA3")
    call_command("recognise_award", "EPA3", "Level 3 end-point assessor", "--capacity=assessor", "--from=2020-01-31")
    client = world.client(world.coordinator)
    page = client.get(reverse("add_award", args=[world.trainee.person_id])).text
    assert "Level 3 end-point assessor" in page
    award(world, kind="EPA3")
    assert authority.is_qualified(world.trainee.person, world.centre, Capacity.ASSESSOR, today())
    with pytest.raises(CommandError, match="qualifies as assessor already"):
        call_command("recognise_award", "EPA3", "Another", "--capacity=iv")
    with pytest.raises(CommandError, match="cannot come before"):
        call_command("recognise_award", "EPA3", "X", "--capacity=assessor", "--from=2021-01-01", "--until=2020-01-01")


def test_what_operators_changed_outlives_the_next_migration(world: World) -> None:
    RecognisedAward.objects.filter(code="A1").update(recognised_until=date(2030, 1, 1))
    RecognisedAward.objects.filter(code="A2").delete()
    recognise_first_awards(using="default")
    assert RecognisedAward.objects.get(code="A1").recognised_until == date(2030, 1, 1)
    assert RecognisedAward.objects.count() == len(AwardKind)


# --- Expiry -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expires", "counts"), [(None, True), (1, True), (0, True), (-1, False)], ids=["never", "later", "today", "past"]
)
def test_an_award_counts_until_its_last_day(world: World, expires: int | None, counts: bool) -> None:
    """R30, Q3: the day of signing decides."""
    award(world, expires_on=None if expires is None else days(expires))
    found = authority.award_on(world.trainee.person, world.centre, Capacity.ASSESSOR, today())
    assert bool(found) is counts
    standing = authority.standing(world.trainee.person, world.centre, Capacity.ASSESSOR, today())
    assert standing.needs_attention is (expires is not None)
    assert ("counted until" in standing.detail) is (expires == -1)


def test_an_award_that_expires_is_no_worry_beside_one_that_does_not(world: World) -> None:
    award(world, expires_on=days(5))
    award(world, kind="CAVA", number="T-2", awarded_on=days(-5))
    assert not authority.standing(world.trainee.person, world.centre, Capacity.ASSESSOR, today()).needs_attention


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"expires_on": days(-101)}, "expires_on"), ({"expires_on": days(50)}, "number"), ({"kind": "PhD"}, "kind")],
)
def test_entries_refused(world: World, changed: dict[str, Any], field: str) -> None:
    award(world)
    with pytest.raises(ValidationError) as refusal:
        award(world, **changed)
    assert set(refusal.value.message_dict) == {field}


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"expires_on": days(-101)}, "award_expires_after_its_date"),
        ({"certificate_name": "x.pdf"}, "award_certificate"),
    ],
)
def test_the_database_repeats_the_rules(world: World, changed: dict[str, Any], constraint: str) -> None:
    made = award(world)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Award.objects.filter(pk=made.pk).update(**changed)


# --- Certificates -----------------------------------------------------------------------------------------------------


def test_a_certificate_is_filed_with_the_award_or_later_and_only_once(world: World) -> None:
    client, person = world.client(world.coordinator), world.trainee.person
    sent = {"kind": "A1", "number": "T-1", "awarded_on": "2015-02-01", "certificate": upload("a1.jpg")}
    assert client.post(reverse("add_award", args=[person.pk]), sent).status_code == 302
    made = person.awards.get()
    assert made.certificate_name == "a1.jpg"
    assert made.certificate is not None
    assert made.certificate.attached
    discard_unattached(timedelta(0))
    answer = client.get(reverse("award_certificate", args=[made.pk]))
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    other = hand_in(world.coordinator, "b.jpg", jpeg("red"))
    with pytest.raises(ValidationError, match="on file already"):
        actions.file_certificate(award=made, certificate=other, by=world.coordinator)
    later = award(world, number="T-2")
    url = reverse("file_certificate", args=[later.pk])
    assert client.post(url, {}).status_code == 422
    two = client.post(url, {"certificate": [upload("a.jpg"), upload("b.jpg", jpeg("red"))]})
    assert two.status_code == 422
    assert "One file is enough" in two.text
    assert client.post(url, {"certificate": upload("cava.jpg")}).status_code == 302
    assert f'href="{url}"' not in client.get(reverse("person", args=[person.pk])).text
    assert "on file already" in client.get(url).text
    assert client.post(url, {"certificate": upload("other.jpg", jpeg("red"))}).status_code == 422


@pytest.mark.parametrize("who", ["candidate", "trainee", "iv", "ev", "foreign_coordinator"])
def test_only_the_centres_coordinator_files(world: World, who: str) -> None:
    made = award(world)
    with pytest.raises(PermissionDenied):
        actions.file_certificate(award=made, certificate=hand_in(world.iv), by=getattr(world, who))


def test_a_certificate_of_another_centre_or_of_a_colleague_does_not_exist(world: World) -> None:
    made = award(world, certificate=hand_in(world.coordinator))
    url = reverse("award_certificate", args=[made.pk])
    statuses = {
        who: world.client(getattr(world, who)).get(url).status_code
        for who in ("trainee", "iv", "coordinator", "assessor", "ev", "candidate", "foreign_coordinator", "foreign_iv")
    }
    assert {who for who, status in statuses.items() if status == 200} == {"trainee", "iv", "coordinator"}
    assert {status for status in statuses.values() if status != 200} == {404}


# --- Competence -------------------------------------------------------------------------------------------------------


def test_competence_is_noted_by_the_coordinator_or_the_person_and_read_by_verifiers(world: World) -> None:
    """R36."""
    url = reverse("note_competence", args=[world.assessor.person_id])
    sent = {"kind": "cpd", "what": "Standardisation  on A14", "happened_on": today().isoformat()}
    for _ in range(2):
        assert world.client(world.assessor).post(url, sent).status_code == 302
    assert CompetenceNote.objects.get().what == "Standardisation on A14"
    page = reverse("authority", args=[world.assessor.person_id])
    for reader in (world.coordinator, world.iv, world.ev, world.assessor):
        shown = text_of(world.client(reader).get(page))
        assert "Standardisation on A14" in shown
        assert "Qualified assessor" in shown
        assert ("Add a line" in shown) is (reader in (world.coordinator, world.assessor))
    future = world.client(world.assessor).post(url, sent | {"happened_on": days(1).isoformat()})
    assert future.status_code == 422
    assert "Standardisation" in future.text
    # Verifiers read it on the page of a registration, where they meet the name.
    for reader in (world.iv, world.ev):
        assert page in world.client(reader).get(reverse("registration", args=[world.registration.pk])).text


@pytest.mark.parametrize("who", ["candidate", "other_assessor", "iv", "ev", "foreign_coordinator"])
def test_nobody_else_notes_it(world: World, who: str) -> None:
    with pytest.raises(PermissionDenied):
        actions.note_competence(
            person=world.assessor.person, kind="cpd", what="X", happened_on=today(), by=getattr(world, who)
        )


def test_whose_authority_is_readable(world: World) -> None:
    """R64, Q25: an EV reads of those whose work is open to them."""
    everybody = {"assessor", "other_assessor", "trainee", "countersigner", "iv", "other_iv"}
    table = {
        "coordinator": everybody,
        "iv": everybody,
        "assessor": {"assessor"},
        "ev": {"assessor", "iv"},
        "expired_ev": set(),
        "candidate": set(),
        "foreign_coordinator": {"foreign_assessor", "foreign_iv"},
    }
    for who, expected in table.items():
        found = set(authority_readable(getattr(world, who)))
        assert found == {getattr(world, name).person for name in expected}, who


def test_the_page_costs_the_same_for_one_and_three(world: World, django_assert_num_queries: Costs) -> None:
    client, url = world.client(world.iv), reverse("authority", args=[world.trainee.person_id])
    client.get(url)
    for count in (1, 3):
        while CompetenceNote.objects.count() < count:
            number = CompetenceNote.objects.count()
            award(world, number=f"N{number}", certificate=hand_in(world.coordinator))
            actions.note_competence(
                person=world.trainee.person, kind="cpd", what=f"Day {number}", happened_on=today(), by=world.coordinator
            )
        with django_assert_num_queries(9):
            client.get(url)


# --- The months to qualify --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("months", "is_due", "is_over"), [(14, False, False), (15, True, False), (18, True, False), (19, True, True)]
)
def test_the_coordinator_is_warned_as_the_time_to_qualify_runs_out(
    world: World, months: int, is_due: bool, is_over: bool
) -> None:
    """R32."""
    since = authority.add_months(today(), -months)
    UnitApproval.objects.filter(person=world.trainee.person).update(starts_on=since)
    due = trainees_due(world.centre, today())
    assert [(one.person_id, one.is_over) for one in due] == ([(world.trainee.person_id, is_over)] if is_due else [])
    home = text_of(world.client(world.coordinator).get(reverse("home")))
    assert ("The time to qualify runs out for Terry Trainee" in home) is (is_due and not is_over)
    assert ("The time to qualify is over for Terry Trainee" in home) is is_over
    assert trainees_due(world.foreign_centre, today()) == []


@pytest.mark.parametrize("mended_by", ["award", "end of role", "more months"])
def test_the_warning_ends(world: World, mended_by: str, settings: Any) -> None:
    UnitApproval.objects.filter(person=world.trainee.person).update(starts_on=days(-600))
    assert trainees_due(world.centre, today())
    match mended_by:
        case "award":
            award(world)
        case "end of role":
            end_role(membership=world.trainee, by=world.coordinator)
        case "more months":
            settings.TRAINEE_MONTHS = 24
    assert trainees_due(world.centre, today()) == []


@pytest.mark.parametrize(
    ("lasts", "another", "is_told"), [(30, None, True), (120, None, False), (30, 400, False), (-1, None, False)]
)
def test_the_coordinator_is_warned_before_an_award_runs_out(
    world: World, lasts: int, another: int | None, is_told: bool
) -> None:
    """R31: overnight every signature would need a second one."""
    award(world, awarded_on=days(-900), expires_on=days(lasts))
    if another:
        award(world, number="A-2", awarded_on=days(-800), expires_on=days(another))
    ending = authority.awards_ending(world.centre, today())
    assert [(one.person_id, one.ends_on) for one in ending] == (
        [(world.trainee.person_id, days(lasts))] if is_told else []
    )
    assert authority.awards_ending(world.foreign_centre, today()) == []
    client = world.client(world.coordinator)
    assert ("The award of Terry Trainee runs out" in text_of(client.get(reverse("home")))) is is_told
    page = text_of(client.get(reverse("person", args=[world.trainee.person_id])))
    assert ("Without another, every unit is countersigned after that." in page) is is_told


@pytest.mark.parametrize(
    ("approved", "awarded", "lasted", "since"),
    [
        (-1500, -1600, -1, None),  # Qualified until yesterday: no trainee at all.
        (-1500, -1400, -1, None),  # A trainee who qualified, and then it expired.
        (-500, -1600, -520, -500),  # Approved after it had expired: a trainee from then on.
        (-500, None, None, -500),
    ],
)
def test_list_and_page_count_from_the_first_approval_as_a_trainee(
    world: World, approved: int, awarded: int | None, lasted: int | None, since: int | None
) -> None:
    """R32: one rule for both; an award that expired makes nobody overdue since before."""
    person = world.trainee.person
    UnitApproval.objects.filter(person=person).update(starts_on=days(approved))
    if awarded is not None and lasted is not None:
        award(world, awarded_on=days(awarded), expires_on=days(lasted))
    standing = authority.standing(person, world.centre, Capacity.ASSESSOR, today())
    due = [one.qualify_by for one in trainees_due(world.centre, today()) if one.person_id == person.pk]
    assert standing.trainee_since == (None if since is None else days(since))
    assert due == ([] if since is None else [standing.qualify_by])
    assert standing.needs_attention
    later = authority.add_months(days(approved), 18) + timedelta(days=1)
    assert {one.is_over for one in trainees_due(world.centre, max(later, today()))} == (
        {True} if since is not None else set()
    )


def test_the_first_of_several_approvals_as_a_trainee_counts(world: World) -> None:
    """Approved while qualified, and for another unit after the award had expired."""
    person = world.trainee.person
    UnitApproval.objects.filter(person=person).update(starts_on=days(-1500))
    award(world, awarded_on=days(-1600), expires_on=days(-900))
    register = authority.standing(person, world.centre, Capacity.ASSESSOR, today())
    assert register.trainee_since is None
    for start in (-300, -520):
        first = UnitApproval.objects.filter(person=person).order_by("starts_on")[0]
        first.pk, first.unit, first.starts_on = None, world.other_unit, days(start)
        UnitApproval.objects.filter(person=person, unit=world.other_unit).delete()
        first.save()
        now = authority.standing(person, world.centre, Capacity.ASSESSOR, today())
        assert now.trainee_since == days(start)
