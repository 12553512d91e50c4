"""The unit record, its signing page, sampling, unlocking and history."""

from collections.abc import Callable
from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from centres.decorators import seat_required
from centres.drafts.forms import draft_of
from centres.drawn_signature.actions import FILE_NAME
from centres.models import Role
from centres.queries import drawn_signature_of, holds_role
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from files.serving import serve
from ledger.keys import check_key_in_place
from registrations.models import RecordState, UnitRecord
from registrations.queries import records_for
from signoff import actions
from signoff.contents import RecordContents
from signoff.forms import STAYS_ON_RECORD, ReasonForm, SigningForm
from signoff.history import told
from signoff.models import Slot
from signoff.page import drawing_url, next_step
from signoff.permissions import check_may_sign, check_may_unlock
from signoff.presence import fresh_passkey, means_of, status_of
from signoff.queries import contents_for, drawn_signatures_for, history_of_record, record_page, seen_in
from signoff.sampling import check_may_mark, check_may_withdraw_mark, is_closed_again
from signoff.snapshot import digest_of, snapshot_of
from signoff.statements import PRINTED_LINES, statements_for

PER_PAGE = 25


@require_safe
@seat_required()
def record(request: SeatedRequest, pk: int) -> HttpResponse:
    """The unit record, laid out like the paper one."""
    try:
        page = record_page(pk, request.seat)
    except UnitRecord.DoesNotExist as missing:
        raise Http404 from missing
    return render(request, "signoff/record.html", {"page": page, "record": page.contents.record})


