"""Evidence items in the browser: read, added, changed or replaced, offered, withdrawn."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from centres.decorators import seat_required
from centres.drafts.forms import draft_of
from centres.models import Membership, Role
from centres.permissions import why_not
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from evidence.items import actions as items
from evidence.items.forms import AddEvidenceForm, ChangeEvidenceForm, OfferForm, WithdrawForm
from evidence.items.queries import ItemPage, item_page
from evidence.models import ClaimState, Evidence, EvidenceState
from evidence.permissions import check_may_add, check_may_change, check_may_offer, check_may_withdraw
from evidence.queries import evidence_for
from registrations.queries import portfolios_for


def find_item(seat: Membership, pk: int) -> Evidence:
    """The item, if it opens to this seat; Http404 otherwise."""
    return get_object_or_404(
        evidence_for(seat).select_related("portfolio__candidate", "current_version__witness"), pk=pk
    )


@seat_required(Role.CANDIDATE)
def add_evidence(request: SeatedRequest, pk: int) -> HttpResponse:
    """Add an item, then choose its criteria or come back later."""
    portfolio = get_object_or_404(portfolios_for(request.seat).select_related("candidate"), pk=pk)
    if request.method != "POST" and (reason := why_not(check_may_add, portfolio, request.seat)):
        messages.error(request, reason)
        return redirect("portfolio", pk=portfolio.pk)
    form = AddEvidenceForm(request.POST or None, request.FILES or None, person=request.user, portfolio=portfolio)
    draft = draft_of(request, form)
    if request.method == "POST" and form.is_valid():
        try:
            made = items.add_evidence(
                portfolio=portfolio, form_key=form.cleaned_data["form_key"], by=request.seat, **form.words
            )
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"Saved as {made.reference}.")
            return redirect("evidence" if form.is_draft_only else "claims", pk=made.pk)
    return render(
        request,
        "evidence/add_evidence.html",
        {"form": form, "draft": draft, "portfolio": portfolio},
        status=422 if request.method == "POST" else 200,
    )


@seat_required(Role.CANDIDATE)
def change_evidence(request: SeatedRequest, pk: int) -> HttpResponse:
    """Change a draft, or replace an offered item by a new version (Q22)."""
    found = find_item(request.seat, pk)
    if request.method != "POST" and (reason := why_not(check_may_change, found, request.seat)):
        messages.error(request, reason)
        return redirect("evidence", pk=found.pk)
    is_offered = found.state == EvidenceState.OFFERED
    version = found.current_version
    assert version is not None  # an item is made together with its first version
    form = ChangeEvidenceForm(
        request.POST or None,
        request.FILES or None,
        person=request.user,
        portfolio=found.portfolio,
        version=version,
        revision=found.revision,
        is_offered=is_offered,
    )
    draft = draft_of(request, form, based_on=found.revision)
    if request.method == "POST" and form.is_valid():
        try:
            items.change_evidence(evidence=found, revision=form.cleaned_data["revision"], by=request.seat, **form.words)
        except ValidationError as refusal:
            add_refusal(form, refusal, now_shown={"revision": found.revision})
        else:
            done = "replaced. Your assessor sees the new version." if is_offered else "saved."
            messages.success(request, f"{found.reference} has been {done}")
            return redirect("evidence", pk=found.pk)
    return render(
        request,
        "evidence/change_evidence.html",
        {
            "form": form,
            "draft": draft,
            "evidence": found,
            "is_offered": is_offered,
            "consequences": _consequences(found),
        },
        status=422 if request.method == "POST" else 200,
    )


def _consequences(found: Evidence) -> list[str]:
    """What a new version sets going again, unit by unit, in plain words (Q22, Q22a)."""
    if found.state != EvidenceState.OFFERED:
        return []
    judged = found.claims.filter(state__in=[ClaimState.ACCEPTED, ClaimState.RETURNED]).select_related(
        "record__unit", "record__registration"
    )
    by_record: dict[int, list[Any]] = {}
    for claim in judged:
        by_record.setdefault(claim.record_id, []).append(claim)
    sentences = []
    for claims in by_record.values():
        record = claims[0].record
        if not record.is_open:
            sentences.append(f"Unit {record.unit.code} is signed or closed and keeps the version it was judged on.")
        elif len(claims) == 1:
            sentences.append(f"In unit {record.unit.code} one claim needs judging again.")
        else:
            sentences.append(f"In unit {record.unit.code} {len(claims)} claims need judging again.")
    return sentences


@seat_required(Role.CANDIDATE)
def offer(request: SeatedRequest, pk: int) -> HttpResponse:
    """Offer a draft for assessment, after a look at what it is claimed for."""
    found = find_item(request.seat, pk)
    form = OfferForm(request.POST or None, initial={"revision": found.revision})
    if request.method == "POST":
        if found.state == EvidenceState.OFFERED:
            return redirect("evidence", pk=found.pk)  # The button was pressed twice.
        if form.is_valid():
            try:
                items.offer_evidence(evidence=found, revision=form.cleaned_data["revision"], by=request.seat)
            except ValidationError as refusal:
                add_refusal(form, refusal)
            else:
                messages.success(request, f"{found.reference} has been offered. Your assessor sees it in their queue.")
                return redirect("evidence", pk=found.pk)
    return render(
        request,
        "evidence/offer.html",
        {
            "form": form,
            "page": item_page(found, request.seat),
            "evidence": found,
            "why_not": why_not(check_may_offer, found, request.seat),
        },
        status=422 if request.method == "POST" else 200,
    )


@seat_required(Role.CANDIDATE)
def withdraw(request: SeatedRequest, pk: int) -> HttpResponse:
    """Withdraw an item from the units still open (Q22a), with a reason."""
    found = find_item(request.seat, pk)
    form = WithdrawForm(request.POST or None, initial={"revision": found.revision})
    draft = draft_of(request, form)
    if request.method == "POST":
        if found.state == EvidenceState.WITHDRAWN:
            return redirect("evidence", pk=found.pk)  # The button was pressed twice.
        if form.is_valid():
            try:
                after = items.withdraw_evidence(evidence=found, by=request.seat, **form.cleaned_data)
            except ValidationError as refusal:
                add_refusal(form, refusal)
            else:
                if after.state == EvidenceState.WITHDRAWN:
                    messages.success(request, f"{found.reference} has been withdrawn.")
                else:
                    messages.success(request, f"{found.reference} has been withdrawn from every unit still open.")
                return redirect("evidence", pk=found.pk)
    page = item_page(found, request.seat)
    assert page is not None  # the newest version is always there
    return render(
        request,
        "evidence/withdraw.html",
        {
            "form": form,
            "draft": draft,
            "evidence": found,
            "page": page,
            "consequences": _of_withdrawal(page),
            "why_not": why_not(check_may_withdraw, found, request.seat),
        },
        status=422 if request.method == "POST" else 200,
    )


def _of_withdrawal(page: ItemPage) -> list[str]:
    """What a withdrawal does, unit by unit, in plain words."""
    sentences = []
    for unit in page.units:
        code, count = unit.record.unit.code, len(unit.claims)
        accepted = sum(claim.state == ClaimState.ACCEPTED for claim in unit.claims)
        if not unit.record.is_open:
            sentences.append(f"Unit {code} is signed or closed: there it stays.")
            continue
        sentence = f"Unit {code} loses {count} claim{'' if count == 1 else 's'}"
        sentences.append(f"{sentence}, {accepted} of them accepted." if accepted else f"{sentence}.")
    sentences.append(f"The number {page.evidence.reference} is not used again.")
    return sentences
