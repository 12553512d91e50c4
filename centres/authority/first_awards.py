"""The kinds of award that every installation knows from the start, put into the table after each migration (R30)."""

from typing import Any

from django.apps import apps as installed

from centres.models.authority import RECOGNISED_FROM_THE_START


def recognise_first_awards(*, using: str, apps: Any = installed, **_: Any) -> None:
    """Add the kinds that the table lacks; what the operators have changed stays.

    A receiver of ``post_migrate`` and no data migration, because emptying the tables, as tests do, calls it too.
    """
    try:
        table = apps.get_model("centres", "RecognisedAward")
    except LookupError:  # The migrations were taken back to before it.
        return
    known = set(table.objects.using(using).values_list("code", flat=True))
    table.objects.using(using).bulk_create(
        table(code=kind.value, title=kind.label, capacity=capacity.value)
        for capacity, kinds in RECOGNISED_FROM_THE_START.items()
        for kind in kinds
        if kind.value not in known
    )
