"""The database itself refuses to change what happened (R66)."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.core import mail
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.db.models import F
from django.test import TransactionTestCase

from ledger import guard
from ledger.actions import seal_heads
from ledger.events import EventType
from ledger.models import Chain, Event, Note, SigningKey
from ledger.signing import sign
from ledger.testing import allow_flush, ledger_open_for_tests
from ledger.verify import verify_all, verify_chain
from tests.ledger.conftest import ASSESSOR, CHAIN, append, record

pytestmark = pytest.mark.engine("ledger")


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(IntegrityError, match=r"The ledger cannot be edited\."), transaction.atomic():
        yield


@pytest.fixture
def full(three_events, settings, tmp_path) -> None:
    """Something in every table that is guarded."""
    settings.LEDGER_KEY_FILE = tmp_path / "ledger.key"
    sign(b"anything")
    # The last chain has no events, so that Django's own protection is not what refuses.
    Chain.objects.create(key="centre:5")


TABLES = [Chain, Event, Note, SigningKey]


# Fixed: parallel workers must agree on the names of the tests.
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("model", TABLES)
def test_no_row_goes(full, model) -> None:
    with refused():
        model.objects.order_by("-pk").first().delete()
    with refused(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table}")
    assert model.objects.exists()


@pytest.mark.parametrize("model", TABLES)
def test_no_table_is_emptied(full, model) -> None:
    # SQLite knows no TRUNCATE; its flush deletes.
    statement = {"postgresql": "TRUNCATE {} CASCADE", "sqlite": "DELETE FROM {}"}[connection.vendor]
    # PostgreSQL truncates nothing while checks of foreign keys are pending.
    connection.check_constraints()
    with refused(), connection.cursor() as cursor:
        cursor.execute(statement.format(model._meta.db_table))
    assert model.objects.exists()


@pytest.mark.parametrize(
    ("model", "change"),
    [(model, field.name) for model in [Event, SigningKey] for field in model._meta.concrete_fields],
    ids=str,
)
def test_no_field_changes(full, model, change) -> None:
    row = model.objects.order_by("-pk").first()
    column = model._meta.get_field(change).column
    with refused():
        model.objects.filter(pk=row.pk).update(**{change: F(change)})
    with refused(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {model._meta.db_table} SET {column} = {column} WHERE id = %s", [row.pk])
    with refused():
        row.save()


@pytest.mark.parametrize(
    "change",
    [
        {"text": "kinder words"},
        {"salt": "0" * 32},
        {"digest": "0" * 64},
        {"text": "", "salt": ""},
        {"disposed_at": NOON},
        {"disposed_at": NOON, "text": ""},
        {"disposed_at": NOON, "text": "", "salt": "", "digest": "0" * 64},
        {"disposed_at": NOON, "text": "", "salt": "", "id": 999},
    ],
    ids=str,
)
def test_a_note_changes_by_disposal_only(three_events, change) -> None:
    with refused():
        Note.objects.update(**change)


def test_a_disposed_note_stays_as_it_is(three_events) -> None:
    disposal = {"text": "", "salt": "", "disposed_at": NOON}
    Note.objects.update(**disposal)
    for change in [{"text": "back again", "salt": "1", "disposed_at": None}, {"disposed_at": NOON}]:
        with refused():
            Note.objects.update(**change)


@pytest.mark.parametrize(
    "change",
    [{"length": 2}, {"head": "0" * 64}, {"key": "portfolio:1:3"}, {"id": 999}, {"length": 0, "head": ""}],
    ids=str,
)
def test_a_chain_only_grows(three_events, change) -> None:
    with refused():
        Chain.objects.filter(key=CHAIN).update(**change)
    Chain.objects.filter(key=CHAIN).update(length=4, head="0" * 64)


@pytest.mark.parametrize("model", TABLES)
def test_nothing_is_written_over(full, model) -> None:
    """SQLite's REPLACE removes the row in its way without asking the triggers on deletion."""
    table, row = model._meta.db_table, model.objects.order_by("pk").first()
    fields = [field for field in model._meta.concrete_fields if field.name != "id"]
    columns = ", ".join(field.column for field in fields)
    statements = [f"INSERT INTO {table} (id, {columns}) SELECT id, {columns} FROM {table} WHERE id = {row.pk}"]
    if connection.vendor == "sqlite":
        verb = "REPLACE INTO"
        statements = [
            f"{verb} {table} (id, {columns}) SELECT id, {columns} FROM {table} WHERE id = {row.pk}",
            f"{verb} {table} (id, {columns}) SELECT id + 900, {columns} FROM {table} WHERE id = {row.pk}",
            f"UPDATE OR REPLACE {table} SET id = id + 1 WHERE id = {row.pk}",
        ]
    before = list(model.objects.order_by("pk").values())
    for statement in statements:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert list(model.objects.order_by("pk").values()) == before


