"""A small chain to work on. People here are bare ids: the ledger knows nothing else of them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction

from ledger.actions import tell
from ledger.chains import portfolio_chain
from ledger.events import EventType
from ledger.models import Event
from ledger.subjects import Actor, Named

CHAIN = portfolio_chain(centre_id=1, candidate_id=2)


@dataclass(frozen=True)
class Somebody:
    pk: int | None


ASSESSOR = Somebody(pk=7)


@pytest.fixture(autouse=True)
def _nobody_listens(settings) -> None:
    """What happens after an append is another room's business, except in the tests that look at it."""
    settings.LEDGER_LISTENERS = []


def record(
    *,
    type: EventType,
    chain: str = CHAIN,
    subject: str,
    by: Somebody | None,
    role: str = "",
    data: Mapping[str, Any] | None = None,
    note: str = "",
) -> Event:
    """`tell` with everything spelt out, in a transaction of the test's."""
    return tell(type, about=Named(chain, subject), by=Actor(by, role), note=note, **(data or {}))


def append(chain: str = CHAIN, *, subject: str = "evidence:12", note: str = "", **data: object) -> Event:
    """One more event, in a transaction of its own."""
    with transaction.atomic():
        return record(
            type=EventType.EVIDENCE_CHANGED,
            chain=chain,
            subject=subject,
            by=ASSESSOR,
            role="assessor",
            data=data,
            note=note,
        )


@contextmanager
def undone() -> Iterator[None]:
    """Whatever the block writes is rolled back at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def three_events(db) -> list[Event]:
    """A chain of three, the middle one with a note."""
    return [append(revision=1), append(revision=2, note="Mrs Patel saw it."), append(revision=3)]
