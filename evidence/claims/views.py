"""Claims in the browser: what an item is evidence for."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render

from centres.decorators import seat_required
from centres.drafts.forms import ShownDraft, draft_of
from centres.models import Role
from centres.permissions import why_not
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from evidence.claims.actions import add_claim, update_claims
from evidence.claims.forms import ClaimsForm, MissedClaimForm, NamesForm, field_of
from evidence.claims.queries import UnitToClaim, units_to_claim
from evidence.instances.actions import name_instance
from evidence.items.views import find_item
from evidence.models import ClaimState, Evidence, EvidenceState, Instance
from evidence.permissions import check_may_add_claim, check_may_claim
from registrations.queries import assessed_by, records_for
from units.queries import outlines


@seat_required(Role.CANDIDATE)
def claims(request: SeatedRequest, pk: int) -> HttpResponse:
    """Tick everything that an item shows, in all units at once (R8), and say where to look (R9)."""
    found = find_item(request.seat, pk)
    if request.method != "POST" and (reason := why_not(check_may_claim, found, request.seat)):
        messages.error(request, reason)
        return redirect("evidence", pk=found.pk)
    units = units_to_claim(found)
    names = NamesForm(request.POST if request.method == "POST" else None, units=units)
    if names.is_sent:
        return _name_first(request, found, names)
    form = ClaimsForm(request.POST or None, evidence=found, units=units)
    draft = draft_of(request, form, based_on=found.revision)
    if request.method == "POST" and form.is_valid():
        try:
            update_claims(evidence=found, revision=form.cleaned_data["revision"], wanted=form.wanted(), by=request.seat)
        except ValidationError as refusal:
            add_refusal(form, refusal, now_shown={"revision": found.revision})
        else:
            messages.success(request, f"Your choice for {found.reference} has been saved.")
            return redirect("evidence", pk=found.pk)
    return _shown(request, found, units, form, draft, NamesForm(units=units))


def _name_first(request: SeatedRequest, found: Evidence, names: NamesForm) -> HttpResponse:
    """Name what was typed, then show the page with all that was ticked and typed: nothing else is saved yet (R3)."""
    just_named: dict[str, str] = {}
    if names.is_valid():
        for word, name in names.wanted:
            try:
                made = name_instance(record_id=word.record.pk, of=word.asked.word, name=name, by=request.seat)
            except ValidationError as refusal:
                names.add_error(field_of(word), refusal.messages)
            else:
                just_named[word.key] = made.name
    units = units_to_claim(found)
    form = ClaimsForm(evidence=found, units=units, typed=request.POST)
    draft = draft_of(request, form, based_on=found.revision)
    names_again = names if names.errors else NamesForm(units=units)
    names_again.just_named = just_named
    return _shown(request, found, units, form, draft, names_again)


def _shown(
    request: SeatedRequest,
    found: Evidence,
    units: list[UnitToClaim],
    form: ClaimsForm,
    draft: ShownDraft,
    names: NamesForm,
) -> HttpResponse:
    return render(
        request,
        "evidence/claims.html",
        {
            "form": form,
            "names": names,
            "draft": draft,
            "evidence": found,
            "units": form.unit_rows(names),
            "locked": [unit for unit in units if unit.locked],
            "is_draft": found.state == EvidenceState.DRAFT,
        },
        status=422 if form.is_bound or names.is_bound else 200,
    )


@seat_required(Role.ASSESSOR)
def add_missed_claim(request: SeatedRequest, pk: int) -> HttpResponse:
    """The unit's assessor adds a claim that the candidate missed."""
    found = find_item(request.seat, pk)
    seat = request.seat
    records = list(
        records_for(seat)
        .filter(assessed_by(seat.person), portfolio=found.portfolio)
        .select_related("unit", "portfolio", "registration__assessor", "registration__iv", "own_assessor", "own_iv")
    )
    if not records:
        raise PermissionDenied("Only the assessor of a unit can add a claim that the candidate missed.")
    reasons = {record.pk: why_not(check_may_add_claim, found, record, seat) for record in records}
    open_records = [record for record in records if not reasons[record.pk]]
    units = outlines({record.unit_id for record in open_records})
    naming = [record for record in open_records if units[record.unit_id].to_name]
    named = list(Instance.objects.filter(record__in=naming, removed_at=None).order_by("pk")) if naming else []
    # The assessor's own claim of the same place is offered again, so that the same form sent twice lands well.
    place = " ".join(request.POST.get("locator", "").replace("\0", "").split())
    live = found.claims.exclude(state=ClaimState.WITHDRAWN).exclude(
        made_by=seat.person, state=ClaimState.UNDECIDED, locator=place
    )
    form = MissedClaimForm(
        request.POST or None,
        records=[
            (record, units[record.unit_id], [one for one in named if one.record_id == record.pk])
            for record in open_records
        ],
        claimed=set(live.values_list("record_id", "criterion_id", "instance_id")),
    )
    if request.method == "POST" and form.is_valid():
        record, criterion, instance = form.chosen
        try:
            made = add_claim(
                evidence=found,
                record=record,
                criterion=criterion,
                instance=instance,
                locator=form.cleaned_data["locator"],
                by=seat,
            )
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            what = f"{found.reference} is now claimed against {made.label_in_a_sentence}."
            messages.success(request, f"{what} It awaits your judgement.")
            return redirect("judge", pk=found.pk)
    return render(
        request,
        "evidence/add_missed_claim.html",
        {
            "form": form,
            "evidence": found,
            "has_open_records": bool(open_records),
            "naming": naming,
            "reasons": [reason for reason in reasons.values() if reason],
        },
        status=422 if request.method == "POST" else 200,
    )
