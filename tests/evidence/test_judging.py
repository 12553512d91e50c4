"""The assessor's decisions: who may judge, what may be accepted, and that all of it happens or nothing."""

import itertools
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from centres.actions.authority import end_approval
from centres.actions.registrations import change_status
from centres.models import Membership, RegistrationStatus, Role, UnitApproval
from evidence.actions.confirmations import confirm_unit
from evidence.actions.enrolment import reassign, reassign_unit
from evidence.actions.items import change_evidence
from evidence.actions.judging import Confirmation, Verdict, authenticate_witness, judge_claim, judge_item
from evidence.models import (
    Claim,
    ClaimState,
    Evidence,
    EvidenceVersion,
    ItemConfirmation,
    Judgement,
    UnitConfirmation,
    UnitConfirmationKind,
    UnitRecord,
)
from evidence.states import CLAIM_MOVES
from ledger.actions import record as record_event
from ledger.events import EventType
from ledger.models import Event
from tests.evidence.builders import (
    World,
    add_a_witness,
    add_item,
    add_offered_item,
    approve,
    claim,
    hand_in,
    join,
    offer,
    register,
    today,
    words,
)
from tests.signoff.builders import candidate_signed, confirm_sufficient, judge
from units.setting_policy import Setting, SettingPolicy, may_count

BYSTANDERS = ["candidate", "other_assessor", "countersigner", "iv", "coordinator", "foreign_assessor"]
CONFIRMED = Confirmation(is_valid=True, is_authentic=True, is_current=True, how_authenticated="Saw it on site")


def version_of(item: Evidence) -> EvidenceVersion:
    found = Evidence.objects.select_related("current_version").get(pk=item.pk).current_version
    assert found is not None
    return found


def judge_it(
    item: Evidence,
    by: Membership,
    *,
    is_accepted: bool = True,
    comment: str = "",
    confirmation: Confirmation | None = CONFIRMED,
    version: EvidenceVersion | None = None,
) -> list[Judgement]:
    """One decision on every live claim of an item."""
    return judge_item(
        evidence=item,
        version=version or version_of(item),
        verdicts=[Verdict(one.pk, is_accepted, comment) for one in item.claims.exclude(state=ClaimState.WITHDRAWN)],
        confirmation=confirmation,
        by=by,
    )


def standing() -> tuple[Any, ...]:
    """Everything that a judgement may write."""
    return (
        list(Claim.objects.order_by("pk").values_list("pk", "state", "judged_version")),
        list(Judgement.objects.order_by("pk").values_list("pk", "comment")),
        list(ItemConfirmation.objects.order_by("pk").values_list("pk", "is_valid", "is_authentic", "is_current")),
        list(UnitConfirmation.objects.order_by("pk").values_list("pk", "lapsed_at")),
        Event.objects.count(),
    )


# --- Accepting and returning ------------------------------------------------------------------------------------------


def test_a_whole_item_is_accepted_in_one_go(world: World) -> None:
    item = add_offered_item(world, world.criteria[:3])
    judge_it(item, world.assessor)
    version = version_of(item)
    assert {(one.state, one.judged_version) for one in item.claims.all()} == {(ClaimState.ACCEPTED, version)}
    assert {judgement.judged_by for judgement in Judgement.objects.all()} == {world.assessor.person}
    confirmed = ItemConfirmation.objects.get()
    assert (confirmed.version, confirmed.confirmed_by, confirmed.is_whole) == (version, world.assessor.person, True)


def test_a_return_needs_a_comment_and_no_confirmation(world: World) -> None:
    item = add_offered_item(world, world.criteria[:1])
    with pytest.raises(ValidationError) as refusal:
        judge_it(item, world.assessor, is_accepted=False, comment="  ", confirmation=None)
    only = item.claims.get()
    assert list(refusal.value.message_dict) == [f"claim_{only.pk}"]
    judge_it(item, world.assessor, is_accepted=False, comment="Which customer was it?", confirmation=None)
    only.refresh_from_db()
    assert only.state == ClaimState.RETURNED
    assert only.judgements.get().comment == "Which customer was it?"


