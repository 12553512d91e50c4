"""What goes before a professional discussion: its areas agreed, or the whole called off (R16)."""

import datetime
from collections.abc import Sequence
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from assessment.method_records.permissions import check_may_hold, check_may_record
from assessment.models import AgreedDiscussion
from centres.models import Membership
from ledger.actions import tell
from ledger.events import EventType
from registrations.models import Portfolio

MOST_AREAS = 30
LONGEST_AREA = 200


@transaction.atomic
def agree_discussion(
    *, portfolio: Portfolio, planned_for: datetime.date, areas: Sequence[str], form_key: UUID, by: Membership
) -> AgreedDiscussion:
    """Record which areas assessor and candidate will discuss, before they do. The same form sent twice does it once.

    Raises as ``check_may_record`` does; ValidationError by field without an area, for too many or too long ones, and
    for a day that has passed: then nothing was agreed beforehand.
    """
    portfolio = Portfolio.objects.select_for_update(of=("self",)).select_related("candidate").get(pk=portfolio.pk)
    check_may_record(portfolio, by)
    twin = AgreedDiscussion.objects.filter(form_key=form_key).first()
    if twin is not None:
        if (twin.portfolio_id, twin.agreed_by_id) != (portfolio.pk, by.person_id):
            raise ValidationError("This form belongs to another portfolio. Open it again.")
        return twin
    errors: dict[str, str] = {}
    wanted = list(dict.fromkeys(" ".join(area.split()) for area in areas if area.strip()))
    if not wanted:
        errors["areas"] = "Write down what you will talk about, one area on each line."
    elif len(wanted) > MOST_AREAS or any(len(area) > LONGEST_AREA for area in wanted):
        errors["areas"] = f"At most {MOST_AREAS} areas, each of at most {LONGEST_AREA} letters."
    if planned_for < timezone.localdate():
        errors["planned_for"] = "This day has passed. The areas are agreed before the discussion."
    if errors:
        raise ValidationError(errors)
    discussion = AgreedDiscussion.objects.create(
        portfolio=portfolio, planned_for=planned_for, areas=wanted, agreed_by=by.person, form_key=form_key
    )
    _tell(
        EventType.DISCUSSION_AGREED,
        discussion,
        by,
        {"planned_for": planned_for.isoformat(), "areas": len(wanted)},
        "\n".join(wanted),
    )
    return discussion


@transaction.atomic
def call_off_discussion(*, discussion: AgreedDiscussion, by: Membership) -> AgreedDiscussion:
    """Call off a discussion that was agreed; its areas stay on record. Doing it twice changes nothing.

    Raises as ``check_may_hold`` does.
    """
    discussion = (
        AgreedDiscussion.objects.select_for_update(of=("self",))
        .select_related("portfolio__candidate")
        .get(pk=discussion.pk)
    )
    check_may_record(discussion.portfolio, by)
    if discussion.called_off_at is not None:
        return discussion
    check_may_hold(discussion, by)
    discussion.called_off_at = timezone.now()
    discussion.save(update_fields=["called_off_at"])
    _tell(EventType.DISCUSSION_CALLED_OFF, discussion, by, {})
    return discussion


def _tell(
    type_: EventType, discussion: AgreedDiscussion, by: Membership, facts: dict[str, str | int], note: str = ""
) -> None:
    tell(type_, about=discussion, by=by, note=note, **facts)
