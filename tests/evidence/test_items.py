"""Evidence items: added, changed, replaced, offered, withdrawn (R8-R12, Q20-Q22a)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from evidence.items import actions as items
from evidence.items.actions import add_evidence, change_evidence, offer_evidence, withdraw_evidence
from evidence.models import Claim, ClaimState, Evidence, EvidenceFile, EvidenceState, EvidenceVersion
from files.forms import HandedIn
from files.models import Blob
from ledger.events import EventType
from ledger.models import Event, Note
from ledger.testing import LedgerWriteFailed, actions_of, expect_events, failing_ledger
from registrations.actions import change_status
from registrations.models import RecordState, UnitConfirmation, UnitConfirmationKind
from tests.evidence.builders import (
    World,
    add_a_witness,
    add_item,
    add_offered_item,
    claim,
    hand_in,
    join,
    offer,
    register,
    today,
    words,
)


def fields_of(refusal: pytest.ExceptionInfo[ValidationError]) -> set[str]:
    return set(refusal.value.error_dict)


def freeze(record: Any, state: str = RecordState.CANDIDATE_SIGNED) -> None:
    """What the first signature does to a record; ``signoff`` tests the signing itself."""
    record.state = state
    record.save(update_fields=["state"])


def judge_all(evidence: Evidence, *, accepted: bool = True) -> None:
    """As the assessor leaves claims behind; the judging itself is tested with the staff's side."""
    state = ClaimState.ACCEPTED if accepted else ClaimState.RETURNED
    version = Evidence.objects.get(pk=evidence.pk).current_version
    evidence.claims.exclude(state=ClaimState.WITHDRAWN).update(state=state, judged_version=version)


def states_of(evidence: Evidence) -> set[str]:
    return set(evidence.claims.values_list("state", flat=True))


# --- Adding -----------------------------------------------------------------------------------------------------------


def test_a_new_item_is_a_draft_with_a_number_and_a_first_version(world: World) -> None:
    photo, letter = hand_in(world.candidate), hand_in(world.candidate, "letter.txt", b"Thank you for the kettle.")
    with expect_events(EventType.EVIDENCE_ADDED) as events:
        evidence = add_item(world, files=[photo, letter], methods=["WT", "O"])
    assert (evidence.reference, evidence.state, evidence.revision) == ("E1", EvidenceState.DRAFT, 1)
    version = evidence.current_version
    assert version is not None
    assert (version.ordinal, version.methods, version.happened_to) == (1, ["O", "WT"], version.happened_from)
    assert [(file.name, file.position) for file in version.files.all()] == [("counter.jpg", 1), ("letter.txt", 2)]
    assert all(file.blob.attached for file in version.files.select_related("blob"))
    assert events[0].subject == f"evidence:{evidence.pk}"
    assert events[0].chain.key == world.portfolio.chain
    assert events[0].data["files"] == [photo.blob.sha256, letter.blob.sha256]


def test_numbers_run_on_per_candidate_and_are_never_used_again(world: World) -> None:
    first = add_item(world)
    withdraw_evidence(evidence=first, revision=first.revision, why="Wrong photograph", by=world.candidate)
    assert add_item(world).reference == "E2"
    assert add_item(world, world.other_candidate).reference == "E1"


def test_the_same_form_sent_twice_makes_one_item(world: World) -> None:
    key = uuid4()
    first = add_item(world, form_key=key)
    assert add_item(world, form_key=key) == first
    assert Evidence.objects.count() == 1
    assert world.portfolio.next_number == 2


def test_a_form_that_was_saved_and_then_changed_is_not_swallowed(world: World) -> None:
    key = uuid4()
    add_item(world, form_key=key)
    with pytest.raises(ValidationError, match="saved as E1 already"):
        add_item(world, form_key=key, title="Another story altogether")
    assert Evidence.objects.count() == 1


def test_a_form_key_of_another_portfolio_is_refused(world: World) -> None:
    key = uuid4()
    add_item(world, form_key=key)
    with pytest.raises(ValidationError, match="another portfolio"):
        add_item(world, world.other_candidate, form_key=key)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": "  "}, "title"),
        ({"what_happened": ""}, "what_happened"),
        ({"methods": []}, "methods"),
        ({"methods": ["PE", "XX"]}, "methods"),
        ({"setting": "moon"}, "setting"),
        ({"setting": "simulation"}, "simulation_basis"),
        ({"happened_from": today() + timedelta(days=1)}, "happened_from"),
        ({"happened_to": today() + timedelta(days=1)}, "happened_to"),
        ({"happened_from": today(), "happened_to": today() - timedelta(days=1)}, "happened_to"),
    ],
)
def test_what_is_missing_or_wrong_is_named_and_nothing_is_written(
    world: World, changed: dict[str, Any], field: str
) -> None:
    with expect_events(), pytest.raises(ValidationError) as refusal:
        add_item(world, **changed)
    assert fields_of(refusal) == {field}
    assert not Evidence.objects.exists()
    assert world.portfolio.next_number == 1