@pytest.mark.parametrize("ticked", [ticks for ticks in itertools.product([True, False], repeat=3) if not all(ticks)])
def test_valid_authentic_and_current_are_all_demanded_of_an_acceptance(
    world: World, ticked: tuple[bool, bool, bool]
) -> None:
    """R17."""
    item = add_offered_item(world, world.criteria[:1])
    before = standing()
    with pytest.raises(ValidationError, match="valid, authentic and current"):
        judge_it(item, world.assessor, confirmation=Confirmation(*ticked, how_authenticated="Saw it on site"))
    assert standing() == before


def test_how_it_was_authenticated_is_asked(world: World) -> None:
    """R11."""
    item = add_offered_item(world, world.criteria[:1])
    with pytest.raises(ValidationError, match="authentic"):
        judge_it(item, world.assessor, confirmation=Confirmation(True, True, True, " "))


def test_a_confirmation_is_not_taken_back_while_something_accepted_rests_on_it(world: World) -> None:
    item = add_offered_item(world, world.criteria[:1])
    judge_it(item, world.assessor)
    nothing = Confirmation(False, False, False, "")
    with pytest.raises(ValidationError, match="Return those claims"):
        judge_item(evidence=item, version=version_of(item), verdicts=[], confirmation=nothing, by=world.assessor)
    # Returned in the same go, it may be.
    judge_it(item, world.assessor, is_accepted=False, comment="Not hers after all.", confirmation=nothing)
    assert not ItemConfirmation.objects.get().is_whole


def test_a_confirmation_already_made_stays_with_whoever_made_it(world: World) -> None:
    item = add_offered_item(world, world.criteria[:2])
    first, second = item.claims.all()
    judge_item(
        evidence=item,
        version=version_of(item),
        verdicts=[Verdict(first.pk, True)],
        confirmation=CONFIRMED,
        by=world.assessor,
    )
    made_at = ItemConfirmation.objects.get().confirmed_at
    other_words = Confirmation(True, True, True, "Another reason")
    judge_item(
        evidence=item,
        version=version_of(item),
        verdicts=[Verdict(second.pk, True)],
        confirmation=other_words,
        by=world.assessor,
    )
    confirmed = ItemConfirmation.objects.get()
    assert (confirmed.how_authenticated, confirmed.confirmed_at) == ("Saw it on site", made_at)
    assert Event.objects.filter(type=EventType.ITEM_CONFIRMED).count() == 1


def test_the_same_decision_sent_twice_is_made_once(world: World) -> None:
    item = add_offered_item(world, world.criteria[:2])
    judge_it(item, world.assessor, is_accepted=False, comment="Which customer?")
    before = standing()
    judge_it(item, world.assessor, is_accepted=False, comment="Which customer?")
    assert standing() == before


def test_an_assessor_may_think_again_and_say_more(world: World) -> None:
    item = add_offered_item(world, world.criteria[:1])
    judge_it(item, world.assessor)
    judge_it(item, world.assessor, is_accepted=False, comment="I overlooked the date.")
    judge_it(item, world.assessor, is_accepted=False, comment="And the place.")
    only = item.claims.get()
    assert only.state == ClaimState.RETURNED
    assert [judgement.comment for judgement in only.judgements.all()] == [
        "",
        "I overlooked the date.",
        "And the place.",
    ]


