"""Proving that what was signed is what stands, and what happened is what was told (R66).

Signatures, snapshots, signed records, wording, files and the ledger are computed anew from rows and bytes, a few at a
time, so that memory does not grow with the number of records. What is found wrong is read a second time before it is
reported: somebody may have signed or unlocked between two reads.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import starmap

from django.core.exceptions import ObjectDoesNotExist
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Model, Q, QuerySet

from assessment.models import Judgement
from centres.models import Award, Centre, DrawnSignature, Membership
from evidence.models import ClaimState, EvidenceFile, Testimony
from files.models import Blob
from files.storage_errors import STORAGE_ERRORS
from ledger.anchors import Anchor
from ledger.batches import in_batches
from ledger.chains import HEADS, INSTALLATION, centre_chain
from ledger.events import EventType
from ledger.guard import faults_of_guard
from ledger.keys import Keys, faults_of_keys, known_keys
from ledger.models import Chain, Event
from ledger.verify import verify_all, verify_chain
from proof.differences import first_difference
from proof.print_faults import faults_of_prints
from proof.signature_faults import SIGNATURE_RELATIONS, SIGNED, Fault, faults_of_signatures, faults_of_state, told_of
from proof.tellings import faults_of_centres, faults_of_portfolios
from proof.tellings_of_centres import faults_of_award_kinds
from proof.testimony_faults import faults_of_tellings, faults_of_testimonies
from records.models import PrintedRecord
from registrations.models import Portfolio, RecordState, UnitRecord
from signoff.contents import RECORD_RELATIONS, RecordContents, contents_of
from signoff.models import Signature, Slot
from signoff.snapshot import snapshot_of
from units.models import Standard, Unit
from units.standard_files import digest_of as document_digest
from units.stored import stored_document

# What reading raises where rows point past each other, which the product itself never lets them do.
_EDITED_BEYOND_READING = (AssertionError, AttributeError, LookupError, ObjectDoesNotExist, TypeError, ValueError)
_BATCH = 50
# A portfolio may hold thousands of judgements.
_FEW = 10
_PIECE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is checked: one portfolio, one centre with what all centres share, or everything."""

    portfolio: Portfolio | None = None
    centre_id: int | None = None

    def within(self, portfolio: str) -> Q:
        """The condition on rows that lead to their portfolio by this path."""
        if self.portfolio:
            return Q(**{portfolio: self.portfolio})
        return Q(**{f"{portfolio}__centre": self.centre_id}) if self.centre_id else Q()

    def has_chain(self, key: str) -> bool:
        """Whether a chain of the ledger belongs to it."""
        if self.portfolio:
            return key == self.portfolio.chain
        if self.centre_id:
            own = centre_chain(self.centre_id)
            return key in (own, HEADS, INSTALLATION) or key.startswith(f"portfolio:{self.centre_id}:")
        return True

    @property
    def signatures(self) -> QuerySet[Signature]:
        return Signature.objects.filter(self.within("record__portfolio")).select_related(*SIGNATURE_RELATIONS)

    @property
    def signings(self) -> QuerySet[Event]:
        """What the ledger tells of signatures given."""
        return self._in_portfolios(Event.objects.filter(type__in=SIGNED))

    @property
    def records(self) -> QuerySet[UnitRecord]:
        """Those that are signed, and those that should be open and yet carry a signature."""
        signed = ~Q(state=RecordState.OPEN) | Q(pk__in=Signature.objects.filter(voided_at=None).values("record"))
        return UnitRecord.objects.filter(signed, self.within("portfolio")).select_related(*RECORD_RELATIONS)

    @property
    def testimonies(self) -> QuerySet[Testimony]:
        here = self.within("request__evidence__portfolio")
        return Testimony.objects.filter(here).select_related("request__evidence")

    @property
    def testimonies_told(self) -> QuerySet[Event]:
        """What the ledger tells of testimonies given."""
        return self._in_portfolios(Event.objects.filter(type=EventType.TESTIMONY_GIVEN))

    def _in_portfolios(self, events: QuerySet[Event]) -> QuerySet[Event]:
        events = events.select_related("chain")
        if self.portfolio:
            return events.filter(chain__key=self.portfolio.chain)
        return events.filter(chain__key__startswith=f"portfolio:{self.centre_id}:") if self.centre_id else events

    @property
    def portfolios(self) -> QuerySet[Portfolio]:
        if self.portfolio:
            return Portfolio.objects.filter(pk=self.portfolio.pk)
        return Portfolio.objects.filter(centre=self.centre_id) if self.centre_id else Portfolio.objects.all()

    @property
    def centres(self) -> QuerySet[Centre]:
        """Those whose registers are looked at: none where one portfolio is."""
        if self.portfolio:
            return Centre.objects.none()
        return Centre.objects.filter(pk=self.centre_id) if self.centre_id else Centre.objects.all()

    @property
    def standards(self) -> QuerySet[Standard]:
        if not self.portfolio and not self.centre_id:
            return Standard.objects.all()
        units = UnitRecord.objects.filter(self.within("portfolio")).values("unit")
        return Standard.objects.filter(pk__in=Unit.objects.filter(pk__in=units).values("standard"))

    @property
    def blobs(self) -> QuerySet[Blob]:
        """The files of the evidence, prints, the drawings beside signatures and on accounts, certificates of awards."""
        files = EvidenceFile.objects.filter(self.within("version__evidence__portfolio"))
        drawn = Signature.objects.filter(self.within("record__portfolio"), drawing__isnull=False)
        prints = PrintedRecord.objects.filter(self.within("record__portfolio"), blob__isnull=False)
        of_portfolios = Q(pk__in=files.values("blob")) | Q(pk__in=drawn.values("drawing"))
        of_portfolios |= Q(pk__in=prints.values("blob"))
        if self.portfolio:
            return Blob.objects.filter(of_portfolios)
        certificates = Award.objects.filter(centre__in=self.centres, certificate__isnull=False)
        members = Membership.objects.filter(centre__in=self.centres)
        kept = DrawnSignature.objects.filter(person__in=members.values("person"))
        return Blob.objects.filter(
            of_portfolios | Q(pk__in=certificates.values("certificate")) | Q(pk__in=kept.values("blob"))
        )

    @property
    def size(self) -> int:
        """How many things there are to check, in the steps that `faults` tells of."""
        rows: tuple[QuerySet[Model], ...] = (
            self.signatures,
            self.signings,
            self.records,
            self.testimonies,
            self.testimonies_told,
            self.portfolios,
            self.centres,
            self.standards,
            self.blobs,
        )
        return sum(one.count() for one in rows)


