"""What the register and the approvals allow (R30-R36)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import given
from hypothesis import strategies as st

from centres.authority import actions
from centres.authority import register as authority
from centres.models import AwardKind, Capacity, RecognisedAward
from centres.people.actions import end_role
from centres.permissions import why_not

from .builders import College, ago, approve, join, today

pytestmark = pytest.mark.engine("order")


@pytest.mark.parametrize("capacity", list(Capacity))
@pytest.mark.parametrize("kind", list(AwardKind))
def test_each_award_qualifies_for_its_own_capacity_only(college: College, kind: str, capacity: str) -> None:
    """R30: D32, D33, A1, A2 and level 3 for assessors; D34, V1 and level 4 for IVs."""
    person = college.assessor.person
    actions.record_award(person=person, kind=kind, number="12345", awarded_on=ago(10), by=college.coordinator)
    expected = (kind in {"D34", "V1", "IQA4"}) == (capacity == Capacity.IV)
    assert authority.is_qualified(person, college.centre, capacity, today()) is expected


def test_what_is_recognised_from_the_start_is_data_for_one_capacity_each(db: None) -> None:
    """R30: old awards still count."""
    known = {kind.code: kind.capacity for kind in RecognisedAward.objects.all()}
    assert set(known) == set(AwardKind)
    assert {code for code, capacity in known.items() if capacity == Capacity.IV} == {"D34", "V1", "IQA4"}
    assert not RecognisedAward.objects.exclude(recognised_from=None, recognised_until=None).exists()


def test_award_counts_from_its_date_on_and_until_struck_out(college: College) -> None:
    """R35, Q3: the register of the day decides; the earliest recognised award is named."""
    person = college.assessor.person
    late = actions.record_award(person=person, kind="A1", number="2", awarded_on=ago(10), by=college.coordinator)
    early = actions.record_award(person=person, kind="D32", number="1", awarded_on=ago(50), by=college.coordinator)

    def award_on(day: date) -> object:
        return authority.award_on(person, college.centre, Capacity.ASSESSOR, day)

    assert award_on(ago(51)) is None
    assert award_on(ago(50)) == early
    assert award_on(today()) == early
    actions.strike_out_award(award=early, why="Another person's certificate", by=college.coordinator)
    assert award_on(today()) == late
    assert award_on(ago(11)) is None


def test_another_centres_register_does_not_count(college: College) -> None:
    person = college.stranger_candidate.person
    actions.record_award(person=person, kind="A1", number="1", awarded_on=ago(10), by=college.stranger)
    assert authority.is_qualified(person, college.stranger.centre, Capacity.ASSESSOR, today())
    assert not authority.is_qualified(person, college.centre, Capacity.ASSESSOR, today())


@pytest.mark.parametrize(
    ("day", "expected"), [(ago(21), False), (ago(20), True), (ago(15), True), (ago(10), True), (ago(9), False)]
)
def test_approval_runs_from_its_first_to_its_last_day(college: College, day: date, expected: bool) -> None:
    person, unit = college.other_assessor.person, college.units[0]
    approval = actions.give_approval(
        person=person, unit=unit, capacity="assessor", starts_on=ago(20), by=college.coordinator
    )
    actions.end_approval(approval=approval, ends_on=ago(10), by=college.coordinator)
    assert authority.is_approved(person, college.centre, unit, Capacity.ASSESSOR, day) is expected
    assert (unit.pk in authority.approved_units(person, college.centre, Capacity.ASSESSOR, day)) is expected
    assert not authority.is_approved(person, college.centre, unit, Capacity.IV, day)
    assert not authority.is_approved(person, college.centre, college.units[1], Capacity.ASSESSOR, day)


def test_assessing_needs_role_and_approval_but_no_award(college: College) -> None:
    """HOUSE decided 7: lacking an award is not lack of authority."""
    unit = college.units[0]
    assert why_not(authority.check_may_assess, college.assessor.person, college.centre, unit, today()) == ""
    assert why_not(authority.check_may_verify, college.iv.person, college.centre, unit, today()) == ""
    reason = why_not(authority.check_may_assess, college.other_assessor.person, college.centre, unit, today())
    assert reason == f"Oscar Otherwise is not approved to assess unit 304 on {today():%d/%m/%Y}."
    reason = why_not(authority.check_may_verify, college.assessor.person, college.centre, unit, today())
    assert reason == "Anna Assessor is not an internal verifier at Northgate College."
    end_role(membership=college.assessor, by=college.coordinator)
    with pytest.raises(PermissionDenied, match="is not an assessor at"):
        authority.check_may_assess(college.assessor.person, college.centre, unit, today())


@pytest.mark.parametrize(
    ("who", "award", "approved", "reason"),
    [
        ("other_assessor", True, True, ""),
        ("other_assessor", False, True, "no recognised assessor award"),
        ("other_assessor", True, False, "is not approved to assess unit 304"),
        ("assessor", True, True, "Nobody countersigns their own signature"),
        ("candidate", True, True, "Candidates cannot countersign"),
        ("iv", True, True, "is not an assessor at"),
    ],
)
def test_who_may_countersign(college: College, who: str, award: bool, approved: bool, reason: str) -> None:
    """R33: qualified on that date, approved for the unit, neither signer nor candidate."""
    seat = getattr(college, who)
    if award:
        actions.record_award(person=seat.person, kind="A1", number="1", awarded_on=today(), by=college.coordinator)
    if approved and seat != college.assessor:
        approve(college, seat, Capacity.ASSESSOR)
    given = why_not(
        authority.check_may_countersign,
        seat.person,
        college.centre,
        college.units[0],
        Capacity.ASSESSOR,
        today(),
        signer=college.assessor.person,
        candidate=college.candidate.person,
    )
    assert reason in given
    assert bool(reason) is bool(given)


def test_countersigner_is_qualified_on_the_day_not_later(college: College) -> None:
    """R33, R35."""
    person = college.other_assessor.person
    approve(college, college.other_assessor, Capacity.ASSESSOR)
    actions.record_award(person=person, kind="A1", number="1", awarded_on=today(), by=college.coordinator)
    people = {"signer": college.assessor.person, "candidate": college.candidate.person}
    arguments = [person, college.centre, college.units[0], Capacity.ASSESSOR]
    assert why_not(authority.check_may_countersign, *arguments, ago(1), **people)
    assert not why_not(authority.check_may_countersign, *arguments, today(), **people)


@pytest.mark.parametrize(
    ("approved_since", "attention"), [(30, False), (30 * 14, False), (30 * 16, True), (30 * 24, True)]
)
def test_standing_of_a_trainee(college: College, approved_since: int, attention: bool) -> None:
    """R32: 18 months from approval as a trainee, with a warning before they run out."""
    person = college.other_assessor.person
    approve(college, college.other_assessor, Capacity.ASSESSOR, ago(approved_since))
    standing = authority.standing(person, college.centre, Capacity.ASSESSOR, today())
    assert standing.title == "No recognised assessor award"
    assert standing.qualify_by == authority.add_months(ago(approved_since), 18)
    assert f"{standing.qualify_by:%d/%m/%Y}" in standing.detail
    assert standing.needs_attention is attention


def test_standing_of_a_qualified_person(college: College) -> None:
    actions.record_award(
        person=college.assessor.person, kind="A1", number="12345", awarded_on=date(2015, 2, 1), by=college.coordinator
    )
    standing = authority.standing(college.assessor.person, college.centre, Capacity.ASSESSOR, today())
    assert (standing.title, standing.detail) == ("Qualified assessor", "A1 12345, 01/02/2015")
    assert not standing.needs_attention


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(-60, 60))
def test_adding_months_keeps_the_day_or_takes_the_last(day: date, months: int) -> None:
    later = authority.add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


# --- What the coordinator enters -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"awarded_on": today() + timedelta(days=1)}, "awarded_on"),
        ({"number": "  "}, "number"),
        ({"kind": "PhD"}, "kind"),
        ({"awarded_on": ago(3)}, "number"),  # the same certificate with another date
    ],
)
def test_awards_refused(college: College, entry: dict[str, object], field: str) -> None:
    person = college.assessor.person
    award = {"kind": "A1", "number": "1", "awarded_on": ago(2)}
    actions.record_award(person=person, by=college.coordinator, **award)
    with pytest.raises(ValidationError) as refusal:
        actions.record_award(person=person, by=college.coordinator, **award | entry)
    assert set(refusal.value.message_dict) == {field}
    assert person.awards.count() == 1


def test_award_entered_twice_is_one_and_can_be_entered_again_once_struck_out(college: College) -> None:
    person, entry = college.assessor.person, {"kind": "A1", "number": "1", "awarded_on": ago(2)}
    award = actions.record_award(person=person, by=college.coordinator, **entry)
    assert actions.record_award(person=person, by=college.coordinator, **entry) == award
    with pytest.raises(ValidationError, match="Say why"):
        actions.strike_out_award(award=award, why=" ", by=college.coordinator)
    struck = actions.strike_out_award(award=award, why="Wrong person", by=college.coordinator)
    again = actions.strike_out_award(award=award, why="Wrong person", by=college.coordinator)
    assert again.struck_out_at == struck.struck_out_at
    assert actions.record_award(person=person, by=college.coordinator, **entry) != award


@pytest.mark.parametrize(
    ("first", "last", "starts_on", "refused"),
    [
        (ago(20), ago(10), ago(9), False),
        (ago(20), ago(10), ago(10), True),
        (ago(20), None, ago(5), True),
        (ago(20), None, ago(30), True),
    ],
)
def test_approvals_do_not_overlap(
    college: College, first: date, last: date | None, starts_on: date, refused: bool
) -> None:
    entry = {"person": college.other_assessor.person, "unit": college.units[0], "capacity": "assessor"}
    approval = actions.give_approval(starts_on=first, by=college.coordinator, **entry)
    if last:
        actions.end_approval(approval=approval, ends_on=last, by=college.coordinator)
    if refused:
        with pytest.raises(ValidationError, match="is approved for 304 from"):
            actions.give_approval(starts_on=starts_on, by=college.coordinator, **entry)
    else:
        actions.give_approval(starts_on=starts_on, by=college.coordinator, **entry)


def test_approval_for_several_units_is_given_for_all_or_none(college: College) -> None:
    entry = {"person": college.other_assessor.person, "capacity": "assessor", "starts_on": today()}
    actions.give_approval(unit=college.units[1], by=college.coordinator, **entry | {"starts_on": ago(3)})
    with pytest.raises(ValidationError):
        actions.give_approvals(units=college.units, by=college.coordinator, **entry)
    assert college.other_assessor.person.unit_approvals.count() == 1
    with pytest.raises(ValidationError, match="at least one unit"):
        actions.give_approvals(units=[], by=college.coordinator, **entry)


def test_end_of_an_approval(college: College) -> None:
    approval = actions.give_approval(
        person=college.other_assessor.person,
        unit=college.units[0],
        capacity="assessor",
        starts_on=ago(5),
        by=college.coordinator,
    )
    with pytest.raises(ValidationError, match="cannot end before it starts"):
        actions.end_approval(approval=approval, ends_on=ago(6), by=college.coordinator)
    # A day still to come may be moved, one that has passed may not.
    actions.end_approval(approval=approval, ends_on=today() + timedelta(days=9), by=college.coordinator)
    actions.end_approval(approval=approval, ends_on=ago(2), by=college.coordinator)
    with pytest.raises(ValidationError, match="has ended"):
        actions.end_approval(approval=approval, ends_on=today(), by=college.coordinator)


def test_only_people_known_here_are_entered(college: College) -> None:
    entry = {"person": college.stranger_candidate.person, "by": college.coordinator}
    with pytest.raises(PermissionDenied):
        actions.record_award(kind="A1", number="1", awarded_on=today(), **entry)
    with pytest.raises(PermissionDenied):
        actions.give_approval(unit=college.units[0], capacity="assessor", starts_on=today(), **entry)


@pytest.mark.parametrize("who", ["candidate", "assessor", "iv", "ev", "stranger"])
def test_only_the_centres_coordinator_enters(college: College, who: str) -> None:
    newcomer = join(college.coordinator, "assessor", "Nina Newcomer").person
    by = getattr(college, who)
    with pytest.raises(PermissionDenied):
        actions.record_award(person=newcomer, kind="A1", number="1", awarded_on=today(), by=by)
    with pytest.raises(PermissionDenied):
        actions.give_approval(person=newcomer, unit=college.units[0], capacity="assessor", starts_on=today(), by=by)
    approval = college.assessor.person.unit_approvals.first()
    with pytest.raises(PermissionDenied):
        actions.end_approval(approval=approval, ends_on=today(), by=by)
