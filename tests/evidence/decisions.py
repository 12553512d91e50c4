"""An assessor's decisions in one line, and everything that they may write, to compare before and after."""

from typing import Any

from assessment.judging.actions import Confirmation, Verdict, judge_item
from assessment.models import ItemConfirmation, Judgement
from centres.models import Membership
from evidence.models import Claim, ClaimState, Evidence, EvidenceVersion
from ledger.models import Event
from registrations.models import UnitConfirmation

BYSTANDERS = ["candidate", "other_assessor", "countersigner", "iv", "coordinator", "foreign_assessor"]
CONFIRMED = Confirmation(is_valid=True, is_authentic=True, is_current=True, how_authenticated="Saw it on site")


def version_of(item: Evidence) -> EvidenceVersion:
    found = Evidence.objects.select_related("current_version").get(pk=item.pk).current_version
    assert found is not None
    return found


def judge_it(
    item: Evidence,
    by: Membership,
    *,
    is_accepted: bool = True,
    comment: str = "",
    confirmation: Confirmation | None = CONFIRMED,
    version: EvidenceVersion | None = None,
) -> list[Judgement]:
    """One decision on every live claim of an item."""
    return judge_item(
        evidence=item,
        version=version or version_of(item),
        verdicts=[Verdict(one.pk, is_accepted, comment) for one in item.claims.exclude(state=ClaimState.WITHDRAWN)],
        confirmation=confirmation,
        by=by,
    )


def standing() -> tuple[Any, ...]:
    """Everything that a judgement may write."""
    return (
        list(Claim.objects.order_by("pk").values_list("pk", "state", "judged_version")),
        list(Judgement.objects.order_by("pk").values_list("pk", "comment")),
        list(ItemConfirmation.objects.order_by("pk").values_list("pk", "is_valid", "is_authentic", "is_current")),
        list(UnitConfirmation.objects.order_by("pk").values_list("pk", "lapsed_at")),
        Event.objects.count(),
    )