@sensitive_post_parameters("password", "code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@seat_required()
def sign(request: SeatedRequest, pk: int, slot: str) -> HttpResponse:
    """Sign one line: the declaration, what is being signed, a typed name and a proof of presence (Q26)."""
    if slot not in Slot:
        raise Http404
    line = Slot(slot)
    contents = _contents(request, pk, with_files=True)
    try:
        check_may_sign(contents=contents, slot=line, by=request.seat)
    except PermissionDenied as refusal:
        return _not_signable(request, contents, line, str(refusal), HTTPStatus.FORBIDDEN)
    except ValidationError as refusal:
        if request.method == "POST" and refusal.code == "signed_already":
            return _signed_already(request, contents)
        return _not_signable(request, contents, line, " ".join(refusal.messages), HTTPStatus.CONFLICT)

    check_key_in_place()  # Where nothing can be signed, the page says so before anybody reads and types (KeyTrouble).
    snapshot = snapshot_of(contents, before=line)
    seen = digest_of(snapshot)
    drawing = drawn_signature_of(request.user)
    seen_drawing = drawing.blob.sha256 if drawing else ""
    means, passkey = means_of(request.user), fresh_passkey(request, request.user)

    def form_of(**kwargs: object) -> SigningForm:
        return SigningForm(
            request=request, person=request.user, means=means, has_passkey_proof=passkey is not None, **kwargs
        )

    form, status, changed = form_of(), HTTPStatus.OK, ""
    if request.method == "POST" and request.POST.get("seen_digest") != seen:
        changed = actions.CHANGED
    elif request.method == "POST" and request.POST.get("seen_drawing", "") != seen_drawing:
        changed = actions.DRAWING_CHANGED
    elif request.method == "POST":
        form = form_of(data=request.POST)
        if form.is_valid() and form.proof:
            try:
                signature = actions.sign(
                    record_id=pk,
                    slot=line,
                    typed_name=form.cleaned_data["typed_name"],
                    seen_digest=seen,
                    seen_drawing=seen_drawing,
                    proof=form.proof,
                    by=request.seat,
                )
            except ValidationError as refusal:
                if getattr(refusal, "code", None) == "signed_already":
                    return _signed_already(request, contents)
                changed = " ".join(refusal.messages) if getattr(refusal, "code", None) == "stale" else ""
                add_refusal(form, refusal)
            else:
                return _signed(request, pk, signature.get_slot_display())
        status = status_of(form.refusal) if form.refusal else HTTPStatus.UNPROCESSABLE_ENTITY
    if changed:
        form, status = form_of(initial={"typed_name": request.POST.get("typed_name", "")}), HTTPStatus.CONFLICT
    return render(
        request,
        "signoff/sign.html",
        _signing_context(contents, line)
        | {
            "form": form,
            "seen": seen_in(snapshot, contents),
            "seen_digest": seen,
            "means": means,
            "has_passkey_proof": passkey is not None,
            "changed": changed,
            "drawing": drawing,
            "reason": "",
        },
        status=status,
    )


@require_safe
@seat_required()
def signature_drawing(request: SeatedRequest, pk: int) -> HttpResponseBase:
    """The drawing beside a signature, for whoever may read the record that it stands on (R64)."""
    signature = get_object_or_404(drawn_signatures_for(request.seat), pk=pk)
    assert signature.drawing is not None
    return serve(request, signature.drawing, filename=FILE_NAME)


@require_http_methods(["GET", "HEAD", "POST"])
@seat_required(Role.IV, Role.EV)
def sample(request: SeatedRequest, pk: int) -> HttpResponse:
    """Draw the record as a sample. An EV gets here before the evidence opens to them (Q25)."""
    contents = _contents(request, pk, merely_listed=True)
    mark = contents.marks.get(request.seat.role)
    is_drawn = mark is not None and mark.verifier_id == request.seat.person_id
    if request.method == "POST" and is_drawn and not is_closed_again(contents=contents, by=request.seat):
        messages.info(request, "You have drawn this record already.")
        return redirect("record", pk)
    return _ask_reason(
        request,
        contents,
        template="signoff/sample.html",
        check=lambda: check_may_mark(contents=contents, by=request.seat),
        label="Why do you draw this record?",
        longest=200,
        act=lambda reason: actions.mark_sample(record_id=pk, reason=reason, by=request.seat),
        done="You have drawn this record as a sample.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@seat_required(Role.IV, Role.EV, Role.COORDINATOR)
def withdraw_sample(request: SeatedRequest, pk: int) -> HttpResponse:
    """Take a sampling mark back before it is signed for."""
    contents = _contents(request, pk, merely_listed=True)
    is_drawn = bool(contents.marks) if request.seat.role == Role.COORDINATOR else request.seat.role in contents.marks
    if request.method == "POST" and not is_drawn:
        messages.info(request, "This record is not drawn as a sample.")
        return _to_record(request, pk)
    return _ask_reason(
        request,
        contents,
        template="signoff/withdraw_sample.html",
        check=lambda: check_may_withdraw_mark(contents=contents, by=request.seat),
        label="Why do you take the sample back?",
        act=lambda reason: actions.withdraw_sample(record_id=pk, reason=reason, by=request.seat),
        done="The sample has been taken back.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@seat_required(Role.ASSESSOR, Role.COORDINATOR)
def unlock(request: SeatedRequest, pk: int) -> HttpResponse:
    """Open a signed record again; every signature on it becomes void (R48)."""
    contents = _contents(request, pk)
    if request.method == "POST" and contents.record.state == RecordState.OPEN:
        messages.info(request, "This record is open already.")
        return redirect("record", pk)
    assessor, centre = contents.record.assessor, request.seat.centre
    has_left = not holds_role(assessor, centre, Role.ASSESSOR)
    who = "Whoever is named as its assessor" if has_left else str(assessor)
    return _ask_reason(
        request,
        contents,
        template="signoff/unlock.html",
        check=lambda: check_may_unlock(contents=contents, by=request.seat),
        label="Why do you unlock this record?",
        act=lambda reason: actions.unlock(record_id=pk, reason=reason, by=request.seat),
        done=f"The record is open again. Every signature on it is void. {who} looks at the work again.",
        reason_help="It stays on record and on prints. The candidate and everybody who signed are told of it.",
        assessor_has_left=has_left,
    )


@require_safe
@seat_required()
def history(request: SeatedRequest, pk: int) -> HttpResponse:
    """What happened to the record, newest first: who, when, what, why (R66)."""
    found = (
        records_for(request.seat).select_related("registration__candidate", "unit", "portfolio").filter(pk=pk).first()
    )
    if found is None:
        raise Http404
    page = Paginator(history_of_record(found), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "signoff/history.html", {"record": found, "page": page, "entries": told(page)})


def _contents(
    request: SeatedRequest, pk: int, *, with_files: bool = False, merely_listed: bool = False
) -> RecordContents:
    try:
        return contents_for(pk, request.seat, with_files=with_files, merely_listed=merely_listed)
    except UnitRecord.DoesNotExist as missing:
        raise Http404 from missing


def _signing_context(contents: RecordContents, slot: Slot) -> dict[str, object]:
    accepted = contents.accepted
    return {
        "contents": contents,
        "record": contents.record,
        "slot": slot,
        "title": PRINTED_LINES[slot],
        "statements": statements_for(contents.outline, slot),
        "signed_before": [(signature, drawing_url(signature)) for one in Slot if (signature := contents.signed(one))],
        "coverage": contents.gate.coverage,
        "references": list(dict.fromkeys(line.reference for line in accepted)),
        "claims_accepted": len(accepted),
    }


def _not_signable(
    request: SeatedRequest, contents: RecordContents, slot: Slot, reason: str, status: HTTPStatus
) -> HttpResponse:
    context = _signing_context(contents, slot) | {"reason": reason, "changed": "", "seen": None}
    return render(request, "signoff/sign.html", context, status=status)


def _signed_already(request: SeatedRequest, contents: RecordContents) -> HttpResponse:
    messages.info(request, "This line is signed already.")
    return _to_record(request, contents.record.pk)


def _signed(request: SeatedRequest, pk: int, line: str) -> HttpResponse:
    """Say what was done and who is next; a countersigner's sight of the record ends with the signature."""
    if not records_for(request.seat).filter(pk=pk).exists():
        messages.success(request, f"Signed: {line}.")
        return redirect("home")
    messages.success(request, f"Signed: {line}. {next_step(_contents(request, pk))}")
    return redirect("record", pk)


def _back(request: SeatedRequest, contents: RecordContents) -> str:
    """Where somebody came from: the record, or for an EV who has not drawn it, its registration."""
    if request.seat.role == Role.EV and Role.EV.value not in contents.marks:
        return reverse("registration", args=[contents.record.registration_id])
    return reverse("record", args=[contents.record.pk])


def _to_record(request: SeatedRequest, pk: int) -> HttpResponse:
    return redirect("record", pk) if records_for(request.seat).filter(pk=pk).exists() else redirect("home")


def _ask_reason(
    request: SeatedRequest,
    contents: RecordContents,
    *,
    template: str,
    check: Callable[[], None],
    label: str,
    act: Callable[[str], object],
    done: str,
    longest: int = 500,
    reason_help: str = STAYS_ON_RECORD,
    **more: object,
) -> HttpResponse:
    """The pattern of the three pages that ask for a reason before something is written for good."""
    context: dict[str, object] = {
        "contents": contents,
        "record": contents.record,
        "form": None,
        "reason": "",
        "back": _back(request, contents),
    } | more
    try:
        check()
    except PermissionDenied as refusal:
        return render(request, template, context | {"reason": str(refusal)}, status=HTTPStatus.FORBIDDEN)
    except ValidationError as refusal:
        return render(request, template, context | {"reason": " ".join(refusal.messages)}, status=HTTPStatus.CONFLICT)
    form: forms.Form = ReasonForm(request.POST or None, label=label, longest=longest, told=reason_help)
    context |= {"form": form, "draft": draft_of(request, form)}
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data["reason"])
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, done)
            return _to_record(request, contents.record.pk)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, template, context, status=status)
