"""Signed records in the browser: made, read, printed and corrected (R11, R14, R16)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from assessment.method_records.actions import add_note, correct_record, digest_of, record_method
from assessment.method_records.forms import MORE_ROWS, RecordForm, SignedForm, rows_wanted
from assessment.method_records.kinds import SHAPES, MethodKind, read_body
from assessment.method_records.permissions import check_may_correct, check_may_record
from assessment.method_records.queries import claimed_for, method_records_for, questions_to_ask
from assessment.models import AgreedDiscussion, MethodRecord
from centres.decorators import seat_required
from centres.drafts.actions import draft_for
from centres.drafts.forms import draft_of
from centres.models import Membership, Role
from centres.permissions import why_not
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from evidence.items.earlier_words import earlier_words
from evidence.items.views import find_item
from evidence.permissions import check_may_change
from registrations.models import Portfolio
from registrations.queries import portfolios_for

_TITLES = {
    MethodKind.OBSERVATION: "Record an observation",
    MethodKind.QUESTIONING: "Record questions and answers",
    MethodKind.DISCUSSION: "Write up a professional discussion",
    MethodKind.STATEMENT: "Add a personal statement",
    MethodKind.PRODUCT: "Say what the product is",
}


@seat_required(Role.ASSESSOR)
def observe(request: SeatedRequest, pk: int) -> HttpResponse:
    """What the assessor saw the candidate do (R11)."""
    return _record(request, _find_portfolio(request.seat, pk), MethodKind.OBSERVATION)


@seat_required(Role.ASSESSOR)
def question(request: SeatedRequest, pk: int) -> HttpResponse:
    """What the assessor asked, from their own bank or freely, and what the candidate answered (R16)."""
    return _record(request, _find_portfolio(request.seat, pk), MethodKind.QUESTIONING)


def write_up(request: SeatedRequest, discussion: AgreedDiscussion) -> HttpResponse:
    """The form of a discussion whose areas were agreed, for the page of that discussion."""
    return _record(request, discussion.portfolio, MethodKind.DISCUSSION, discussion)


def _find_portfolio(seat: Membership, pk: int) -> Portfolio:
    return get_object_or_404(portfolios_for(seat).select_related("candidate", "centre"), pk=pk)


def _record(
    request: SeatedRequest, portfolio: Portfolio, kind: MethodKind, discussion: AgreedDiscussion | None = None
) -> HttpResponse:
    back = reverse("portfolio", args=[portfolio.pk])
    try:
        check_may_record(portfolio, request.seat)
    except ValidationError as refusal:
        if request.method != "POST":
            messages.error(request, " ".join(refusal.messages))
            return redirect(back)
    questions = list(questions_to_ask(request.seat, portfolio)) if kind == MethodKind.QUESTIONING else []

    def made_with(**data: Any) -> RecordForm:
        return RecordForm(
            kind=kind, person=request.user, portfolio=portfolio, earlier=earlier, questions=questions, **data
        )

    def save(form: RecordForm) -> MethodRecord:
        return record_method(portfolio=portfolio, kind=kind, discussion=discussion, by=request.seat, **form.signed)

    earlier = earlier_words(portfolio)
    return _answer(
        request,
        made_with,
        save,
        {"kind": kind, "portfolio": portfolio, "discussion": discussion, "has_bank": bool(questions), "back": back},
    )


@seat_required(Role.CANDIDATE)
def add_statement(request: SeatedRequest, pk: int) -> HttpResponse:
    """The candidate's own account, which supports other evidence (R14)."""
    return _note(request, pk, MethodKind.STATEMENT)


@seat_required(Role.CANDIDATE)
def add_product_note(request: SeatedRequest, pk: int) -> HttpResponse:
    """What a product is, and what the candidate's part in it was."""
    return _note(request, pk, MethodKind.PRODUCT)


def _note(request: SeatedRequest, pk: int, kind: MethodKind) -> HttpResponse:
    found = find_item(request.seat, pk)
    back = reverse("evidence", args=[found.pk])
    if request.method != "POST" and (reason := why_not(check_may_change, found, request.seat)):
        messages.error(request, reason)
        return redirect(back)

    def made_with(**data: Any) -> SignedForm:
        return SignedForm(kind=kind, person=request.user, **data)

    def save(form: SignedForm) -> MethodRecord:
        return add_note(evidence=found, kind=kind, by=request.seat, **form.signed)

    return _answer(
        request, made_with, save, {"kind": kind, "portfolio": found.portfolio, "evidence": found, "back": back}
    )