def test_a_claim_moves_as_the_table_says_under_judgement(world: World) -> None:
    """Every state × verdict, by the real action."""
    legal = {(move.source, move.target) for move in CLAIM_MOVES if move.owner == "assessor"}
    stays = {(ClaimState.ACCEPTED, ClaimState.ACCEPTED), (ClaimState.RETURNED, ClaimState.RETURNED)}
    item = add_offered_item(world, world.criteria[:1])
    version = version_of(item)
    judge_it(item, world.assessor, is_accepted=False, comment="First look")
    judge_it(item, world.assessor)
    only = item.claims.get()
    for source, is_accepted in itertools.product(ClaimState.values, [True, False]):
        target = ClaimState.ACCEPTED if is_accepted else ClaimState.RETURNED
        Claim.objects.update(state=source, judged_version=version)
        verdict = Verdict(only.pk, is_accepted, f"{source} {target}")
        if (source, target) in legal | stays:
            judge_claim(claim_id=only.pk, version=version, verdict=verdict, by=world.assessor)
        else:
            with pytest.raises(ValidationError):
                judge_claim(claim_id=only.pk, version=version, verdict=verdict, by=world.assessor)
        only.refresh_from_db()
        assert only.state == (target if (source, target) in legal | stays else source)


# --- What may be accepted ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("policy", "setting"), list(itertools.product(SettingPolicy, Setting)))
def test_what_a_setting_bars_cannot_be_accepted_and_can_be_returned(
    world: World, policy: SettingPolicy, setting: Setting
) -> None:
    """R5, literally: setting × policy × section, and the unit as a whole as performance."""
    world.unit.setting_policy = policy
    world.unit.save(update_fields=["setting_policy"])
    of_section = {one.group.section: one for one in world.criteria}
    basis = "Complaints of last spring" if setting == Setting.SIMULATION else ""
    item = add_offered_item(world, [*of_section.values(), None], setting=setting, simulation_basis=basis)
    for one in item.claims.select_related("criterion__group"):
        section = one.criterion.group.section if one.criterion else "cover"
        verdict = Verdict(one.pk, is_accepted=True)
        if may_count(policy, setting, section).allowed:
            judge_item(
                evidence=item,
                version=version_of(item),
                verdicts=[verdict],
                confirmation=CONFIRMED,
                by=world.assessor,
            )
        else:
            with pytest.raises(ValidationError) as refusal:
                judge_item(
                    evidence=item,
                    version=version_of(item),
                    verdicts=[verdict],
                    confirmation=CONFIRMED,
                    by=world.assessor,
                )
            reason = may_count(policy, setting, section).reason
            assert refusal.value.message_dict == {f"claim_{one.pk}": [reason]}
            back = Verdict(one.pk, is_accepted=False, comment="Not from there.")
            judge_claim(claim_id=one.pk, version=version_of(item), verdict=back, by=world.assessor)


def test_a_testimony_needs_its_witness_authenticated_first(world: World) -> None:
    """R20a."""
    witness = add_a_witness(world)
    item = add_offered_item(world, world.criteria[:1], methods=["WT"], witness=witness)
    with pytest.raises(ValidationError, match="genuine"):
        judge_it(item, world.assessor)
    authenticate_witness(witness=witness, how="Rang the shop’s main number", by=world.assessor)
    judge_it(item, world.assessor)
    assert item.claims.get().state == ClaimState.ACCEPTED


def test_whoever_judges_is_not_the_witness(world: World) -> None:
    """R23: the witness became the unit's assessor after the evidence had been offered."""
    newcomer = approve(world.coordinator, join(world.coordinator, Role.ASSESSOR, "Nora Newcomer"), world.unit)
    witness = add_a_witness(world, name="Nora Newcomer", contact="nora@marsh.example")
    item = add_offered_item(world, world.criteria[:1], methods=["WT"], witness=witness)
    authenticate_witness(witness=witness, how="Met her on site", by=world.assessor)
    reassign_unit(
        record_id=world.record.pk, own_assessor=newcomer.person, own_iv=None, why="Nora is free", by=world.coordinator
    )
    with pytest.raises(ValidationError, match="cannot be a witness"):
        judge_it(item, newcomer)


def test_drafts_and_withdrawn_claims_are_not_judged(world: World) -> None:
    draft = add_item(world)
    claim(world, draft, world.criteria[:1])
    with pytest.raises(ValidationError, match="not offered"):
        judge_it(draft, world.assessor)
    item = add_offered_item(world, world.criteria[:1])
    Claim.objects.filter(evidence=item).update(state=ClaimState.WITHDRAWN)
    gone = Verdict(item.claims.get().pk, is_accepted=True)
    with pytest.raises(ValidationError, match="withdrawn"):
        judge_claim(claim_id=gone.claim_id, version=version_of(item), verdict=gone, by=world.assessor)


