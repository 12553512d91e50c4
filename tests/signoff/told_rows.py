"""A centre with every kind of row that the ledger tells of, made by the real actions: test_tellings.py."""

from datetime import timedelta
from typing import Any

from django.db import models

from assessment.judging.actions import authenticate_witness
from assessment.models import Judgement, MethodRecord, SeenAtWork
from centres.authority.actions import end_approval, record_award, strike_out_award
from centres.models import AccessGrant, Award, AwardKind, Membership, Role, UnitApproval, User
from centres.people.actions import end_role
from evidence.items.actions import withdraw_evidence
from evidence.models import Evidence, EvidenceVersion, Witness
from registrations.access.actions import end_access
from registrations.cases.actions import add_case_step, close_case, open_case
from registrations.held_elsewhere.actions import confirm_held_elsewhere, end_held_elsewhere
from registrations.models import (
    Case,
    CaseKind,
    CaseStep,
    HeldElsewhere,
    Registration,
    RegistrationStatus,
    UnitConfirmation,
    UnitRecord,
)
from signoff.actions import mark_sample, unlock, withdraw_sample
from signoff.models import SamplingMark, Slot, Unlocking
from signoff.moving_on import change_status
from tests.evidence.builders import (
    add_a_witness,
    add_offered_item,
    approve,
    claim,
    hand_in,
    join,
    jpeg,
    make_world,
    register,
    replace,
    today,
)
from tests.evidence.other_units import record_of
from tests.evidence.signed_records import note, see
from tests.evidence.signed_records import sign as sign_observation
from tests.signoff.builders import judge, ready, sign_line