def test_a_foreign_shell_is_refused_too(transactional_db) -> None:
    """A connection that was not given the function which the triggers ask cannot answer, and so cannot edit."""
    if connection.vendor != "sqlite":
        assert guard.missing_triggers(connection) == []
        return
    append()
    shell = sqlite3.connect(connection.settings_dict["NAME"], uri=True)
    try:
        with pytest.raises(sqlite3.OperationalError, match="no such function"):
            shell.execute("DELETE FROM ledger_event")
        assert shell.execute("SELECT count(*) FROM ledger_event").fetchone() == (1,)
    finally:
        shell.close()


# --- The one way round -----------------------------------------------------------------------------------------------


def test_the_guard_is_back_afterwards(three_events) -> None:
    with ledger_open_for_tests(), ledger_open_for_tests():
        pass
    with pytest.raises(ZeroDivisionError), ledger_open_for_tests():
        1 / 0  # noqa: B018
    with refused():
        Event.objects.all().delete()
    with ledger_open_for_tests():
        Event.objects.all().delete()
    assert not Event.objects.exists()


def test_the_way_round_is_closed_outside_tests(monkeypatch) -> None:
    monkeypatch.delattr(mail, "outbox")
    with pytest.raises(RuntimeError, match="in tests only"), ledger_open_for_tests():
        pass


def test_the_way_round_counts_in_test_databases_only() -> None:
    assert "starts_with(current_database(), 'test_')" in guard._POSTGRESQL_BODY


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_transactional_test_starts_empty(turn) -> None:
    """Twice: the second turn finds what the emptying after the first left behind."""
    assert not Event.objects.exists()
    append(note="kept for this test only")
    with pytest.raises(IntegrityError):
        Event.objects.all().delete()


def test_allowing_the_flush_twice_changes_nothing() -> None:
    before = TransactionTestCase._fixture_teardown
    allow_flush()
    assert TransactionTestCase._fixture_teardown is before


def test_a_lost_trigger_comes_back_with_the_next_migrate(db) -> None:
    guard.remove(connection)
    assert set(guard.missing_triggers(connection)) == {rule.name for rule in guard._rules(connection)}
    guard.restore_after_migrate(sender=apps.get_app_config("ledger"), using="default")
    assert guard.missing_triggers(connection) == []


# --- A guard that is there in name only -------------------------------------------------------------------------------

# Each leaves something of the right name behind that refuses less than it should.
_NO_OP = "CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW "
NEUTERED = {
    "sqlite": [
        _NO_OP + "BEGIN SELECT 1; END",
        _NO_OP + "WHEN 1 = 0 BEGIN SELECT RAISE(ABORT, 'The ledger cannot be edited.'); END",
        "CREATE TRIGGER {name} BEFORE UPDATE OF digest ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE TRIGGER {name} BEFORE UPDATE ON ledger_note BEGIN SELECT RAISE(ABORT, 'no'); END",
    ],
    "postgresql": [
        _NO_OP + "WHEN (1 = 0) EXECUTE FUNCTION {name}()",
        "CREATE TRIGGER {name} BEFORE UPDATE OF digest ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        "CREATE TRIGGER {name} AFTER UPDATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
        "CREATE TRIGGER {name} BEFORE UPDATE ON ledger_note FOR EACH ROW EXECUTE FUNCTION {name}()",
    ],
}