def test_a_version_replaced_meanwhile_is_not_judged(world: World) -> None:
    """Q22. Neither are its V, A and C recorded."""
    item = add_offered_item(world, world.criteria[:1])
    looked_at = version_of(item)
    item.refresh_from_db()
    change_evidence(
        evidence=item,
        revision=item.revision,
        files=[hand_in(world.candidate, "sharper.jpg")],
        why="Sharper photo",
        by=world.candidate,
        **words(),
    )
    for verdicts in ([Verdict(item.claims.get().pk, is_accepted=True)], []):
        with pytest.raises(ValidationError, match="replaced") as refusal:
            judge_item(evidence=item, version=looked_at, verdicts=verdicts, confirmation=CONFIRMED, by=world.assessor)
        assert refusal.value.code == "stale"
    assert not ItemConfirmation.objects.exists()


def test_claims_of_another_item_are_not_judged_by_the_way(world: World) -> None:
    item, other = add_offered_item(world, world.criteria[:1]), add_offered_item(world, world.criteria[1:2])
    with pytest.raises(ValidationError):
        judge_item(
            evidence=item,
            version=version_of(item),
            verdicts=[Verdict(other.claims.get().pk, is_accepted=True)],
            confirmation=CONFIRMED,
            by=world.assessor,
        )
    assert other.claims.get().state == ClaimState.UNDECIDED


# --- Who may judge ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who",
    [
        "candidate",
        "other_assessor",
        "countersigner",
        "trainee",
        "iv",
        "ev",
        "coordinator",
        "foreign_assessor",
        "foreign_coordinator",
    ],
)
def test_nobody_but_the_units_assessor_judges(world: World, who: str) -> None:
    """Isolation: each of them has a unit or a role of their own."""
    item = add_offered_item(world, world.criteria[:1])
    before = standing()
    with pytest.raises(PermissionDenied):
        judge_it(item, getattr(world, who))
    with pytest.raises(PermissionDenied):
        judge_claim(
            claim_id=item.claims.get().pk,
            version=version_of(item),
            verdict=Verdict(item.claims.get().pk, is_accepted=False, comment="No"),
            by=getattr(world, who),
        )
    assert standing() == before


def test_an_assessor_judges_the_units_given_to_them_and_no_longer_those_taken_away(world: World) -> None:
    """Q24."""
    item = add_offered_item(world, world.criteria[:1])
    reassign_unit(
        record_id=world.record.pk,
        own_assessor=world.countersigner.person,
        own_iv=None,
        why="Holiday",
        by=world.coordinator,
    )
    with pytest.raises(PermissionDenied, match="Connie Countersigner"):
        judge_it(item, world.assessor)
    judge_it(item, world.countersigner)
    assert item.claims.get().state == ClaimState.ACCEPTED


def test_an_approval_that_has_ended_ends_judging(world: World) -> None:
    """HOUSE decided 7."""
    item = add_offered_item(world, world.criteria[:1])
    approval = UnitApproval.objects.get(person=world.assessor.person, unit=world.unit)
    approval.starts_on = today().replace(year=today().year - 2)
    approval.save(update_fields=["starts_on"])
    end_approval(approval=approval, ends_on=today().replace(year=today().year - 1), by=world.coordinator)
    with pytest.raises(PermissionDenied, match="not approved"):
        judge_it(item, world.assessor)


def test_an_assessor_who_is_a_candidate_too_does_not_judge_their_own(world: World) -> None:
    """R23, R41: even where a row says that they assess themselves."""
    item = add_offered_item(world, world.criteria[:1])
    own_seat = Membership.objects.create(person=world.candidate.person, centre=world.centre, role=Role.ASSESSOR)
    UnitRecord.objects.filter(pk=world.record.pk).update(own_assessor=own_seat.person)
    with pytest.raises(PermissionDenied, match="their own"):
        judge_it(item, own_seat)


