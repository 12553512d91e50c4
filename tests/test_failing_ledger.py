"""Every action of every room, with a ledger that cannot be written to: not a row, file, mail or task is left of it.

The actions are found by walking the rooms' `actions` modules (HOUSE, habits 6 and 12): one that is new must be entered
in tests/every_action.py, with what it needs, or be excused here with the reason.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection

from ledger.models import Event
from ledger.testing import LedgerWriteFailed, failing_ledger
from tests.every_action import ACTIONS
from tests.evidence.builders import (
    World,
)
from tests.evidence.conftest import stage, world, world_of_module
from tests.rows import digest_of_rows, tables

__all__ = ["stage", "world", "world_of_module"]

ROOMS = [app for app in settings.INSTALLED_APPS if (settings.BASE_DIR / app).is_dir()]
A_STEP = "a step of other actions, in their transaction"
A_LOOK = "writes nothing"
OF_FILES = (
    "files are stored before an action takes them up, and cleared away where none does; the ledger tells of it then"
)

EXCUSED = {
    **dict.fromkeys(
        (
            "files.actions.attach", "files.actions.digest_of", "files.actions.discard_unattached",
            "files.actions.enqueue_unprepared", "files.actions.is_full", "files.actions.prepare", "files.actions.store",
        ),
        OF_FILES,
    ),
    **dict.fromkeys(
        (
            "centres.people.actions.lock_centre",
            "centres.standards.actions.check_may_load",
            "registrations.unit_records.check_unlocked", "registrations.unit_records.locked_record",
            "evidence.items.actions.check_unchanged",
            "evidence.items.actions.locked_evidence", "evidence.items.actions.locked_records",
            "assessment.method_records.actions.digest_of", "evidence.items.versions.check_room",
            "evidence.items.versions.digests", "evidence.items.versions.files_of",
            "evidence.items.versions.kept_testimony", "evidence.items.versions.named",
            "centres.drawn_signature.actions.drawing_in_use", "ledger.actions.lock_chain",
            "signoff.actions.check_typed_name", "signoff.moving_on.check_combination_complete",
            "signoff.moving_on.check_may_complete", "signoff.moving_on.check_may_move_on",
            "signoff.actions.describe_award",
        ),
        A_LOOK,
    ),
    **dict.fromkeys(
        (
            "registrations.unit_records.lapse_confirmations", "evidence.items.actions.judge_replaced_again",
            "evidence.items.actions.lapse_for", "evidence.items.actions.replace_version",
            "files.actions.let_go", "signoff.actions.reopen",
            "evidence.items.versions.make_version", "evidence.items.versions.put_files",
        ),
        A_STEP,
    ),
    **dict.fromkeys(
        (
            "centres.drafts.actions.address_of", "centres.drafts.actions.draft_for",
            "centres.drafts.actions.drop_draft", "centres.drafts.actions.erase_old_drafts",
            "centres.drafts.actions.is_unseen", "centres.drafts.actions.keep_draft",
            "centres.drafts.actions.pattern_of",
            "centres.drafts.actions.read_ticket",
        ),
        "drafts are not acts (decision 0009)",
    ),
    "centres.standards.actions.hand_in_standard": "keeps a file for its preview; what is loaded of it is told",
    "centres.drawn_signature.actions.save_drawn_signature": "leaves a file that nothing took up, which is tidied away",
    "proof.runs.run_verification": "carries out what was asked for, and says that it was not finished",
    "records.actions.make_print": "carries out what was asked for and told (R66)",
}  # fmt: skip


# Modules that hold actions under a name of their own.
NAMED_FOR_WHAT_THEY_DO = {
    "assessment.confirming.waivers", "centres.people.corrections", "evidence.items.versions", "proof.runs",
    "registrations.enrolment", "registrations.unit_records", "signoff.handover.leavers", "signoff.handover.reassigning",
    "signoff.moving_on",
}  # fmt: skip


def modules() -> Iterator[ModuleType]:
    """Every module of every room that holds actions."""
    for room in ROOMS:
        package = importlib.import_module(room)
        for found in pkgutil.walk_packages(package.__path__, f"{room}."):
            if found.name.endswith(".actions") or found.name in NAMED_FOR_WHAT_THEY_DO:
                yield importlib.import_module(found.name)


def public_functions() -> set[str]:
    return {
        f"{module.__name__}.{name}"
        for module in modules()
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    } - {"proof.runs.runs_for"}


def test_no_action_is_missing() -> None:
    assert public_functions() == {*ACTIONS, *EXCUSED}
    assert not set(ACTIONS) & set(EXCUSED)


@pytest.mark.parametrize("name", ACTIONS)
def test_nothing_is_left_when_the_ledger_fails(world: World, name: str) -> None:
    call = ACTIONS[name](world)
    every = tables()
    before, waiting, files = digest_of_rows(every), len(connection.run_on_commit), stored()
    with failing_ledger(), pytest.raises(LedgerWriteFailed):
        call()
    after = digest_of_rows(every)
    assert [table for table in every if after[table] != before[table]] == []
    assert len(connection.run_on_commit) == waiting, "a task or a deletion waits for the commit"
    assert stored() == files
    assert mail.outbox == []
    # It was the ledger that stopped it: with it, the same call goes through and is told of.
    last = Event.objects.count()
    call()
    assert Event.objects.count() > last


def stored() -> set[Path]:
    """Every file in the storage."""
    return {path for path in Path(settings.DATA_DIR, "files").rglob("*") if path.is_file()}
