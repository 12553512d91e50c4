"""Reads about prints, limited to who is asking (R64)."""

from django.db.models import QuerySet

from centres.models import Membership
from records.models import PrintedRecord
from registrations.queries import records_for


def prints_for(seat: Membership) -> QuerySet[PrintedRecord]:
    """The prints of the unit records that open to this seat. A print shows the same to everybody."""
    return PrintedRecord.objects.filter(record__in=records_for(seat).order_by().values("pk")).select_related(
        "record__unit", "record__registration__candidate", "asked_by", "blob"
    )
