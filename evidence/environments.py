"""What to think of where evidence comes from: the realistic working environments on the centre's register (R7)."""

import datetime

from django.utils.formats import date_format

from centres.models import RealisticWorkingEnvironment


def why_doubtful(
    environment: RealisticWorkingEnvironment | None, first_day: datetime.date, last_day: datetime.date
) -> str:
    """What an assessor asks about before accepting evidence from a realistic working environment (R7); "" if nothing.

    In: the one that the evidence names, if any, and when it happened. A warning only: whether it counts, the policy of
    the unit decides (R5).
    """
    if environment is None:
        return (
            "This comes from a realistic working environment, but does not say which. Make sure that it is one that "
            "the awarding body has approved."
        )
    if environment.was_approved(first_day, last_day):
        return ""
    from_day = date_format(environment.approved_on, "SHORT_DATE_FORMAT")
    if environment.ended_on is None:
        since = "happened" if last_day < environment.approved_on else "began"
        return f"{environment.name} was approved on {from_day}, after this {since}."
    to_day = date_format(environment.ended_on, "SHORT_DATE_FORMAT")
    return f"{environment.name} was approved from {from_day} to {to_day}, and not on every day of this."
