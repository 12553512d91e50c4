"""Every action that writes to the ledger, by its full name, with what it needs: reached by the real actions only."""

import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from assessment.confirming import actions as confirmations
from assessment.confirming import waivers
from assessment.confirming.statements import Confirming
from assessment.discussions import actions as discussions
from assessment.judging import actions as judging
from assessment.method_records import actions as method_records
from assessment.method_records.kinds import MethodKind
from assessment.questions import actions as questions
from centres.environments import actions as environments
from centres.standards import actions as standards
from evidence.claims import actions as claims
from evidence.instances import actions as instances
from evidence.items import actions as items
from evidence.models import Evidence
from evidence.testimonies import actions as testimonies
from evidence.witnesses import actions as witnesses
from ledger import actions as ledger
from ledger.chains import INSTALLATION
from ledger.events import EventType
from ledger.models import Event
from ledger.subjects import Named
from proof import runs as verifying
from records import actions as records
from registrations import enrolment
from registrations.held_elsewhere import actions as held_elsewhere
from registrations.models import UnitConfirmationKind
from signoff import actions as signoff
from signoff import moving_on
from signoff.handover import actions as handing_over
from signoff.handover import leavers, reassigning
from signoff.models import Slot
from tests.actions_of_accounts import OF_ACCOUNTS
from tests.centres import test_ledger as centres
from tests.centres.builders import make_college
from tests.centres.test_standards import good
from tests.evidence import naming, other_units, signed_records, testifying
from tests.evidence.builders import (
    World,
    add_a_witness,
    add_item,
    add_offered_item,
    approve,
    claim,
    hand_in,
    offer,
    register,
    today,
    words,
)
from tests.evidence.decisions import version_of
from tests.evidence.front_pages import write_front_matter
from tests.signoff import builders
from tests.units.kinds_of_items import standard_of_all_kinds
from units import actions as units

type Call = Callable[[], Any]


def of_centres(name: str) -> Callable[[World], Call]:
    """As the centres' own table has it, in a college of theirs."""
    return lambda world: centres.prepare(name, make_college())[0]


def _a_note(world: World) -> Event:
    add_offered_item(world, world.criteria[:1])
    item = Evidence.objects.filter(portfolio=world.portfolio).latest("pk")
    items.withdraw_evidence(evidence=item, revision=item.revision, why="Wrong shop", by=world.candidate)
    return Event.objects.filter(type=EventType.EVIDENCE_WITHDRAWN).latest("pk")


def dispose_note(world: World) -> Call:
    event = _a_note(world)
    return lambda: ledger.dispose_note(event=event, by=world.coordinator.person, reason="Three years are over")


def tell(world: World) -> Call:
    return lambda: ledger.tell(EventType.CENTRE_OPENED, about=Named(INSTALLATION, "centre:1"), by=None)


def end_environment(world: World) -> Call:
    shop = _environment(world)()
    return lambda: environments.end_environment(environment=shop, ended_on=today(), by=world.coordinator)


def _environment(world: World) -> Call:
    return lambda: environments.record_environment(
        name="Training shop",
        what_it_is="A shop",
        approved_by="City and Guilds",
        approved_on=today(),
        by=world.coordinator,
    )


def load_handed_in(world: World) -> Call:
    upload = standards.hand_in_standard(file=io.BytesIO(good()), name="ours.xlsx", by=world.coordinator)
    return lambda: standards.load_handed_in(upload=upload, by=world.coordinator)


def confirm_held_elsewhere(world: World) -> Call:
    unit = other_units.record_of(world, "A16").unit
    return lambda: held_elsewhere.confirm_held_elsewhere(units=[unit], where="Folder 3", by=world.coordinator)


def end_held_elsewhere(world: World) -> Call:
    (held,) = confirm_held_elsewhere(world)()
    return lambda: held_elsewhere.end_held_elsewhere(held=held, by=world.coordinator)


def update_claims(world: World) -> Call:
    item = add_item(world)
    return lambda: claim(world, item, world.criteria[:2])