class Scene:
    """A record that has been through everything: returned, seen at work, observed, sampled, signed and unlocked."""

    def __init__(self) -> None:
        self.world = world = make_world()
        kept = add_offered_item(world, world.criteria[:1], with_file=False, kept_at="The safe")
        see(Evidence.objects.get(pk=kept.pk), world.assessor)
        self.observed = sign_observation(world)
        self.noted = note(Evidence.objects.get(pk=add_offered_item(world, world.criteria[:1]).pk), world.candidate)
        self.witness = add_a_witness(world)
        authenticate_witness(witness=self.witness, how="Rang the shop’s main number", by=world.assessor)
        claim(world, self.observed.version.evidence, world.criteria[1:2])
        judge(kept, by=world.assessor, is_accepted=False, comment="Which binder?")
        judge(kept, by=world.assessor)
        for item in (self.observed.version.evidence, self.noted.version.evidence):
            judge(item, by=world.assessor)
        record = ready(world)
        sign_line(record, Slot.CANDIDATE, by=world.candidate)
        unlock(record_id=record.pk, reason="A page was missing", by=world.assessor)
        mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
        withdraw_sample(record_id=record.pk, reason="The wrong candidate", by=world.iv)
        mark_sample(record_id=record.pk, reason="Ten per cent of them", by=world.iv)
        self.record = record
        self.second = register(
            world.coordinator,
            world.candidate,
            assessor=world.other_assessor,
            iv=world.other_iv,
            units=[world.other_unit],
        )
        change_status(
            registration=self.second,
            revision=self.second.revision,
            status=RegistrationStatus.WITHDRAWN,
            on=today(),
            why="They have moved away",
            by=world.coordinator,
        )
        self.award = record_award(
            person=world.trainee.person,
            kind=AwardKind.A1,
            number="A1-X",
            awarded_on=today(),
            certificate=hand_in(world.coordinator, "certificate.jpg"),
            by=world.coordinator,
        )
        self.other_blob = hand_in(world.coordinator, "other.jpg", jpeg("navy")).blob
        struck = record_award(
            person=world.trainee.person, kind=AwardKind.CAVA, number="C-X", awarded_on=today(), by=world.coordinator
        )
        strike_out_award(award=struck, why="It is somebody else’s", by=world.coordinator)
        leaver = approve(world.coordinator, join(world.coordinator, Role.ASSESSOR, "Lea Leaver"), world.unit)
        for approval in UnitApproval.objects.filter(person=leaver.person):
            end_approval(approval=approval, ends_on=today() + timedelta(days=9), by=world.coordinator)
            end_approval(approval=approval, ends_on=today(), by=world.coordinator)
        self.left = end_role(membership=leaver, by=world.coordinator)
        item = replace(world, add_offered_item(world, world.criteria[2:3]))
        self.withdrawn = withdraw_evidence(
            evidence=item, revision=item.revision, why="The wrong customer", by=world.candidate
        )
        unit = record_of(world, "A18").unit
        (word,) = confirm_held_elsewhere(units=[unit], where="The college’s own records", by=world.coordinator)
        end_held_elsewhere(held=word, by=world.coordinator)
        end_access(grant=world.expired_ev.person.access_grants.get(), by=world.coordinator)
        self.appeal = self.case(registration=world.registration)
        self.sanction = self.case(person=world.trainee.person)

    def case(self, registration: Registration | None = None, person: User | None = None) -> Case:
        by = self.world.coordinator
        kind = CaseKind.APPEAL if registration else CaseKind.MALPRACTICE
        what = "The decision on 5a was wrong."
        case = open_case(
            kind=kind,
            title="Decision on 5a",
            what=what,
            opened_on=today(),
            registration=registration,
            person=person,
            by=by,
        )
        add_case_step(case=case, on=today(), what="Both were heard.", by=by)
        return close_case(case=case, on=today(), outcome="Dismissed.", by=by)

    def row(self, model: type[models.Model]) -> models.Model:
        """The row that is changed: one that much has happened to, and that its constraints let be changed."""
        found: dict[type[models.Model], Any] = {
            Registration: lambda: Registration.objects.get(pk=self.second.pk),
            Case: lambda: Case.objects.get(pk=self.appeal.pk),
            CaseStep: lambda: self.appeal.steps.latest("pk"),
            UnitRecord: lambda: UnitRecord.objects.get(pk=self.record.pk),
            Evidence: lambda: Evidence.objects.get(pk=self.withdrawn.pk),
            EvidenceVersion: lambda: EvidenceVersion.objects.get(pk=self.noted.version_id),
            UnitConfirmation: lambda: UnitConfirmation.objects.get(),
            AccessGrant: lambda: self.world.expired_ev.person.access_grants.get(),
            HeldElsewhere: lambda: HeldElsewhere.objects.get(),
            Judgement: lambda: Judgement.objects.filter(is_accepted=False).get(),
            MethodRecord: lambda: self.observed,
            SeenAtWork: lambda: SeenAtWork.objects.get(),
            Witness: lambda: Witness.objects.get(pk=self.witness.pk),
            SamplingMark: lambda: SamplingMark.objects.get(withdrawn_at=None),
            Unlocking: lambda: Unlocking.objects.get(),
            Award: lambda: Award.objects.get(pk=self.award.pk),
            UnitApproval: lambda: UnitApproval.objects.get(person=self.world.trainee.person),
            Membership: lambda: Membership.objects.get(pk=self.world.countersigner.pk),
        }
        row: models.Model = found[model]()
        return row

    def other(self, value: Any, now: Any) -> Any:
        """What a value of the table stands for."""
        world = self.world
        named: dict[str, Any] = {
            "other claim": Judgement.objects.filter(is_accepted=True).latest("pk").claim_id,
            "other version": self.noted.version_id,
            "first version": self.withdrawn.versions.earliest("ordinal").pk,
            "other person": world.foreign_assessor.person_id,
            "other method record": self.noted.pk,
            "other portfolio": world.other_registration.unit_records.get().portfolio_id,
            "other record": world.other_registration.unit_records.get().pk,
            "other blob": self.other_blob.pk,
            "other centre": world.foreign_centre.pk,
            "other unit": world.other_unit.pk,
            # Of the same candidate: another qualification, and another number on the print.
            "other registration": self.second.pk,
            "other qualification": world.registration.qualification_id,
            "other case": self.sanction.pk,
            "now": self.record.opened_at + timedelta(days=1),
            "tomorrow": today() + timedelta(days=1),
        }
        if isinstance(value, timedelta):
            return now + value
        return named.get(value, value) if isinstance(value, str) else value
