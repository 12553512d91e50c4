"""An assessor's own bank of questions (R16)."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from assessment.method_records.permissions import check_own_question
from assessment.models import BankedQuestion
from centres.models import Membership, Role
from ledger.actions import tell
from ledger.events import EventType
from units.models import Unit

LONGEST_QUESTION = 500
# All of them stand on one form, to be chosen from.
MOST_QUESTIONS = 200


@transaction.atomic
def add_question(*, text: str, unit: Unit | None, by: Membership) -> BankedQuestion:
    """Keep a question, for one unit or for any; one that is kept already stays as it is.

    Raises PermissionDenied for anybody but an assessor; ValidationError under ``text`` for a blank or long one, and
    once too many are kept.
    """
    if by.role != Role.ASSESSOR or by.ended_at is not None:
        raise PermissionDenied("Questions are kept by assessors.")
    # Locked, so that the same question sent twice at once is kept once.
    Membership.objects.select_for_update().get(pk=by.pk)
    text = " ".join(text.split())
    if not text:
        raise ValidationError({"text": "Write the question."})
    if len(text) > LONGEST_QUESTION:
        raise ValidationError({"text": f"Ask it in {LONGEST_QUESTION} letters."})
    kept = BankedQuestion.objects.filter(owner=by.person, centre=by.centre, removed_at=None)
    if twin := kept.filter(text=text).first():
        return twin
    if kept.count() >= MOST_QUESTIONS:
        raise ValidationError({"text": f"You keep {MOST_QUESTIONS} questions already. Remove one first."})
    question = BankedQuestion.objects.create(owner=by.person, centre=by.centre, unit=unit, text=text)
    _tell(EventType.QUESTION_ADDED, question, by)
    return question


@transaction.atomic
def remove_question(*, question: BankedQuestion, by: Membership) -> BankedQuestion:
    """Take a question out of the bank; records that asked it keep its words. Doing it twice changes nothing.

    Raises PermissionDenied for anybody but its owner.
    """
    question = BankedQuestion.objects.select_for_update().get(pk=question.pk)
    check_own_question(question, by)
    if question.removed_at is None:
        question.removed_at = timezone.now()
        question.save(update_fields=["removed_at"])
        _tell(EventType.QUESTION_REMOVED, question, by)
    return question


def _tell(type_: EventType, question: BankedQuestion, by: Membership) -> None:
    tell(type_, about=question, by=by, note=question.text)
