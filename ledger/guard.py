"""The database's own refusal to change what happened (R66; HOUSE, decided first, 3).

Triggers on both engines refuse to alter or delete events, chains, notes and signing keys; two changes alone pass:
a chain growing, and a note being disposed of. Tests have one way round, `ledger/testing.py`:

* SQLite: the triggers ask a function that each connection is given when it opens, and which says "closed" unless the
  test aid has opened it for its own thread. A shell that lacks the function is refused too.
* PostgreSQL: the triggers ask a session setting that counts only in a database whose name begins with `test_`.

SQLite drops a table's triggers whenever a later migration rebuilds the table, so after every `migrate` the missing ones
are put back, and `verify` reports any that is missing, switched off, or not word for word what stands here. On
PostgreSQL each trigger has a function of its own that holds its rule: a function is kept as it was written, while the
conditions of a trigger are spelled anew. All are "always" triggers, which a session in a replica's role meets too.
"""

import sqlite3
import threading
from collections.abc import Iterator
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

# The rule of a trigger as PostgreSQL keeps it. What passes is handed back: the new row, or on deletion the old one.
_POSTGRESQL_BODY = """
BEGIN
    IF {unless} THEN RETURN NEW; END IF;
    IF current_setting('{setting}', true) = 'yes' AND starts_with(current_database(), 'test_') THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '{refusal}' USING ERRCODE = 'integrity_constraint_violation';
END
"""
# Bits of pg_trigger.tgtype.
_ROW, _BEFORE = 1, 2
_CHANGES = {"DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}


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
    """Names of the triggers that this database lacks, has switched off, or has otherwise than `install` writes them; an
    empty list when the guard is whole."""
    present = _present_on_sqlite(connection) if connection.vendor == "sqlite" else _present_on_postgresql(connection)
    expected = _sqlite if connection.vendor == "sqlite" else _as_postgresql_keeps_it
    return [rule.name for rule in _rules(connection) if present.get(rule.name) != expected(rule)]


def faults_of_guard(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str]]:
    """What does not hold about the guard, each as two texts: which, and what is wrong with it."""
    for name in missing_triggers(connection):
        yield f"The database’s guard {name}", "it is missing or was changed, so the ledger could be edited unseen"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('session_replication_role') <> 'origin' OR EXISTS ("
                "SELECT 1 FROM pg_db_role_setting, unnest(setconfig) AS one"
                " WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))"
                " AND one LIKE 'session_replication_role=%%' AND one <> 'session_replication_role=origin')"
            )
            if cursor.fetchone()[0]:
                yield (
                    "The database’s setting session_replication_role",
                    "it is not “origin”, so the database checks nothing that its rules say",
                )


def install(connection: BaseDatabaseWrapper) -> None:
    """Set up every trigger anew."""
    remove(connection)
    with connection.cursor() as cursor:
        for rule in _rules(connection):
            if connection.vendor == "sqlite":
                cursor.execute(_sqlite(rule))
            else:
                for statement in _postgresql(rule):
                    cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take every trigger away: only for undoing the migration that set them up, and for setting them up anew."""
    with connection.cursor() as cursor:
        for rule in _rules(connection):
            on_table = "" if connection.vendor == "sqlite" else f" ON {rule.table}"
            cursor.execute(f"DROP TRIGGER IF EXISTS {rule.name}{on_table}")
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP FUNCTION IF EXISTS {rule.name}() CASCADE")


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


def _postgresql(rule: _Rule) -> tuple[str, ...]:
    scope = "STATEMENT" if rule.change == "TRUNCATE" else "ROW"
    return (
        f"CREATE OR REPLACE FUNCTION {rule.name}() RETURNS trigger LANGUAGE plpgsql AS $rule${_body(rule)}$rule$",
        f"CREATE TRIGGER {rule.name} BEFORE {rule.change} ON {rule.table}"
        f" FOR EACH {scope} EXECUTE FUNCTION {rule.name}()",
        f"ALTER TABLE {rule.table} ENABLE ALWAYS TRIGGER {rule.name}",
    )


def _body(rule: _Rule) -> str:
    return _POSTGRESQL_BODY.format(unless=rule.unless, setting=SETTING, refusal=REFUSAL)


def _present_on_sqlite(connection: BaseDatabaseWrapper) -> dict[str, object]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return dict(cursor.fetchall())


def _present_on_postgresql(connection: BaseDatabaseWrapper) -> dict[str, object]:
    """What each trigger of the tables that this connection sees is made of, as `_as_postgresql_keeps_it` spells it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, c.relname, t.tgtype, t.tgenabled::text, t.tgqual IS NULL, t.tgattr::text, t.tgnargs,"
            " l.lanname, p.prosecdef, p.proconfig IS NULL, p.prosrc"
            " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
            " JOIN pg_language l ON l.oid = p.prolang"
            " WHERE NOT t.tgisinternal AND c.oid IN (SELECT to_regclass(name) FROM unnest(%s::text[]) AS name)",
            [list(_TABLES)],
        )
        return {name: tuple(made_of) for name, *made_of in cursor.fetchall()}


def _as_postgresql_keeps_it(rule: _Rule) -> object:
    kind = _CHANGES[rule.change] | _BEFORE | (0 if rule.change == "TRUNCATE" else _ROW)
    return (rule.table, kind, "A", True, "", 0, "plpgsql", False, True, _body(rule))
