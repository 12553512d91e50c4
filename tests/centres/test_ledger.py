"""Every action writes its event in its own transaction (R66; HOUSE, habits 6 and 12)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model

from centres.authority import actions as authority
from centres.models import (
    AccessGrant,
    Award,
    Centre,
    CompetenceNote,
    Invitation,
    Membership,
    RecognisedAward,
    UnitApproval,
    User,
)
from centres.people import actions as people
from centres.people import corrections
from files.models import Blob
from ledger.events import EventType
from ledger.queries import events_about, with_notes
from ledger.testing import LedgerWriteFailed, actions_of, expect_events, failing_ledger
from registrations import actions as registrations
from registrations.access import actions as access
from registrations.cases import actions as cases
from registrations.models import Case, CaseStep, Registration
from tests.evidence.builders import hand_in

from .builders import PASSWORD, College, approve, facts, register, today

TABLES: list[type[Model]] = [
    AccessGrant,
    Award,
    Blob,
    Case,
    CaseStep,
    Centre,
    CompetenceNote,
    Invitation,
    Membership,
    RecognisedAward,
    Registration,
    UnitApproval,
    User,
]

type Call = Callable[[], object]


def _invited(college: College) -> Invitation:
    return people.invite(email="new@example.org", name="Nora", role="candidate", by=college.coordinator)


def _award(college: College) -> Award:
    return authority.record_award(
        person=college.assessor.person, kind="A1", number="1", awarded_on=today(), by=college.coordinator
    )


def _case(college: College) -> Case:
    return cases.open_case(
        kind="malpractice",
        title="Shared answers",
        what="Two reports have the same words.",
        opened_on=today(),
        registration=None,
        person=college.assessor.person,
        by=college.coordinator,
    )


def _grant(college: College) -> AccessGrant:
    return _open(college, register(college))[0]


def _open(college: College, registration: Registration) -> list[AccessGrant]:
    return access.open_registrations(
        person=college.ev.person, registrations=[registration], starts_on=today(), ends_on=today(), reason="Visit",
        by=college.coordinator,
    )  # fmt: skip


def _centre(college: College) -> Centre:
    return people.open_centre(name="Third", number="3", awarding_body="City and Guilds")


def prepare(name: str, college: College) -> tuple[Call, list[EventType]]:
    """Everything that an action needs, and the call itself with the events that it should write."""
    by, c = college.coordinator, college
    match name:
        case "open_centre":
            return lambda: people.open_centre(
                name="Third", number="3", awarding_body="City and Guilds", coordinator=c.iv.person
            ), [EventType.CENTRE_OPENED, EventType.ROLE_GIVEN]
        case "invite_coordinator":
            centre = _centre(c)
            return lambda: people.invite_coordinator(centre=centre, email="x@example.org", name="Xenia"), [
                EventType.PERSON_INVITED
            ]
        case "invite":
            return lambda: _invited(c), [EventType.PERSON_INVITED]
        case "withdraw_invitation":
            asked = _invited(c)
            return lambda: people.withdraw_invitation(invitation=asked, by=by), [EventType.INVITATION_WITHDRAWN]
        case "accept_invitation":
            asked = _invited(c)
            return lambda: people.accept_invitation(invitation=asked, name="Nora", password=PASSWORD), [
                EventType.INVITATION_ACCEPTED,
                EventType.ROLE_GIVEN,
            ]
        case "give_role":
            return lambda: people.give_role(person=c.assessor.person, role="iv", by=by), [EventType.ROLE_GIVEN]
        case "end_role":
            return lambda: people.end_role(membership=c.assessor, by=by), [EventType.ROLE_ENDED]
        case "correct_centre" | "correct_person":
            operator = User.objects.create_superuser("root@example.org", "Olga Operator", "x")
            if name == "correct_centre":
                return lambda: corrections.correct_centre(
                    centre=c.centre, values={"awarding_body": "Meridian"}, why="Taken over", by=operator
                ), [EventType.CENTRE_CORRECTED]
            return lambda: corrections.correct_person(
                person=c.assessor.person, values={"name": "Anna Marsh"}, why="Married", by=operator
            ), [EventType.PERSON_CORRECTED] * 2
        case "record_award":
            return lambda: _award(c), [EventType.AWARD_RECORDED]
        case "recognise_award":
            return lambda: authority.recognise_award(code="EPA3", title="Level 3 award", capacity="assessor"), [
                EventType.AWARD_KIND_RECOGNISED
            ]
        case "file_certificate":
            award, copy = _award(c), hand_in(by)
            return lambda: authority.file_certificate(award=award, certificate=copy, by=by), [
                EventType.AWARD_CERTIFICATE_FILED
            ]
        case "note_competence":
            return lambda: authority.note_competence(
                person=c.assessor.person, kind="cpd", what="Standardisation", happened_on=today(), by=by
            ), [EventType.COMPETENCE_NOTED]
        case "open_case":
            return lambda: _case(c), [EventType.CASE_OPENED]
        case "open_appeal":
            registration = register(c)
            return lambda: cases.open_appeal(
                registration=registration, title="Returned", what="It is right.", by=c.candidate
            ), [EventType.CASE_OPENED]
        case "add_case_step":
            case = _case(c)
            return lambda: cases.add_case_step(case=case, on=today(), what="Talked to both", by=by), [
                EventType.CASE_STEP
            ]
        case "close_case":
            case = _case(c)
            return lambda: cases.close_case(case=case, on=today(), outcome="Upheld", by=by), [EventType.CASE_CLOSED]
        case "strike_out_award":
            award = _award(c)
            return lambda: authority.strike_out_award(award=award, why="Typo", by=by), [EventType.AWARD_WITHDRAWN]
        case "give_approval":
            return lambda: authority.give_approval(
                person=c.other_assessor.person, unit=c.units[0], capacity="assessor", starts_on=today(), by=by
            ), [EventType.APPROVAL_GIVEN]
        case "give_approvals":
            return lambda: approve(c, c.other_assessor, "assessor"), [EventType.APPROVAL_GIVEN] * 2
        case "end_approval":
            approval = c.assessor.person.unit_approvals.all()[0]
            return lambda: authority.end_approval(approval=approval, ends_on=today(), by=by), [EventType.APPROVAL_ENDED]
        case "grant_access" | "open_registrations":
            registration = register(c)
            return lambda: _open(c, registration), [EventType.ACCESS_GRANTED]
        case "end_access":
            grant = _grant(c)
            return lambda: access.end_access(grant=grant, by=by), [EventType.ACCESS_ENDED]
        case "create_registration":
            return lambda: registrations.create_registration(**facts(c)), [EventType.CANDIDATE_REGISTERED]
        case "change_registration":
            registration = register(c)
            values: dict[str, Any] = {
                "number": "R2", "employer": "E", "site": "S", "started_on": today(),
                "expected_end_on": today() + timedelta(days=1),
            }  # fmt: skip
            return lambda: registrations.change_registration(registration=registration, revision=1, by=by, **values), [
                EventType.REGISTRATION_CHANGED
            ]
        case "change_status":
            registration = register(c)
            return lambda: registrations.change_status(
                registration=registration, revision=1, status="suspended", on=today(), why="Leave", by=by
            ), [EventType.REGISTRATION_STATUS_CHANGED]
        case "reassign":
            registration = register(c)
            approve(c, c.other_assessor, "assessor")
            return lambda: registrations.reassign(
                registration=registration, revision=1, assessor=c.other_assessor.person, iv=c.iv.person,
                units=c.units[:2], why="Leave", by=by,
            ), [EventType.REGISTRATION_REASSIGNED]  # fmt: skip
    raise LookupError(name)


ACTIONS = {
    name
    for module in (access, authority, cases, corrections, people, registrations)
    for name in [*actions_of(module), *(["accept_invitation"] if module is people else [])]
}


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_action_writes_its_events(college: College, name: str) -> None:
    call, events = prepare(name, college)
    with expect_events(*events) as written:
        call()
    assert all(event.subject.split(":")[0] in _SUBJECTS for event in written)


_SUBJECTS = {"award_kind", "case", "centre", "person", "invitation", "registration", "unit_record"}


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_action_leaves_nothing_behind_when_the_ledger_fails(college: College, name: str) -> None:
    call, _ = prepare(name, college)
    before = [list(table.objects.order_by("pk").values()) for table in TABLES]
    with failing_ledger(), pytest.raises(LedgerWriteFailed):
        call()
    assert [list(table.objects.order_by("pk").values()) for table in TABLES] == before


def test_what_a_person_wrote_is_a_note_and_not_in_the_data(college: College) -> None:
    """R60: free text and addresses can be disposed of."""
    with expect_events(EventType.PERSON_INVITED, EventType.AWARD_RECORDED) as events:
        _invited(college)
        _award(college)
    assert "example.org" not in str([event.data for event in events])
    assert events[1].note_digest
    assert set(events[1].data) == {"award", "kind", "awarded_on"}


def test_personal_facts_of_a_registration_stand_in_erasable_notes_only(college: College) -> None:
    """R60: disposal must be able to take them away and leave the chain whole."""
    made = registrations.create_registration(**facts(college))
    registrations.change_registration(
        registration=made,
        revision=made.revision,
        number="R-900",
        employer="Another Employer",
        site=made.site,
        started_on=made.started_on,
        expected_end_on=None,
        by=college.coordinator,
    )
    told = with_notes(events_about(f"registration:{made.pk}"))
    assert not any(word in str(event.data) for event in told for word in ("R-900", made.employer, "Another Employer"))
    assert "Another Employer" in told.last().note
