"""The database's own refusal to change what happened (R66; HOUSE, decided first, 3).

Triggers on both engines refuse to alter or delete events, chains, notes and signing keys; two changes alone pass:
a chain growing, and a note being disposed of. Tests have one way round, `ledger/testing.py`:

* SQLite: the triggers ask a function that each connection is given when it opens, and which says "closed" unless the
  test aid has opened it for its own thread. A shell that lacks the function is refused too.
* PostgreSQL: the triggers ask a session setting that counts only in a database whose name begins with `test_`.

SQLite drops a table's triggers whenever a later migration rebuilds the table, so after every `migrate` the missing ones
are put back, and `verify_ledger` reports any that is missing.
"""

import sqlite3
import threading
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

REFUSAL = "The ledger cannot be edited."
SETTING = "ledger.open_for_tests"

_TABLES = ("ledger_chain", "ledger_event", "ledger_note", "ledger_signingkey")


@dataclass(frozen=True)
class _Rule:
    """One trigger: the change it watches for and the only case that it lets pass (SQL over OLD and NEW)."""

    table: str
    change: str
    unless: str = "1 = 0"

    @property
    def name(self) -> str:
        return f"{self.table}_refuse_{self.change.lower()}"


_RULES = (
    _Rule("ledger_event", "DELETE"),
    _Rule("ledger_event", "UPDATE"),
    _Rule("ledger_signingkey", "DELETE"),
    _Rule("ledger_signingkey", "UPDATE"),
    _Rule("ledger_chain", "DELETE"),
    _Rule(
        "ledger_chain",
        "UPDATE",
        unless="NEW.id = OLD.id AND NEW.key = OLD.key"
        " AND (NEW.length > OLD.length OR (NEW.length = OLD.length AND NEW.head = OLD.head))",
    ),
    _Rule("ledger_note", "DELETE"),
    _Rule(
        "ledger_note",
        "UPDATE",
        unless="NEW.id = OLD.id AND NEW.digest = OLD.digest AND NEW.salt = '' AND NEW.text = ''"
        " AND OLD.disposed_at IS NULL AND NEW.disposed_at IS NOT NULL",
    ),
)
# SQLite's REPLACE deletes the row in its way without asking the triggers on deletion, so it is met on insertion.
_SQLITE_RULES = (
    _Rule("ledger_event", "INSERT", "NOT EXISTS (SELECT 1 FROM ledger_event WHERE id = NEW.id"
          " OR (chain_id = NEW.chain_id AND sequence = NEW.sequence))"),
    _Rule("ledger_chain", "INSERT", "NOT EXISTS (SELECT 1 FROM ledger_chain WHERE id = NEW.id OR key = NEW.key)"),
    _Rule("ledger_note", "INSERT", "NOT EXISTS (SELECT 1 FROM ledger_note WHERE id = NEW.id OR digest = NEW.digest)"),
    _Rule("ledger_signingkey", "INSERT", "NOT EXISTS (SELECT 1 FROM ledger_signingkey WHERE id = NEW.id"
          " OR fingerprint = NEW.fingerprint)"),
)  # fmt: skip
_POSTGRESQL_RULES = tuple(_Rule(table, "TRUNCATE") for table in _TABLES)

_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('{SETTING}', true) = 'yes' AND starts_with(current_database(), 'test_') THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


class _Opened(threading.local):
    for_tests = False


opened = _Opened()


def give_connection_its_answer(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Give a new SQLite connection the function that the triggers ask. Receives `connection_created`."""
    if connection.vendor == "sqlite":
        raw: sqlite3.Connection = connection.connection
        raw.create_function("ledger_open_for_tests", 0, lambda: int(opened.for_tests))


def restore_after_migrate(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Put back what a rebuilt table lost. Receives `post_migrate`; does nothing before the tables exist."""
    connection = connections[using]
    if missing_triggers(connection) and set(_TABLES) <= set(connection.introspection.table_names()):
        install(connection)


def missing_triggers(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of the triggers that this database lacks or has switched off; an empty list when the guard is whole."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {name for (name,) in cursor.fetchall()}
    return [rule.name for rule in _rules(connection) if rule.name not in present]


def install(connection: BaseDatabaseWrapper) -> None:
    """Set up every trigger anew."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
        for rule in _rules(connection):
            cursor.execute(_sqlite(rule) if connection.vendor == "sqlite" else _postgresql(rule))


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take every trigger away: only for undoing the migration that set them up."""
    with connection.cursor() as cursor:
        for rule in _rules(connection):
            on_table = "" if connection.vendor == "sqlite" else f" ON {rule.table}"
            cursor.execute(f"DROP TRIGGER IF EXISTS {rule.name}{on_table}")


def _rules(connection: BaseDatabaseWrapper) -> tuple[_Rule, ...]:
    if connection.vendor == "sqlite":
        return _RULES + _SQLITE_RULES
    if connection.vendor == "postgresql":
        return _RULES + _POSTGRESQL_RULES
    raise NotImplementedError(f"The ledger cannot be guarded on {connection.vendor}.")


def _sqlite(rule: _Rule) -> str:
    return (
        f"CREATE TRIGGER {rule.name} BEFORE {rule.change} ON {rule.table} FOR EACH ROW"
        f" WHEN NOT ({rule.unless}) AND ledger_open_for_tests() = 0 BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )


def _postgresql(rule: _Rule) -> str:
    scope = "STATEMENT" if rule.change == "TRUNCATE" else f"ROW WHEN (NOT ({rule.unless}))"
    return (
        f"CREATE TRIGGER {rule.name} BEFORE {rule.change} ON {rule.table}"
        f" FOR EACH {scope} EXECUTE FUNCTION ledger_refuse()"
    )