def test_a_basis_is_kept_for_simulations_only(world: World) -> None:
    simulated = add_item(world, setting="simulation", simulation_basis="My first week on the returns desk")
    real = add_item(world, simulation_basis="Left over from before I changed the setting")
    assert simulated.current_version.simulation_basis == "My first week on the returns desk"
    assert real.current_version.simulation_basis == ""


def test_a_witness_of_somebody_else_is_refused(world: World) -> None:
    stranger = add_a_witness(world, world.other_candidate)
    with pytest.raises(ValidationError) as refusal:
        add_item(world, methods=["WT"], witness=stranger)
    assert fields_of(refusal) == {"witness"}


def test_a_file_thrown_away_meanwhile_is_named_and_nothing_is_written(world: World) -> None:
    photo = hand_in(world.candidate)
    Blob.objects.filter(pk=photo.blob.pk).delete()
    with pytest.raises(ValidationError) as refusal:
        add_item(world, files=[photo])
    assert fields_of(refusal) == {"files"}
    assert not Evidence.objects.exists()
    assert world.portfolio.next_number == 1


# --- Changing a draft, replacing what was offered ---------------------------------------------------------------------


def change(world: World, evidence: Evidence, **changed: Any) -> Evidence:
    files = changed.pop("files", None)
    revision = changed.pop("revision", None)
    by = changed.pop("by", world.candidate)
    why = changed.pop("why", "")
    evidence = Evidence.objects.get(pk=evidence.pk)
    if files is None:
        version = evidence.current_version
        files = [HandedIn(file.blob, file.name) for file in version.files.select_related("blob")]
    return change_evidence(
        evidence=evidence, revision=revision or evidence.revision, files=files, why=why, by=by, **words(**changed)
    )


def test_a_draft_changes_where_it_stands(world: World) -> None:
    evidence = add_item(world)
    with expect_events(EventType.EVIDENCE_CHANGED) as events:
        change(world, evidence, title="A kettle exchanged", files=[hand_in(world.candidate, "new.jpg")])
    version = EvidenceVersion.objects.get(evidence=evidence)
    assert (version.ordinal, version.title) == (1, "A kettle exchanged")
    assert [file.name for file in version.files.all()] == ["new.jpg"]
    assert events[0].data["changed"] == ["title", "files"]


def test_a_draft_saved_unchanged_writes_nothing(world: World) -> None:
    evidence = add_item(world)
    with expect_events():
        assert change(world, evidence).revision == 1


def test_offered_evidence_is_replaced_by_a_new_version(world: World) -> None:
    evidence = add_offered_item(world, world.criteria[:3])
    judge_all(evidence)
    UnitConfirmation.objects.create(
        record=world.record, kind=UnitConfirmationKind.SUFFICIENT, confirmed_by=world.assessor.person
    )
    with expect_events(EventType.EVIDENCE_REPLACED, EventType.CONFIRMATION_LAPSED) as events:
        change(world, evidence, what_happened="With the date this time.", why="The date was missing")
    old, new = evidence.versions.all()
    assert (old.what_happened, new.what_happened) == (words()["what_happened"], "With the date this time.")
    assert (new.ordinal, new.why, old.files.count(), new.files.count()) == (2, "The date was missing", 1, 1)
    assert old.files.get().blob == new.files.get().blob
    assert Evidence.objects.get(pk=evidence.pk).current_version == new
    assert states_of(evidence) == {ClaimState.UNDECIDED}
    assert not UnitConfirmation.objects.filter(lapsed_at=None).exists()
    assert events[0].data["unit_records"] == [world.record.pk]
    assert Note.objects.get(digest=events[0].note_digest).text == "The date was missing"


def test_a_signed_record_keeps_the_version_it_was_judged_on(world: World) -> None:
    evidence = add_offered_item(world, world.criteria[:3])
    judge_all(evidence)
    freeze(world.record)
    first = evidence.current_version
    change(world, evidence, title="Better", why="Better photograph")
    assert states_of(evidence) == {ClaimState.ACCEPTED}
    assert set(evidence.claims.values_list("judged_version", flat=True)) == {first.pk}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"title": "Better"}, "Say why you replace it"),
        ({"why": "Because"}, "Nothing has been changed"),
        ({"title": "Better", "why": "Because", "files": []}, "Hand in a file"),
        ({"methods": ["WT"], "why": "Because"}, "Say who the witness is"),
    ],
)
def test_a_replacement_without_reason_change_or_substance_is_refused(
    world: World, changed: dict[str, Any], message: str
) -> None:
    evidence = add_offered_item(world, world.criteria[:1])
    with expect_events(), pytest.raises(ValidationError) as refusal:
        change(world, evidence, **changed)
    assert message in str(refusal.value)
    assert evidence.versions.count() == 1


