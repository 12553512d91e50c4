"""What candidates, assessors and verifiers do in the demo centre: each step is the action that the page would call."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from django.core.files.base import ContentFile
from django.utils import timezone

from assessment.confirming.actions import confirm_unit
from assessment.judging.actions import Confirmation, Verdict, authenticate_witness, judge_item
from centres.models import Membership
from centres.queries import drawn_signature_of
from desk.demo.items import Item
from desk.demo.shops import Shop
from evidence.claims.actions import WantedClaim, update_claims
from evidence.instances.actions import name_instance
from evidence.items.actions import add_evidence, offer_evidence
from evidence.models import ClaimState, Evidence, Instance, Witness
from evidence.witnesses.actions import add_witness
from files.actions import store
from files.forms import HandedIn
from registrations.enrolment import add_unit, register_candidate
from registrations.models import Portfolio, Registration, UnitConfirmationKind, UnitRecord
from signoff.actions import mark_sample, sign, unlock
from signoff.contents import RECORD_RELATIONS, contents_of_record
from signoff.models import Slot
from signoff.presence import Proof
from signoff.snapshot import digest_of, snapshot_of
from units.models import Criterion, Qualification, Unit

# Nobody typed a password for these signatures, and the record says so.
_PROOF = Proof(kind="seeding")


@dataclass
class Work:
    """One candidate's work for one registration, and whoever assesses and verifies it."""

    candidate: Membership
    assessor: Membership
    iv: Membership
    shop: Shop
    registration: Registration
    _witnesses: dict[str, Witness] = field(default_factory=dict)

    @classmethod
    def begin(
        cls,
        *,
        candidate: Membership,
        assessor: Membership,
        iv: Membership,
        shop: Shop,
        unit: Unit,
        number: str,
        by: Membership,
    ) -> "Work":
        """Register the candidate for one unit, as of today."""
        registration = register_candidate(
            candidate=candidate.person,
            qualification=Qualification.objects.filter(units=unit).order_by("pk")[0],
            units=[unit],
            assessor=assessor.person,
            iv=iv.person,
            number=number,
            employer=shop.name,
            site=shop.site,
            started_on=timezone.localdate(),
            expected_end_on=timezone.localdate() + timedelta(days=365),
            by=by,
        )
        return cls(candidate=candidate, assessor=assessor, iv=iv, shop=shop, registration=registration)

    @property
    def record(self) -> UnitRecord:
        """The record of the registration's first unit, read anew."""
        return self.registration.unit_records.select_related(*RECORD_RELATIONS).order_by("pk")[0]

    def add_unit(self, unit: Unit, *, by: Membership) -> UnitRecord:
        """One more unit of the registration's qualification."""
        return add_unit(registration=self.registration, unit=unit, by=by)

    def name(self, record: UnitRecord, of: str, names: Iterable[str]) -> dict[str, Instance]:
        """The candidate names what a unit asks for several of (R3). By name."""
        return {name: name_instance(record_id=record.pk, of=of, name=name, by=self.candidate) for name in names}

    def add(self, item: Item) -> Evidence:
        """The candidate hands in an item as a draft."""
        files = [
            HandedIn(store(upload=ContentFile(content, name=name), name=name, by=self.candidate.person), name)
            for name, content in item.files
        ]
        return add_evidence(
            portfolio=self._portfolio,
            form_key=uuid4(),
            title=item.title,
            methods=item.methods,
            setting="real_job",
            happened_from=item.happened_from,
            happened_to=item.happened_to,
            occasion=item.occasion,
            customer=item.customer,
            what_happened=item.what_happened,
            witness=self._witness() if item.has_witness else None,
            files=files,
            by=self.candidate,
        )

    def claim_for_each(
        self, evidence: Evidence, record: UnitRecord, labels: Mapping[str, str], instances: Iterable[Instance | None]
    ) -> None:
        """The candidate claims an item for cells of a unit, once for each instance (None: for none), and offers it."""
        cells = _cells(record.unit)
        evidence.refresh_from_db()
        update_claims(
            evidence=evidence,
            revision=evidence.revision,
            wanted=[
                WantedClaim(record, cells[label], locator, instance)
                for instance in instances
                for label, locator in labels.items()
            ],
            by=self.candidate,
        )
        evidence.refresh_from_db()
        offer_evidence(evidence=evidence, revision=evidence.revision, by=self.candidate)

    def claim(
        self, evidence: Evidence, claims: Mapping[str, str], *others: tuple[UnitRecord, Mapping[str, str]]
    ) -> None:
        """The candidate claims an item for cells of this record, and of others, in one go (R8)."""
        wanted = [
            WantedClaim(record, _cells(record.unit)[label], locator)
            for record, labels in ((self.record, claims), *others)
            for label, locator in labels.items()
        ]
        evidence.refresh_from_db()
        update_claims(evidence=evidence, revision=evidence.revision, wanted=wanted, by=self.candidate)

    def offer(self, item: Item, *others: tuple[UnitRecord, Mapping[str, str]]) -> Evidence:
        """The candidate adds, claims and offers an item."""
        evidence = self.add(item)
        self.claim(evidence, item.claims, *others)
        return self.offer_draft(evidence)

    def offer_draft(self, evidence: Evidence) -> Evidence:
        """The candidate offers an item that has been added and claimed."""
        evidence.refresh_from_db()
        return offer_evidence(evidence=evidence, revision=evidence.revision, by=self.candidate)

    def judge(
        self, evidence: Evidence, *, how: str, returned: Mapping[str, str] | None = None, comment: str = ""
    ) -> None:
        """The assessor judges every claim on an item: all accepted but those in ``returned``, with its reasons."""
        evidence.refresh_from_db()
        version = evidence.current_version
        assert version is not None
        if version.witness and not version.witness.authenticated_at:
            authenticate_witness(
                witness=version.witness, how="Rang the shop and spoke to the witness in person.", by=self.assessor
            )
            version.witness.refresh_from_db()
        why = returned or {}
        waiting = evidence.claims.filter(state=ClaimState.UNDECIDED).select_related("criterion__group")
        judge_item(
            evidence=evidence,
            version=version,
            verdicts=[
                Verdict(claim.pk, is_accepted=False, comment=why[label])
                if (label := claim.criterion.label if claim.criterion else "") in why
                else Verdict(claim.pk, is_accepted=True, comment=comment)
                for claim in waiting
            ],
            confirmation=Confirmation(is_valid=True, is_authentic=True, is_current=True, how_authenticated=how),
            by=self.assessor,
        )

    def confirm_sufficient(self) -> None:
        """The assessor confirms that the evidence of the whole unit is sufficient."""
        confirm_unit(record_id=self.record.pk, kind=UnitConfirmationKind.SUFFICIENT, by=self.assessor)

    def sign(self, slot: Slot, by: Membership) -> None:
        """Sign one line of the record, as it stands, with the signer's drawing where they keep one."""
        contents = contents_of_record(self.record, with_files=True)
        drawing = drawn_signature_of(by.person)
        sign(
            record_id=self.record.pk,
            slot=slot,
            typed_name=by.person.name,
            seen_digest=digest_of(snapshot_of(contents, before=slot)),
            seen_drawing=drawing.blob.sha256 if drawing else "",
            proof=_PROOF,
            by=by,
        )

    def unlock(self, by: Membership, reason: str) -> None:
        """The record is opened again; what was signed is void."""
        unlock(record_id=self.record.pk, reason=reason, by=by)

    def draw(self, by: Membership, reason: str) -> None:
        """A verifier marks the record as sampled."""
        mark_sample(record_id=self.record.pk, reason=reason, by=by)

    @property
    def _portfolio(self) -> Portfolio:
        return Portfolio.objects.get(centre=self.registration.centre, candidate=self.candidate.person)

    def _witness(self) -> Witness:
        shop = self.shop
        if shop.manager not in self._witnesses:
            self._witnesses[shop.manager] = add_witness(
                portfolio=self._portfolio,
                name=shop.manager,
                job_role=shop.manager_role,
                relationship="My manager",
                contact=shop.manager_contact,
                by=self.candidate,
            )
        return self._witnesses[shop.manager]


def _cells(unit: Unit) -> dict[str, Criterion]:
    return {cell.label: cell for cell in Criterion.objects.filter(group__unit=unit).select_related("group")}
