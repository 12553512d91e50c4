"""What pages about a person say of their registrations: the end of a role, and the authority that others rely on."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from centres import queries
from centres.authority.actions import note_competence as record_competence
from centres.authority.register import standing
from centres.decorators import seat_required, with_article
from centres.forms import CompetenceForm
from centres.models import Capacity, Role
from centres.people import actions
from centres.permissions import check_may_end_role, check_may_note_competence, why_not
from centres.refusals import add_refusal
from centres.requests import SeatedRequest
from files.serving import serve
from registrations.queries import authority_readable, awards_readable, registrations_naming


@seat_required(Role.COORDINATOR)
def end_role(request: SeatedRequest, pk: int) -> HttpResponse:
    """End a role, once it is said which registrations still name the person."""
    membership = get_object_or_404(queries.memberships_of(request.seat), pk=pk)
    reason = why_not(check_may_end_role, membership=membership, by=request.seat)
    if request.method == "POST" and not reason:
        try:
            actions.end_role(membership=membership, by=request.seat)
        except ValidationError as refusal:
            reason = " ".join(refusal.messages)
        else:
            name, role = membership.person, with_article(membership.role)
            messages.success(request, f"{name} is no longer {role} here.")
            # Whoever gives up the seat they act from cannot open their own page any more.
            return redirect("home") if membership == request.seat else redirect("person", membership.person_id)
    naming = registrations_naming(membership.person, request.seat.centre, membership.role)
    return render(
        request,
        "registrations/end_role.html",
        {
            "membership": membership,
            "as_role": with_article(membership.role),
            "reason": reason,
            "naming": list(naming),
            "back": reverse("person", args=[membership.person_id]),
        },
        status=422 if request.method == "POST" else 200,
    )


@require_safe
@seat_required()
def award_certificate(request: SeatedRequest, pk: int) -> HttpResponseBase:
    """The copy of a certificate, for whoever may read the register of that person."""
    award = get_object_or_404(awards_readable(request.seat).exclude(certificate=None), pk=pk)
    assert award.certificate is not None
    return serve(request, award.certificate, filename=award.certificate_name)


@require_safe
@seat_required()
def authority(request: SeatedRequest, pk: int) -> HttpResponse:
    """What the register says of an assessor or IV, for those who rely on their signature, and for themself."""
    seat = request.seat
    person = get_object_or_404(authority_readable(seat), pk=pk)
    today = queries.today()
    approvals = list(queries.approvals_at(seat.centre).filter(person=person))
    held = set(queries.seats_of(person).filter(centre=seat.centre).values_list("role", flat=True))
    return render(
        request,
        "registrations/authority.html",
        {
            "person": person,
            "standings": [
                standing(person, seat.centre, capacity, today)
                for capacity in Capacity
                if capacity in held or any(approval.capacity == capacity for approval in approvals)
            ],
            "awards": list(awards_readable(seat).filter(person=person)),
            "approvals": approvals,
            "notes": list(queries.competence_notes(person, seat.centre)),
            "may_note": not why_not(check_may_note_competence, person=person, by=seat),
        },
    )


@seat_required(Role.COORDINATOR, Role.ASSESSOR, Role.IV)
def note_competence(request: SeatedRequest, pk: int) -> HttpResponse:
    """One more line on occupational competence or CPD (R36)."""
    person = get_object_or_404(authority_readable(request.seat), pk=pk)
    check_may_note_competence(person=person, by=request.seat)
    form = CompetenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            record_competence(person=person, by=request.seat, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"It is noted for {person}.")
            return redirect("authority", pk)
    page = {"form": form, "person": person}
    return render(request, "registrations/note_competence.html", page, status=422 if form.errors else 200)