def add_claim(world: World) -> Call:
    item = add_offered_item(world, world.criteria[:1])
    return lambda: claims.add_claim(
        evidence=item, record=world.record, criterion=world.criteria[1], locator="page 2", by=world.assessor
    )


def add_twin_claim(world: World) -> Call:
    record = naming.record_of(world, "D2")
    named = [naming.name_it(world, record, name) for name in ("Rota", "Price list")]
    point, item = naming.cell_of(record, "5a"), add_item(world)
    (made,) = claim(world, item, [point], record=record, instance=named[0])
    item.refresh_from_db()
    return lambda: claims.add_twin_claim(
        evidence=item, twin=made, record=record, criterion=point, instance=named[1], by=world.candidate
    )


def judged(world: World) -> Any:
    item = add_offered_item(world)
    builders.judge(item, by=world.assessor)
    return item


def confirm_record(world: World) -> Call:
    judged(world)
    wanted = [Confirming(UnitConfirmationKind.SUFFICIENT)]
    return lambda: confirmations.confirm_record(record_id=world.record.pk, wanted=wanted, by=world.assessor)


def confirm_unit(world: World) -> Call:
    judged(world)
    return lambda: builders.confirm_sufficient(world.record, by=world.assessor)


def call_off_discussion(world: World) -> Call:
    discussion = signed_records.agree(world)
    return lambda: discussions.call_off_discussion(discussion=discussion, by=world.assessor)


def register_candidate(world: World) -> Call:
    return lambda: register(
        world.coordinator, world.other_candidate, assessor=world.assessor, iv=world.iv, units=[world.unit]
    )


def add_unit(world: World) -> Call:
    first = other_units.record_of(world, "A16")
    other = other_units.unit_of_2010("A18")
    for seat in (world.assessor, world.iv):
        approve(world.coordinator, seat, other)
    return lambda: enrolment.add_unit(registration=first.registration, unit=other, by=world.coordinator)


def change_status(world: World) -> Call:
    return lambda: moving_on.change_status(
        registration=world.registration,
        revision=world.registration.revision,
        status="suspended",
        on=today(),
        why="Leave",
        by=world.coordinator,
    )


def reassign(world: World) -> Call:
    return lambda: reassigning.reassign(
        registration=world.registration,
        revision=world.registration.revision,
        assessor=world.countersigner.person,
        iv=world.iv.person,
        why="Leave",
        by=world.coordinator,
    )


def reassign_unit(world: World) -> Call:
    return lambda: reassigning.reassign_unit(
        record_id=world.record.pk,
        own_assessor=world.countersigner.person,
        own_iv=None,
        why="Leave",
        by=world.coordinator,
    )


def leaving(world: World) -> dict[str, Any]:
    item = f"registration-{world.registration.pk}-assessor"
    people = {"person": world.assessor.person, "assessor": world.countersigner.person, "iv": None}
    return {**people, "items": [item], "why": "Left", "by": world.coordinator}


def name_instance(world: World) -> Call:
    record = naming.record_of(world, "D2")
    return lambda: naming.name_it(world, record, "Rota")


def _named(world: World) -> Any:
    return name_instance(world)()


def rename_instance(world: World) -> Call:
    named = _named(world)
    return lambda: instances.rename_instance(instance_id=named.pk, name="Price list", by=world.candidate)


def remove_instance(world: World) -> Call:
    named = _named(world)
    return lambda: instances.remove_instance(instance_id=named.pk, by=world.candidate)


def add_evidence(world: World) -> Call:
    photograph = hand_in(world.candidate)
    return lambda: add_item(world, files=[photograph])


def change_evidence(world: World) -> Call:
    item, photograph = judged(world), hand_in(world.candidate, "other.jpg")
    return lambda: items.change_evidence(
        evidence=item,
        revision=version_and_revision(item),
        why="The receipt had no date",
        files=[photograph],
        by=world.candidate,
        **words(title="Another title"),
    )


def version_and_revision(item: Any) -> int:
    item.refresh_from_db()
    return int(item.revision)


def offer_evidence(world: World) -> Call:
    item = add_item(world)
    claim(world, item, world.criteria[:1])
    return lambda: offer(world, item)


