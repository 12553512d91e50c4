"""An assessor's bank of questions in the browser (R16)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from assessment.method_records.forms import QuestionForm
from assessment.method_records.queries import questions_kept, units_to_ask_about
from assessment.models import BankedQuestion
from assessment.questions.actions import add_question, remove_question
from centres.decorators import seat_required
from centres.models import Role
from centres.refusals import add_refusal
from centres.requests import SeatedRequest

QUESTIONS_ON_A_PAGE = 25


@seat_required(Role.ASSESSOR)
def question_bank(request: SeatedRequest) -> HttpResponse:
    """The questions that an assessor keeps, and one more."""
    form = QuestionForm(
        request.POST if request.method == "POST" else None, units=units_to_ask_about(request.seat).order_by("code")
    )
    if request.method == "POST" and form.is_valid():
        try:
            add_question(text=form.cleaned_data["text"], unit=form.cleaned_data["unit"], by=request.seat)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "The question is kept.")
            return redirect("question_bank")
    page = Paginator(questions_kept(request.seat), QUESTIONS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request, "assessment/question_bank.html", {"form": form, "page": page}, status=422 if form.errors else 200
    )


@require_POST
@seat_required(Role.ASSESSOR)
def drop_question(request: SeatedRequest, pk: int) -> HttpResponse:
    """Take one out of the bank."""
    question = get_object_or_404(BankedQuestion, pk=pk, owner=request.seat.person, centre=request.seat.centre)
    remove_question(question=question, by=request.seat)
    messages.success(request, "The question is removed. Records that asked it keep it.")
    return redirect("question_bank")