def test_a_suspended_registration_is_not_judged(world: World) -> None:
    """R66."""
    item = add_offered_item(world, world.criteria[:1])
    change_status(
        registration=world.registration,
        revision=world.registration.revision,
        status=RegistrationStatus.SUSPENDED,
        on=today(),
        why="Leave",
        by=world.coordinator,
    )
    with pytest.raises(ValidationError, match="suspended"):
        judge_it(item, world.assessor)


def test_nothing_is_judged_once_the_candidate_has_signed(world: World) -> None:
    candidate_signed(world)
    item = Evidence.objects.get()
    before = standing()
    with pytest.raises(ValidationError, match="signed"):
        judge_it(item, world.assessor, is_accepted=False, comment="On second thoughts", confirmation=None)
    assert standing() == before


# --- One transaction, one story ---------------------------------------------------------------------------------------


def test_everything_or_nothing(world: World) -> None:
    item = add_offered_item(world, world.criteria[:3])
    first, second, third = item.claims.all()
    before = standing()
    with pytest.raises(ValidationError):
        judge_item(
            evidence=item,
            version=version_of(item),
            verdicts=[Verdict(first.pk, True), Verdict(second.pk, True), Verdict(third.pk, False, "")],
            confirmation=CONFIRMED,
            by=world.assessor,
        )
    assert standing() == before


@pytest.mark.parametrize("failing_write", [1, 2, 3])
def test_without_its_event_nothing_happens(world: World, failing_write: int) -> None:
    """HOUSE, habit 12: whichever write to the ledger fails."""
    item = add_offered_item(world, world.criteria[:2])
    before = standing()
    calls = itertools.count(1)

    def fail(**told: Any) -> Any:
        if next(calls) == failing_write:
            raise RuntimeError("the ledger is gone")
        return record_event(**told)

    with patch("evidence.actions.judging.record", fail), pytest.raises(RuntimeError):
        judge_it(item, world.assessor)
    assert standing() == before


def test_events_tell_it_without_personal_text(world: World) -> None:
    item = add_offered_item(world, world.criteria[:2])
    judge_it(item, world.assessor, is_accepted=False, comment="Ask Mrs Patel.", confirmation=None)
    events = list(Event.objects.filter(type=EventType.CLAIM_RETURNED).order_by("pk"))
    assert {event.subject for event in events} == {f"claim:{one.pk}" for one in item.claims.all()}
    for event in events:
        assert event.chain.key == world.portfolio.chain
        assert (event.actor_id, event.actor_role) == (world.assessor.person_id, "assessor")
        assert "Patel" not in str(event.data)
    judge_it(item, world.assessor)
    assert Event.objects.filter(type=EventType.CLAIM_ACCEPTED).count() == 2
    assert Event.objects.filter(type=EventType.ITEM_CONFIRMED, subject=f"evidence:{item.pk}").count() == 1


# --- Witnesses --------------------------------------------------------------------------------------------------------


def test_the_assessor_records_how_a_witness_was_authenticated(world: World) -> None:
    """R20a."""
    witness = add_a_witness(world)
    with pytest.raises(ValidationError):
        authenticate_witness(witness=witness, how="  ", by=world.assessor)
    authenticate_witness(witness=witness, how="Rang the shop’s main number", by=world.assessor)
    witness.refresh_from_db()
    assert witness.authenticated_by == world.assessor.person
    told = Event.objects.get(type=EventType.WITNESS_AUTHENTICATED)
    assert told.subject == f"witness:{witness.pk}"
    # Sent twice, it is recorded once; nobody writes over it.
    authenticate_witness(witness=witness, how="Rang the shop’s main number", by=world.assessor)
    with pytest.raises(ValidationError, match="Anna Assessor"):
        authenticate_witness(witness=witness, how="Something else", by=world.assessor)
    assert Event.objects.filter(type=EventType.WITNESS_AUTHENTICATED).count() == 1


