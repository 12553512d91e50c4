"""A coordinator's verification of their centre: asking for it, and running it in the background (R66)."""

from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from centres.models import Centre, Membership
from ledger.actions import tell
from ledger.anchors import read_anchor
from ledger.events import EventType
from proof.models import RunState, VerificationRun
from proof.tasks import run_verification_of
from proof.verify import Scope, faults

# As many faults as a page shows; the rest are counted. The first of them leads to the cause.
SHOWN_FAULTS = 20
# A run that has stood still for so long has lost its worker. One large film is read in far less.
_LOST_AFTER = timedelta(minutes=10)
# How often a run notes how far it is.
_EVERY = timedelta(seconds=1)
_UNDER_WAY = (RunState.WAITING, RunState.RUNNING)


def runs_for(seat: Membership) -> QuerySet[VerificationRun]:
    """The verifications of this seat's centre, newest first."""
    return VerificationRun.objects.filter(centre=seat.centre).select_related("started_by")


@transaction.atomic
def start_verification(*, anchor: str, by: Membership) -> VerificationRun:
    """Ask for a verification of everything that this seat's centre holds, with a head somebody kept, or a blank.

    While one is under way that checks the same head, it is returned and nothing is written. Raises ValidationError
    under "anchor" when the head is not whole, or of another centre.
    """
    kept = _read(anchor, by.centre)
    Centre.objects.select_for_update().get(pk=by.centre_id)
    alive = Q(moved_at__gte=timezone.now() - _LOST_AFTER)
    earlier = runs_for(by).filter(alive, state__in=_UNDER_WAY, anchor=kept).first()
    if earlier is not None:
        return earlier
    run = VerificationRun.objects.create(centre=by.centre, started_by=by.person, anchor=kept)
    tell(
        EventType.VERIFICATION_RUN,
        about=run,
        by=by,
        verification_run=run.pk,
        state=run.state,
        anchor=kept,
    )
    transaction.on_commit(partial(run_verification_of.enqueue, run.pk))
    return run


def run_verification(run_id: int) -> None:
    """Run a verification that waits for it; harmless when repeated.

    Whatever goes wrong is raised, and the run then says that it could not be finished, so that it can be started again.
    """
    if not VerificationRun.objects.filter(pk=run_id, state=RunState.WAITING).update(state=RunState.RUNNING):
        return
    is_finished = False
    try:
        _run(VerificationRun.objects.get(pk=run_id))
        is_finished = True
    finally:
        if not is_finished:
            VerificationRun.objects.filter(pk=run_id, state=RunState.RUNNING).update(
                state=RunState.FAILED, finished_at=timezone.now()
            )


def _run(run: VerificationRun) -> None:
    run.to_check = Scope(centre_id=run.centre_id).size
    run.save(update_fields=["to_check"])
    found = faults(
        centre_id=run.centre_id,
        kept=[read_anchor(run.anchor)] if run.anchor else [],
        tell=partial(_note_progress, run),
    )
    first = [{"what": fault.what, "why": fault.why} for fault in islice(found, SHOWN_FAULTS)]
    run.first_faults, run.fault_count = first, len(first) + sum(1 for _ in found)
    run.state = RunState.BROKEN if run.fault_count else RunState.SOUND
    run.finished_at = timezone.now()
    with transaction.atomic():
        run.save(update_fields=["first_faults", "fault_count", "state", "finished_at", "checked"])
        tell(
            EventType.VERIFICATION_RUN,
            about=run,
            by=None,
            verification_run=run.pk,
            state=run.state,
            faults=run.fault_count,
        )


def _note_progress(run: VerificationRun, done: int, *, now: datetime | None = None) -> None:
    """Called between two reads: on SQLite nobody else's writing waits for ours, nor ours for theirs."""
    now = now or timezone.now()
    run.checked += done
    if now - run.moved_at >= _EVERY:
        run.moved_at = now
        run.save(update_fields=["checked", "moved_at"])


def _read(typed: str, centre: Centre) -> str:
    if not typed.strip():
        return ""
    try:
        anchor = read_anchor(typed)
    except ValueError as unreadable:
        raise ValidationError({"anchor": str(unreadable)}) from unreadable
    if not Scope(centre_id=centre.pk).has_chain(anchor.chain):
        raise ValidationError({"anchor": "This ledger entry is not of your centre."})
    return str(anchor)