def withdraw_evidence(world: World) -> Call:
    item = judged(world)
    return lambda: items.withdraw_evidence(
        evidence=item, revision=version_and_revision(item), why="Wrong", by=world.candidate
    )


def judge_item(world: World) -> Call:
    item = add_offered_item(world)
    return lambda: builders.judge(item, by=world.assessor)


def judge_claim(world: World) -> Call:
    item = add_offered_item(world, world.criteria[:1])
    verdict = judging.Verdict(item.claims.get().pk, is_accepted=False, comment="Blurred")
    return lambda: judging.judge_claim(
        claim_id=verdict.claim_id, version=version_of(item), verdict=verdict, by=world.assessor
    )


def authenticate_witness(world: World) -> Call:
    witness = add_a_witness(world)
    return lambda: judging.authenticate_witness(witness=witness, how="Rang the shop", by=world.assessor)


def add_note(world: World) -> Call:
    item = add_item(world)
    return lambda: signed_records.note(item, world.candidate)


def correct_record(world: World) -> Call:
    signed = signed_records.sign(world)
    return lambda: method_records.correct_record(
        record=signed,
        form_key=uuid4(),
        about=signed_records.about(title="Saturday, corrected"),
        body=signed_records.BODIES[MethodKind.OBSERVATION],
        typed_name=world.assessor.person.name,
        why="The wrong day",
        by=world.assessor,
    )


def add_question(world: World) -> Call:
    return lambda: questions.add_question(text="Why that one?", unit=None, by=world.assessor)


def remove_question(world: World) -> Call:
    question = add_question(world)()
    return lambda: questions.remove_question(question=question, by=world.assessor)


def record_seen(world: World) -> Call:
    item = add_item(world, with_file=False, kept_at="The safe")
    claim(world, item, world.criteria[:1])
    item = offer(world, item)
    return lambda: signed_records.see(item, world.assessor)


def ask_witness(world: World) -> Call:
    item = testifying.item_for_witness(world)
    return lambda: testifying.ask(world, item)


def withdraw_request(world: World) -> Call:
    request = ask_witness(world)()
    return lambda: testimonies.withdraw_request(request=request, by=world.candidate)


def give_testimony(world: World) -> Call:
    request = ask_witness(world)()
    return lambda: testimonies.give_testimony(request=request, said=testifying.said())


def suspend_testimony(world: World) -> Call:
    testimony = testifying.answered(world, testifying.item_for_witness(world))
    return lambda: testimonies.suspend_testimony(testimony=testimony)


def waive_criteria(world: World) -> Call:
    record = other_units.record_of(world, "A18")
    (first, *_) = sorted(other_units.unit_outline(record.unit_id).can_be_waived)
    return lambda: waivers.waive_criteria(record_id=record.pk, criteria=[first], reason="None", by=world.assessor)


def withdraw_waiver(world: World) -> Call:
    _, waiver = other_units.waived_record_of(world)
    return lambda: waivers.withdraw_waiver(waiver_id=waiver.pk, by=world.assessor)


def change_witness(world: World) -> Call:
    witness = add_a_witness(world)
    return lambda: witnesses.change_witness(
        witness=witness, name="Walter", job_role="Clerk", relationship="Colleague", contact="0", by=world.candidate
    )


def sign(world: World) -> Call:
    record = builders.ready(world)
    return lambda: builders.sign_line(record, Slot.CANDIDATE, by=world.candidate)


def mark_sample(world: World) -> Call:
    record = builders.complete(world)
    return lambda: signoff.mark_sample(record_id=record.pk, reason="Visit", by=world.ev)


def withdraw_sample(world: World) -> Call:
    record = mark_sample(world)().record
    return lambda: signoff.withdraw_sample(record_id=record.pk, reason="Too many", by=world.ev)


def unlock(world: World) -> Call:
    record = builders.complete(world)
    return lambda: signoff.unlock(record_id=record.pk, reason="A mistake", by=world.coordinator)


def start_verification(world: World) -> Call:
    return lambda: verifying.start_verification(anchor="", by=world.coordinator)