@pytest.mark.parametrize(
    "who", ["candidate", "other_assessor", "countersigner", "iv", "coordinator", "foreign_assessor"]
)
def test_nobody_else_authenticates_a_witness(world: World, who: str) -> None:
    witness = add_a_witness(world)
    with pytest.raises(PermissionDenied):
        authenticate_witness(witness=witness, how="I know her", by=getattr(world, who))


# --- Confirming a unit ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", UnitConfirmationKind.values)
def test_a_unit_is_confirmed_once_everything_is_judged(world: World, kind: str) -> None:
    """R4, R17, Q23."""

    def confirm() -> UnitConfirmation:
        return confirm_unit(record_id=world.record.pk, kind=kind, by=world.assessor)

    with pytest.raises(ValidationError, match="Nothing"):
        confirm()
    first, second = add_offered_item(world, world.criteria[:1]), add_offered_item(world, world.criteria[1:2])
    judge_it(first, world.assessor)
    with pytest.raises(ValidationError, match="wait for your judgement"):
        confirm()
    judge_it(second, world.assessor, is_accepted=False, comment="Not enough")
    assert confirm().kind == kind
    with pytest.raises(ValidationError, match="already"):
        confirm()
    assert Event.objects.filter(type=EventType.UNIT_CONFIRMED).count() == 1


def test_a_confirmation_lapses_with_the_next_judgement(world: World) -> None:
    item = add_offered_item(world, world.criteria[:1])
    judge(item, by=world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    judge_it(item, world.assessor, is_accepted=False, comment="I was wrong")
    confirmed = UnitConfirmation.objects.get()
    assert confirmed.lapsed_at is not None
    assert Event.objects.get(type=EventType.CONFIRMATION_LAPSED).data == {"count": 1}
    judge_it(item, world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    assert UnitConfirmation.objects.filter(lapsed_at=None).count() == 1


def test_judging_one_unit_leaves_the_confirmation_of_another(world: World) -> None:
    """R8: one item in two units of two registrations; only the unit judged is touched."""
    approve(world.coordinator, world.assessor, world.other_unit)
    approve(world.coordinator, world.iv, world.other_unit)
    second = register(
        world.coordinator, world.candidate, assessor=world.assessor, iv=world.iv, units=[world.other_unit]
    )
    other_record = second.unit_records.get()
    item = add_item(world)
    claim(world, item, world.criteria[:1])
    claim(world, item, [None], record=other_record)
    offer(world, item)
    judge(item, by=world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    confirm_sufficient(other_record, by=world.assessor)
    only = Verdict(item.claims.get(record=world.record).pk, is_accepted=False, comment="No")
    judge_claim(claim_id=only.claim_id, version=version_of(item), verdict=only, by=world.assessor)
    assert set(UnitConfirmation.objects.filter(lapsed_at=None).values_list("record", flat=True)) == {other_record.pk}


@pytest.mark.parametrize(
    "who", ["candidate", "countersigner", "other_assessor", "iv", "coordinator", "foreign_assessor"]
)
def test_nobody_else_confirms_a_unit(world: World, who: str) -> None:
    judge(add_offered_item(world, world.criteria[:1]), by=world.assessor)
    with pytest.raises(PermissionDenied):
        confirm_unit(record_id=world.record.pk, kind=UnitConfirmationKind.SUFFICIENT, by=getattr(world, who))


def test_judgements_stay_with_whoever_made_them(world: World) -> None:
    """Q23."""
    item = add_offered_item(world, world.criteria[:1])
    judge_it(item, world.assessor)
    registration = world.registration
    registration.refresh_from_db()
    reassign(
        registration=registration,
        revision=registration.revision,
        assessor=world.countersigner.person,
        iv=world.iv.person,
        why="Anna has left",
        by=world.coordinator,
    )
    assert item.claims.get().state == ClaimState.ACCEPTED
    assert Judgement.objects.get().judged_by == world.assessor.person