def scope_of(*, portfolio_id: int | None = None, centre_id: int | None = None) -> Scope:
    """One portfolio, one centre, or everything. Raises Portfolio.DoesNotExist."""
    portfolio = Portfolio.objects.get(pk=portfolio_id) if portfolio_id is not None else None
    return Scope(portfolio=portfolio, centre_id=centre_id)


def _tell_nobody(done: int) -> None:
    """Progress that nobody waits for."""


def faults(
    *,
    portfolio_id: int | None = None,
    centre_id: int | None = None,
    kept: Collection[Anchor] = (),
    tell: Callable[[int], None] = _tell_nobody,
) -> Iterator[Fault]:
    """Everything that does not hold, in all portfolios, in one centre's or in one. Nothing when all is well.

    In: ``kept``, heads of chains that somebody kept outside the system; ``tell`` is called between two reads with
    the number of things checked since. Raises Portfolio.DoesNotExist.
    """
    scope = scope_of(portfolio_id=portfolio_id, centre_id=centre_id)
    # What all the rest rests on comes first, and the files last: they take the longest, and may be out of reach.
    yield from starmap(Fault, faults_of_keys())
    yield from starmap(Fault, faults_of_guard(connection))
    yield from _faults_of_chains(scope, [anchor for anchor in kept if scope.has_chain(anchor.chain)])
    yield from _checked(scope.signatures, partial(_faults_of_signatures, keys=known_keys()), tell)
    yield from _checked(scope.signings, _faults_of_signings, tell)
    yield from _checked(scope.records, _faults_of_records, tell)
    yield from _checked(scope.testimonies, lambda batch: starmap(Fault, faults_of_testimonies(batch)), tell)
    yield from _checked(scope.testimonies_told, lambda batch: starmap(Fault, faults_of_tellings(batch)), tell)
    yield from _checked(scope.portfolios, lambda batch: starmap(Fault, faults_of_portfolios(batch)), tell, _FEW)
    yield from _checked(scope.portfolios, lambda batch: starmap(Fault, faults_of_prints(batch)), _tell_nobody)
    yield from _checked(scope.centres, lambda batch: starmap(Fault, faults_of_centres(batch)), tell, 1)
    if not scope.portfolio and list(faults_of_award_kinds()):  # Read twice, as everything here.
        yield from starmap(Fault, faults_of_award_kinds())
    for standard in scope.standards.order_by("pk"):
        yield from _faults_of_standard(standard)
        tell(1)
    for batch in in_batches(scope.blobs, _BATCH):
        for blob in batch:
            yield from _faults_of_file(blob)
            tell(1)


def _checked[M: Model](
    rows: QuerySet[M],
    check: Callable[[list[M]], Iterable[Fault]],
    tell: Callable[[int], None],
    at_a_time: int = _BATCH,
) -> Iterator[Fault]:
    for batch in in_batches(rows, at_a_time):
        found = list(check(batch))
        if found:
            found = list(check(list(rows.filter(pk__in=[row.pk for row in batch]).order_by("pk"))))
        yield from found
        tell(len(batch))