@pytest.mark.parametrize("number", range(4))
def test_a_trigger_that_was_exchanged_under_its_name_is_found(db, number) -> None:
    name, table = "ledger_event_refuse_update", "ledger_event"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))
        cursor.execute(NEUTERED[connection.vendor][number].format(name=name, table=table))
    assert guard.missing_triggers(connection) == [name]
    assert [what for what, _ in guard.faults_of_guard(connection)] == [f"The database’s guard {name}"]
    guard.restore_after_migrate(sender=apps.get_app_config("ledger"), using="default")
    assert guard.missing_triggers(connection) == []


SWITCHED_OFF = [
    "CREATE OR REPLACE FUNCTION ledger_event_refuse_update() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RETURN NEW; END $$",
    "ALTER FUNCTION ledger_event_refuse_update() SET session_replication_role = replica",
    "ALTER TABLE ledger_event DISABLE TRIGGER ledger_event_refuse_update",
    "ALTER TABLE ledger_event ENABLE REPLICA TRIGGER ledger_event_refuse_update",
    "ALTER TABLE ledger_event ENABLE TRIGGER ledger_event_refuse_update",
]


@pytest.mark.parametrize("number", range(len(SWITCHED_OFF)))
def test_postgresql_a_guard_that_was_switched_off_is_found(db, number) -> None:
    """SQLite knows no such switch: there each trigger is whole or it is not."""
    if connection.vendor == "sqlite":
        assert list(guard.faults_of_guard(connection)) == []
        return
    with connection.cursor() as cursor:
        cursor.execute(SWITCHED_OFF[number])
    assert guard.missing_triggers(connection) == ["ledger_event_refuse_update"]


def test_a_session_in_a_replicas_role_is_refused_and_named(full) -> None:
    if connection.vendor == "sqlite":
        with refused():
            Event.objects.all().delete()
        return
    # Checks that wait for the end would otherwise meet a table that has pending ones.
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    with refused():
        Event.objects.all().update(subject="evidence:13")
    assert [what for what, _ in guard.faults_of_guard(connection)] == [
        "The database’s setting session_replication_role"
    ]


# --- At the same time ------------------------------------------------------------------------------------------------


def in_threads(*jobs: Callable[[], None]) -> None:
    """Run the jobs at once, each with a connection of its own; what one raises is raised here."""
    start, failures = threading.Barrier(len(jobs)), []

    def run(job: Callable[[], None]) -> None:
        start.wait(timeout=10)
        try:
            job()
        except (DatabaseError, AssertionError, ValueError) as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    if failures:
        raise failures[0]


@pytest.mark.django_db(transaction=True)
def test_appends_at_the_same_time_keep_one_sequence() -> None:
    """The chain does not exist when all begin, so its making is raced for as well."""

    def append_ten() -> None:
        for n in range(10):
            append(revision=n, note="at once")

    in_threads(*[append_ten] * 4)
    assert list(Event.objects.order_by("sequence").values_list("sequence", flat=True)) == list(range(1, 41))
    assert verify_chain(CHAIN).state == "sound"


@pytest.mark.django_db(transaction=True)
def test_sealing_while_others_append_breaks_nothing() -> None:
    def append_to_two() -> None:
        for _ in range(8):
            with transaction.atomic():
                for chain in [CHAIN, "centre:1"]:
                    record(type=EventType.CLAIM_MADE, chain=chain, subject="claim:1", by=ASSESSOR)

    def seal() -> None:
        for _ in range(8):
            seal_heads()

    in_threads(append_to_two, append_to_two, seal, seal)
    seal_heads()
    assert {report.key: report.state for report in verify_all()} == {
        CHAIN: "sound",
        "centre:1": "sound",
        "heads": "sound",
    }
    assert Chain.objects.get(key=CHAIN).sealed_length == 16