@seat_required(Role.CANDIDATE, Role.ASSESSOR)
def correct_method_record(request: SeatedRequest, pk: int, record: int) -> HttpResponse:
    """Write a signed record anew, beside the old one."""
    found = _find_record(request.seat, pk, record)
    back = reverse("method_record", args=[pk, record])
    try:
        check_may_correct(found, request.seat)
    except ValidationError as refusal:
        if request.method != "POST":
            messages.error(request, " ".join(refusal.messages))
            return redirect(back)
    kind = MethodKind(found.kind)
    portfolio = found.version.evidence.portfolio

    def made_with(**data: Any) -> SignedForm:
        if found.is_assessors:
            return RecordForm(kind=kind, person=request.user, record=found, portfolio=portfolio, **data)
        return SignedForm(kind=kind, person=request.user, record=found, **data)

    def save(form: SignedForm) -> MethodRecord:
        return correct_record(record=found, by=request.seat, **form.signed)

    evidence = found.version.evidence
    context = {"kind": kind, "portfolio": evidence.portfolio, "evidence": evidence, "back": back, "corrected": found}
    rows = SHAPES[kind].rows
    return _answer(request, made_with, save, context, rows=len(found.body[rows.name]) if rows else 0)


@require_safe
@seat_required()
def method_record(request: SeatedRequest, pk: int, record: int) -> HttpResponse:
    """One signed record, to read and to print."""
    found = _find_record(request.seat, pk, record)
    evidence = found.version.evidence
    kind = MethodKind(found.kind)
    reason = why_not(check_may_correct, found, request.seat)
    facts = {
        "Candidate": evidence.portfolio.candidate.name,
        "Centre": str(evidence.portfolio.centre),
        "Method": kind.method.label if kind.method else "None: it supports other evidence",
        "Setting": found.version.get_setting_display(),
        "Which one": found.version.environment.name if found.version.environment else "",
        "Occasion": found.version.occasion,
        "Customer": found.version.customer,
        "Earlier learning": "Yes (RPL)" if found.version.is_rpl else "",
        "Evidence for": ", ".join(claimed_for(found, request.seat)) or "Nothing claimed yet",
    }
    boxes: list[dict[str, Any]] = [{"term": term, "value": value} for term, value in facts.items() if value]
    boxes.insert(
        2, {"term": "Evidence", "value": str(found.version), "url": f"{reverse('evidence', args=[pk])}?version="
            f"{found.version.ordinal}"},
    )  # fmt: skip
    return render(
        request,
        "assessment/method_record.html",
        {
            "record": found,
            "evidence": evidence,
            "version": found.version,
            "read": read_body(kind, found.body),
            "boxes": boxes,
            "newer": getattr(found, "corrected_by", None),
            "is_intact": digest_of(found) == found.digest,
            # Its author, or who takes over from one that assesses here no more.
            "is_theirs": found.author_id == request.seat.person_id or not reason,
            "why_not_correct": reason,
        },
    )


def _find_record(seat: Membership, pk: int, record: int) -> MethodRecord:
    return get_object_or_404(
        method_records_for(seat)
        .filter(version__evidence=pk)
        .select_related(
            "version__evidence__portfolio__candidate",
            "version__evidence__portfolio__centre",
            "version__evidence__current_version",
            "discussion",
            "corrected_by",
            "corrects",
        ),
        pk=record,
    )


def _answer[Form: SignedForm](
    request: SeatedRequest,
    made_with: Callable[..., Form],
    save: Callable[[Form], MethodRecord],
    context: dict[str, Any],
    *,
    rows: int = 0,
) -> HttpResponse:
    """The page of a form: blank, with more rows, refused with everything that was typed, or signed and done."""
    shape = SHAPES[context["kind"]]
    if request.method == "POST":
        form = made_with(data=request.POST, files=request.FILES, row_count=rows_wanted(request.POST))
        if wanted := request.POST.get("more", ""):
            spare = shape.rows.spare if shape.rows and wanted == MORE_ROWS else 0
            form = _with_more_rows(request, form, made_with, form.row_count + spare)
        elif form.is_valid():
            try:
                made = save(form)
            except ValidationError as refusal:
                add_refusal(form, refusal)
            else:
                reference = made.version.evidence.reference
                messages.success(request, _DONE[made.is_assessors].format(reference=reference))
                return redirect("method_record", made.version.evidence_id, made.pk)
    else:
        draft = draft_for(request.user, request.path)
        form = made_with(row_count=max(rows + 2 if rows else 0, rows_wanted(draft.typed) if draft else 0))
    kept = draft_of(request, form, based_on=context["corrected"].pk if "corrected" in context else "")
    return render(
        request,
        "assessment/sign_method_record.html",
        context | {"form": form, "draft": kept, "title": _TITLES[context["kind"]]},
        status=422 if form.errors else 200,
    )


_DONE = {
    True: "Signed as {reference}. Add what it shows as claims, then judge them.",
    False: "Signed, and put beside {reference}.",
}


def _with_more_rows[Form: SignedForm](
    request: SeatedRequest, sent: Form, made_with: Callable[..., Form], row_count: int
) -> Form:
    """The form again with more rows or with questions from the bank, nothing lost and nothing complained of."""
    typed = sent.typed_again()
    for error in sent.file_errors:
        messages.error(request, error)
    return made_with(initial=typed, row_count=max(row_count, rows_wanted(typed, filled_only=True)))
