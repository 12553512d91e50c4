"""Reading rights for a time (Q25, HOUSE decided 4)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from centres.models import AccessGrant, Membership, Role, ScopeKind
from centres.queries import running_grants
from ledger.testing import expect_events
from registrations.access import actions
from registrations.access.queries import grants_listed
from registrations.models import Registration
from registrations.queries import registrations_for

from .builders import College, ago, join, register, today


def grant(college: College, **changed: Any) -> AccessGrant:
    values: dict[str, Any] = {
        "person": college.ev.person,
        "scope_kind": ScopeKind.REGISTRATION,
        "starts_on": today(),
        "ends_on": today() + timedelta(days=30),
        "reason": "Spring visit",
        "by": college.coordinator,
    } | changed
    if "scope_id" not in values:
        values["scope_id"] = register(college).pk
    return actions.grant_access(**values)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"starts_on": ago(1)}, "starts_on"),
        ({"ends_on": ago(1)}, "ends_on"),
        ({"ends_on": today() + timedelta(days=93)}, "ends_on"),
        ({"reason": "  "}, "reason"),
    ],
)
def test_grants_refused(college: College, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        grant(college, **changed)
    assert set(refusal.value.message_dict) == {field}


def test_grant_may_run_for_92_days_and_for_one(college: College) -> None:
    assert grant(college, ends_on=today() + timedelta(days=92)).pk
    assert AccessGrant.objects.count() == 1
    registration = register(college, candidate=join(college.coordinator, Role.CANDIDATE, "Nina").person)
    assert grant(college, scope_id=registration.pk, ends_on=today()).pk


def test_reader_is_an_external_verifier_who_is_not_named_there(college: College) -> None:
    registration = register(college)
    with pytest.raises(ValidationError, match="is not an external verifier here"):
        grant(college, scope_id=registration.pk, person=college.iv.person)
    # However they came to be an EV here: reading rights ask again (R49).
    Membership.objects.create(person=college.iv.person, centre=college.iv.centre, role=Role.EV)
    with pytest.raises(ValidationError, match="is or was an internal verifier at"):
        grant(college, scope_id=registration.pk, person=college.iv.person)
    Registration.objects.filter(pk=registration.pk).update(iv=college.ev.person)
    with pytest.raises(ValidationError, match="is named on the registration"):
        grant(college, scope_id=registration.pk)


def test_registrations_of_the_own_centre_only(college: College) -> None:
    registration = register(college)
    ev = join(college.stranger, Role.EV, "Esther Elsewhere")
    with pytest.raises(PermissionDenied):
        grant(college, scope_id=registration.pk, person=ev.person, by=college.stranger)
    with pytest.raises(PermissionDenied):
        grant(college, scope_id=10_000)


@pytest.mark.parametrize("who", ["candidate", "assessor", "iv", "ev"])
def test_only_the_coordinator_opens_and_ends(college: College, who: str) -> None:
    given = grant(college)
    with pytest.raises(PermissionDenied):
        grant(college, scope_id=given.scope_id, by=getattr(college, who))
    with pytest.raises(PermissionDenied):
        actions.end_access(grant=given, by=getattr(college, who))


def test_drawn_record_is_opened_by_the_ev_to_themself_only(college: College) -> None:
    drawn = {"scope_kind": ScopeKind.UNIT_RECORD, "scope_id": 7}
    assert grant(college, by=college.ev, **drawn).granted_by == college.ev.person
    other = join(college.coordinator, Role.EV, "Edna External")
    with pytest.raises(PermissionDenied):
        grant(college, person=other.person, by=college.ev, **drawn)
    with pytest.raises(PermissionDenied):
        grant(college, by=college.assessor, **drawn)


def test_access_begins_and_ends_by_itself(college: College) -> None:
    given = grant(college)
    for starts_on, ends_on, is_open in [
        (ago(5), ago(1), False),
        (ago(5), today(), True),
        (today(), today(), True),
        (today() + timedelta(days=1), today() + timedelta(days=5), False),
    ]:
        AccessGrant.objects.filter(pk=given.pk).update(starts_on=starts_on, ends_on=ends_on)
        assert registrations_for(college.ev).exists() is is_open
        assert running_grants(college.ev.person, ScopeKind.REGISTRATION).exists() is is_open
        assert not running_grants(college.ev.person, ScopeKind.UNIT_RECORD).exists()


def test_ending_early_and_opening_again(college: College) -> None:
    given = grant(college)
    with expect_events():
        assert grant(college, scope_id=given.scope_id) == given
    ended = actions.end_access(grant=given, by=college.coordinator)
    assert not registrations_for(college.ev).exists()
    with expect_events():
        assert actions.end_access(grant=given, by=college.coordinator).ended_at == ended.ended_at
    again = grant(college, scope_id=given.scope_id)
    assert again != given
    listed = grants_listed(college.coordinator)
    assert listed.current == [again]
    assert list(listed.past) == [given]
    assert listed.current[0].candidate_name == "Carla Candidate"


def test_several_registrations_open_together_or_not_at_all(college: College) -> None:
    values: dict[str, Any] = {
        "person": college.ev.person, "starts_on": today(), "ends_on": today(), "reason": "Visit",
        "by": college.coordinator,
    }  # fmt: skip
    other = join(college.coordinator, Role.CANDIDATE, "Nina").person
    mine, own = register(college), register(college, candidate=other)
    Registration.objects.filter(pk=own.pk).update(iv=college.ev.person)
    with pytest.raises(ValidationError, match="is named on the registration"):
        actions.open_registrations(registrations=[mine, own], **values)
    assert not AccessGrant.objects.exists()
    with pytest.raises(ValidationError, match="at least one registration"):
        actions.open_registrations(registrations=[], **values)
    assert len(actions.open_registrations(registrations=[mine], **values)) == 1
