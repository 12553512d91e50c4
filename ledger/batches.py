"""Reading long tables in constant memory."""

from collections.abc import Iterator

from django.db.models import Model, QuerySet


def in_batches[M: Model](rows: QuerySet[M], size: int) -> Iterator[list[M]]:
    """The rows by id, `size` at a time, each batch by a query of its own.

    No cursor stays open between two batches: SQLite could not write while somebody else's writing has moved past the
    view that a reader holds, and a long check could not note how far it is.
    """
    ordered = rows.order_by("pk")
    batch = list(ordered[:size])
    while batch:
        yield batch
        batch = list(ordered.filter(pk__gt=batch[-1].pk)[:size])