def test_a_replacement_cannot_bring_in_the_assessor_as_witness(world: World) -> None:
    witness = add_a_witness(world)
    witness.name = world.assessor.person.name
    witness.save(update_fields=["name"])
    evidence = add_offered_item(world, world.criteria[:1])
    with pytest.raises(ValidationError, match="is the assessor of unit 304"):
        change(world, evidence, methods=["WT"], witness=witness, why="Now with a witness")
    assert evidence.versions.count() == 1


def test_a_form_filled_in_on_an_older_state_is_refused_by_name(world: World) -> None:
    evidence = add_item(world)
    change(world, evidence, title="Second thoughts")
    with pytest.raises(ValidationError, match=r"changed meanwhile by Carla Candidate\. Look again, then save"):
        change(world, evidence, revision=1, title="Third thoughts")
    assert evidence.versions.get().title == "Second thoughts"


def test_withdrawn_evidence_is_not_changed(world: World) -> None:
    evidence = add_item(world)
    withdraw_evidence(evidence=evidence, revision=1, why="Wrong", by=world.candidate)
    with pytest.raises(ValidationError, match="has been withdrawn"):
        change(world, evidence, title="After all")


# --- Offering ---------------------------------------------------------------------------------------------------------


def test_an_offer_opens_the_draft_to_the_assessor(world: World) -> None:
    evidence = add_item(world)
    claim(world, evidence, world.criteria[:2])
    with expect_events(EventType.EVIDENCE_OFFERED) as events:
        offered = offer(world, evidence)
    assert offered.state == EvidenceState.OFFERED
    assert offered.offered_at is not None
    assert events[0].data == {"reference": "E1", "version": 1, "unit_records": [world.record.pk], "claims": 2}


def test_confidential_material_may_stay_at_work(world: World) -> None:
    evidence = add_item(world, with_file=False, kept_at="Complaints log, manager's office")
    claim(world, evidence, world.criteria[:1])
    assert offer(world, evidence).state == EvidenceState.OFFERED


def test_a_draft_without_substance_is_not_offered(world: World) -> None:
    evidence = add_item(world, with_file=False)
    claim(world, evidence, world.criteria[:1])
    with pytest.raises(ValidationError, match="Hand in a file, or say where"):
        offer(world, evidence)


def test_a_draft_claimed_for_nothing_is_not_offered(world: World) -> None:
    with pytest.raises(ValidationError, match="Choose the criteria"):
        offer(world, add_item(world))


def test_a_testimony_without_its_witness_is_not_offered(world: World) -> None:
    evidence = add_item(world, methods=["WT"])
    claim(world, evidence, world.criteria[:1])
    with pytest.raises(ValidationError, match="Say who the witness is"):
        offer(world, evidence)


def test_nothing_is_offered_to_a_locked_record(world: World) -> None:
    evidence = add_item(world)
    claim(world, evidence, world.criteria[:1])
    freeze(world.record)
    with pytest.raises(ValidationError, match="Unit 304 is signed"):
        offer(world, evidence)


def test_an_item_is_offered_once(world: World) -> None:
    evidence = add_offered_item(world, world.criteria[:1])
    with expect_events(), pytest.raises(ValidationError, match="has been offered already"):
        offer(world, evidence)


# --- Withdrawing ------------------------------------------------------------------------------------------------------


def test_withdrawal_takes_the_item_out_of_every_open_unit(world: World) -> None:
    evidence = add_offered_item(world, world.criteria[:2])
    judge_all(evidence)
    with expect_events(EventType.EVIDENCE_WITHDRAWN) as events:
        after = withdraw_evidence(evidence=evidence, revision=3, why=" Shows a customer ", by=world.candidate)
    assert (after.state, after.withdrawn_why) == (EvidenceState.WITHDRAWN, "Shows a customer")
    assert states_of(evidence) == {ClaimState.WITHDRAWN}
    assert len(events[0].data["claims"]) == 2


def test_a_signed_unit_keeps_what_it_rests_on(world: World) -> None:
    evidence = add_offered_item(world, world.criteria[:2])
    judge_all(evidence)
    freeze(world.record)
    with expect_events(), pytest.raises(ValidationError, match="Every unit that E1 is claimed in is signed"):
        withdraw_evidence(evidence=evidence, revision=3, why="Shows a customer", by=world.candidate)
    assert states_of(evidence) == {ClaimState.ACCEPTED}