ACTIONS: dict[str, Callable[[World], Call]] = {
    "ledger.actions.tell": tell,
    "ledger.actions.dispose_note": dispose_note,
    "ledger.actions.seal_heads": lambda world: ledger.seal_heads,
    "units.actions.load_standard": lambda world: lambda: units.load_standard(document=standard_of_all_kinds()),
    **{
        f"{module.__name__}.{name}": of_centres(name)
        for module in (centres.access, centres.authority, centres.cases, centres.people, centres.registrations)
        for name in [*centres.actions_of(module), *(["accept_invitation"] if module is centres.people else [])]
    },
    "centres.environments.actions.record_environment": _environment,
    "centres.environments.actions.end_environment": end_environment,
    "registrations.held_elsewhere.actions.confirm_held_elsewhere": confirm_held_elsewhere,
    "registrations.held_elsewhere.actions.end_held_elsewhere": end_held_elsewhere,
    "centres.standards.actions.load_handed_in": load_handed_in,
    "evidence.claims.actions.update_claims": update_claims,
    "evidence.claims.actions.add_claim": add_claim,
    "evidence.claims.actions.add_twin_claim": add_twin_claim,
    "assessment.confirming.actions.confirm_record": confirm_record,
    "assessment.confirming.actions.confirm_unit": confirm_unit,
    "assessment.discussions.actions.agree_discussion": lambda world: lambda: signed_records.agree(world),
    "assessment.discussions.actions.call_off_discussion": call_off_discussion,
    "registrations.enrolment.register_candidate": register_candidate,
    "registrations.enrolment.add_unit": add_unit,
    "signoff.moving_on.change_status": change_status,
    "signoff.handover.reassigning.reassign": reassign,
    "signoff.handover.reassigning.reassign_unit": reassign_unit,
    "evidence.front_matter.actions.change_front_matter": lambda world: lambda: write_front_matter(world),
    "signoff.handover.actions.hand_over": lambda world: lambda: handing_over.hand_over(**leaving(world)),
    "signoff.handover.leavers.pass_on": lambda world: lambda: leavers.pass_on(**leaving(world)),
    "evidence.instances.actions.name_instance": name_instance,
    "evidence.instances.actions.rename_instance": rename_instance,
    "evidence.instances.actions.remove_instance": remove_instance,
    "evidence.items.actions.add_evidence": add_evidence,
    "evidence.items.actions.change_evidence": change_evidence,
    "evidence.items.actions.offer_evidence": offer_evidence,
    "evidence.items.actions.withdraw_evidence": withdraw_evidence,
    "assessment.judging.actions.judge_item": judge_item,
    "assessment.judging.actions.judge_claim": judge_claim,
    "assessment.judging.actions.authenticate_witness": authenticate_witness,
    "assessment.method_records.actions.record_method": lambda world: lambda: signed_records.sign(world),
    "assessment.method_records.actions.add_note": add_note,
    "assessment.method_records.actions.correct_record": correct_record,
    "assessment.questions.actions.add_question": add_question,
    "assessment.questions.actions.remove_question": remove_question,
    "assessment.seen_at_work.actions.record_seen": record_seen,
    "evidence.testimonies.actions.ask_witness": ask_witness,
    "evidence.testimonies.actions.withdraw_request": withdraw_request,
    "evidence.testimonies.actions.give_testimony": give_testimony,
    "evidence.testimonies.actions.suspend_testimony": suspend_testimony,
    "assessment.confirming.waivers.waive_criteria": waive_criteria,
    "assessment.confirming.waivers.withdraw_waiver": withdraw_waiver,
    "evidence.witnesses.actions.add_witness": lambda world: lambda: add_a_witness(world),
    "evidence.witnesses.actions.change_witness": change_witness,
    "signoff.actions.sign": sign,
    "signoff.actions.mark_sample": mark_sample,
    "signoff.actions.withdraw_sample": withdraw_sample,
    "signoff.actions.unlock": unlock,
    "records.actions.ask_for_print": lambda world: (
        lambda: records.ask_for_print(record_id=world.record.pk, by=world.candidate)
    ),
    "proof.runs.start_verification": start_verification,
    **OF_ACCOUNTS,
}
