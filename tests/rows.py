"""All rows of all tables, by SQL alone: what an action may have left behind."""

import hashlib
from collections.abc import Iterable

from django.apps import apps
from django.db import connection


def tables() -> list[str]:
    """Of every model there is, those of the packages that are built upon too."""
    return sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)})


def digest_of_rows(wanted: Iterable[str]) -> dict[str, str]:
    """A digest for each table."""
    found = {}
    with connection.cursor() as cursor:
        for table in wanted:
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
            found[table] = hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()
    return found