def test_withdrawal_touches_open_units_only(world: World) -> None:
    """The item stays as offered for the unit that is signed, and leaves the other one (Q22a)."""
    signed, still_open = two_units(world)
    evidence = add_item(world)
    claim(world, evidence, world.criteria[:2], record=signed)
    claim(world, evidence, [None], record=still_open)
    offer(world, evidence)
    judge_all(evidence)
    freeze(signed)
    evidence = Evidence.objects.get(pk=evidence.pk)
    with expect_events(EventType.EVIDENCE_WITHDRAWN) as events:
        after = withdraw_evidence(
            evidence=evidence, revision=evidence.revision, why="Shows a customer", by=world.candidate
        )
    assert after.state == EvidenceState.OFFERED
    assert set(Claim.objects.filter(record=signed).values_list("state", flat=True)) == {ClaimState.ACCEPTED}
    assert set(Claim.objects.filter(record=still_open).values_list("state", flat=True)) == {ClaimState.WITHDRAWN}
    assert events[0].data["kept_in"] == [signed.pk]


def two_units(world: World) -> tuple[Any, Any]:
    """The candidate's record of 304, and one of A14 with another assessor."""
    other = register(
        world.coordinator,
        world.candidate,
        assessor=world.other_assessor,
        iv=world.other_iv,
        units=[world.other_unit],
    )
    return world.record, other.unit_records.get()


def test_withdrawal_has_a_reason(world: World) -> None:
    evidence = add_item(world)
    with expect_events(), pytest.raises(ValidationError) as refusal:
        withdraw_evidence(evidence=evidence, revision=1, why="  ", by=world.candidate)
    assert fields_of(refusal) == {"why"}


# --- Who, when, and all or nothing ------------------------------------------------------------------------------------


def every_action(world: World) -> dict[str, Callable[[Any], Any]]:
    """Each action of the module on something that it would do for the candidate, by the seat given."""
    draft = add_item(world)
    claim(world, draft, world.criteria[:1])
    offered = add_offered_item(world, world.criteria[1:2])
    photo = hand_in(world.candidate, "another.jpg")
    return {
        "add_evidence": lambda by: add_evidence(
            portfolio=world.portfolio, form_key=uuid4(), files=[photo], by=by, **words()
        ),
        "change_evidence": lambda by: change(world, draft, title="New", by=by),
        "offer_evidence": lambda by: offer_evidence(evidence=draft, revision=2, by=by),
        "withdraw_evidence": lambda by: withdraw_evidence(evidence=offered, revision=3, why="Wrong", by=by),
    }


@pytest.mark.parametrize(
    "who", ["other_candidate", "assessor", "iv", "ev", "coordinator", "foreign_candidate", "foreign_coordinator"]
)
@pytest.mark.parametrize("name", ["add_evidence", "change_evidence", "offer_evidence", "withdraw_evidence"])
def test_nobody_but_the_candidate_writes(world: World, name: str, who: str) -> None:
    action = every_action(world)[name]
    with expect_events(), pytest.raises(PermissionDenied, match="Only the candidate"):
        action(getattr(world, who))


def snapshot() -> list[Any]:
    """All that these actions write."""
    return [
        list(model.objects.order_by("pk").values()) for model in (Evidence, EvidenceVersion, EvidenceFile, Claim, Event)
    ]


@pytest.mark.parametrize("name", ["add_evidence", "change_evidence", "offer_evidence", "withdraw_evidence"])
def test_an_action_that_cannot_be_recorded_leaves_nothing_behind(world: World, name: str) -> None:
    action = every_action(world)[name]
    before, number = snapshot(), world.portfolio.next_number
    with failing_ledger(), pytest.raises(LedgerWriteFailed):
        action(world.candidate)
    assert (snapshot(), world.portfolio.next_number) == (before, number)


def test_no_action_is_forgotten_by_these_tests(world: World) -> None:
    assert set(every_action(world)) == set(actions_of(items)) - {"lapse_for", "judge_replaced_again", "replace_version"}


def test_a_portfolio_without_an_active_registration_is_read_only(world: World) -> None:
    actions = every_action(world)
    change_status(
        registration=world.registration,
        revision=world.registration.revision,
        status="suspended",
        on=today(),
        why="Maternity leave",
        by=world.coordinator,
    )
    for name, action in actions.items():
        with expect_events(), pytest.raises(ValidationError, match="read-only"):
            action(world.candidate)
        assert name


def test_a_person_who_is_candidate_at_two_centres_writes_in_neither_from_the_other(world: World) -> None:
    seat = join(world.foreign_coordinator, "candidate", "Carla Elsewhere")
    seat.person = world.candidate.person
    with pytest.raises(PermissionDenied):
        add_evidence(portfolio=world.portfolio, form_key=uuid4(), files=[], by=seat, **words())