def _faults_of_signatures(batch: list[Signature], *, keys: Keys) -> Iterator[Fault]:
    return faults_of_signatures(batch, told=told_of({signature.record_id for signature in batch}), keys=keys)


def _faults_of_signings(batch: list[Event]) -> Iterator[Fault]:
    """What the ledger tells of signatures, beside those that are there."""
    wanted = {event.data.get("signature") for event in batch}
    numbers = [pk for pk in wanted if isinstance(pk, int)]
    stored = Signature.objects.filter(pk__in=numbers).values_list("pk", "snapshot_digest", "key_signature")
    stands = set(stored)
    for event in batch:
        told = (event.data.get("signature"), event.data.get("snapshot_digest"), event.data.get("key_signature"))
        if told not in stands:
            name = f"Signature {told[0]}, event {event.sequence} of {event.chain.key}"
            yield Fault(name, "the ledger tells of it, and it is gone or another one stands in its place")


def _faults_of_records(batch: list[UnitRecord]) -> Iterator[Fault]:
    told = told_of({record.pk for record in batch})
    try:
        found = contents_of(batch, with_files=True)
    except _EDITED_BEYOND_READING:
        if len(batch) > 1:
            for record in batch:
                yield from _faults_of_records([record])
        else:
            (record,) = batch
            yield Fault(f"Unit record {record.pk}, {record}", "its rows do not fit together any more")
        return
    for pk, contents in found.items():
        yield from faults_of_state(contents.record, contents.signatures, told[pk])
        yield from _faults_of_contents(contents)
    yield from _faults_of_judgements(batch)


def _faults_of_contents(contents: RecordContents) -> Iterator[Fault]:
    """A frozen record beside what its signers saw. The header may be mended; what was judged may not."""
    for slot, signature in sorted(contents.signatures.items()):
        name = f"{signature.get_slot_display()} on {contents.record}, signature {signature.pk}"
        now = snapshot_of(contents, before=Slot(slot))
        then = signature.snapshot if isinstance(signature.snapshot, dict) else {}
        if now["record"] != then.get("record"):
            yield Fault(name, f"the record has changed since: {first_difference(then.get('record'), now['record'])}")
        if now["signatures"] != then.get("signatures"):
            yield Fault(name, "the signatures before it are not those that stood when it was given")


def _faults_of_judgements(batch: list[UnitRecord]) -> Iterator[Fault]:
    """The verdict that a claim carries, beside the last judgement on it. What is undecided has none that counts."""
    last: dict[int, Judgement] = {}
    judged = (ClaimState.ACCEPTED, ClaimState.RETURNED)
    for judgement in (
        Judgement.objects.filter(claim__record__in=batch, claim__state__in=judged)
        .select_related("claim__evidence", "claim__record")
        .order_by("judged_at", "pk")
    ):
        last[judgement.claim_id] = judgement
    for judgement in last.values():
        claim = judgement.claim
        name = f"Judgement {judgement.pk} of {claim.evidence.reference} on unit record {claim.record_id}"
        says = (judgement.is_accepted, judgement.version_id)
        if says != (claim.state == ClaimState.ACCEPTED, claim.judged_version_id):
            yield Fault(name, "its verdict, or the version judged, is not the claim’s")
        if judgement.comment != claim.comment:
            yield Fault(name, "its comment is not what the claim shows")


def _faults_of_standard(standard: Standard) -> Iterator[Fault]:
    """What had to be proven, beside what the ledger says was loaded last."""
    loaded = Event.objects.filter(type=EventType.STANDARD_LOADED, subject=f"standard:{standard.pk}").order_by(
        "sequence"
    )
    last = loaded.last()
    try:
        stands = document_digest(stored_document(standard))
    except (ValueError, TypeError, LookupError):  # edited so far that it is no standard any more
        stands = ""
    if last is None or not stands == standard.digest == last.data.get("digest"):
        yield Fault(f"Standard {standard}", "its wording is not what was loaded")


def _faults_of_file(blob: Blob) -> Iterator[Fault]:
    name = f"File {blob.pk} ({blob.stored_as})"
    digest = hashlib.sha256()
    try:
        with default_storage.open(blob.stored_as) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    except STORAGE_ERRORS as trouble:
        yield Fault(name, f"it cannot be read: {getattr(trouble, 'strerror', None) or trouble.__class__.__name__}")
        return
    if digest.hexdigest() != blob.sha256:
        yield Fault(name, "its bytes are not those that were handed in")


def _faults_of_chains(scope: Scope, kept: Collection[Anchor]) -> Iterator[Fault]:
    if scope.portfolio:
        try:
            reports = iter([verify_chain(scope.portfolio.chain, kept=kept)])
        except Chain.DoesNotExist:  # nothing was ever written about it
            return
    else:
        reports = verify_all(wanted=scope.has_chain, kept=kept)
    for report in reports:
        if report.state == "broken":
            yield Fault(f"{report.key} at {report.broken_at}", report.why)
