"""Telling of a row: what a row is called in the ledger, which chain tells of it, and who acted in which role."""

from dataclasses import dataclass, field

import pytest
from django.db import transaction

from ledger.actions import tell
from ledger.chains import HEADS, centre_chain
from ledger.events import EventType
from ledger.models import Event
from ledger.subjects import Actor, Named, OfCentre, OfPortfolio, TellableRow
from tests.ledger.conftest import ASSESSOR, CHAIN, Somebody


@dataclass
class Portfolio:
    chain: str = CHAIN


@dataclass
class UnitRecord(OfPortfolio):
    pk: int = 12
    portfolio: Portfolio = field(default_factory=Portfolio)


@dataclass
class RealisticWorkingEnvironment(OfCentre):
    pk: int = 5
    centre_id: int = 3
    subject_kind = "environment"


@dataclass
class Grant(OfCentre):
    """Told of under the name of what it opens."""

    pk: int = 9
    centre_id: int = 3
    subject = "unit_record:12"


@dataclass
class Chapter(TellableRow):
    """Of both chains, by what it is."""

    pk: int = 1
    chain: str = HEADS


@dataclass(frozen=True)
class Membership:
    """Has an id of its own, which is not the person's."""

    pk: int = 1
    person: Somebody = ASSESSOR
    role: str = "assessor"


@pytest.mark.parametrize(
    ("about", "chain", "subject"),
    [
        (UnitRecord(), CHAIN, "unit_record:12"),
        (RealisticWorkingEnvironment(), centre_chain(3), "environment:5"),
        (Grant(), centre_chain(3), "unit_record:12"),
        (Chapter(), HEADS, "chapter:1"),
        (Named(chain="installation", subject="ledger:key"), "installation", "ledger:key"),
    ],
)
def test_a_row_knows_its_chain_and_its_name(db, about, chain, subject) -> None:
    with transaction.atomic():
        event = tell(EventType.CLAIM_MADE, about=about, by=None)
    assert (event.chain.key, event.subject) == (chain, subject)


@pytest.mark.parametrize(
    ("by", "person", "role"),
    [
        (Membership(), 7, "assessor"),
        (Actor(ASSESSOR, "operator"), 7, "operator"),
        (Actor(None, "operator"), None, "operator"),
        (ASSESSOR, 7, ""),
        (None, None, ""),
    ],
)
def test_who_acted_in_which_role(db, by, person, role) -> None:
    with transaction.atomic():
        event = tell(EventType.CLAIM_MADE, about=UnitRecord(), by=by)
    assert (event.actor_id, event.actor_role) == (person, role)


def test_facts_may_have_any_name(db) -> None:
    facts = {"type": "a", "chain": "b", "subject": "c", "role": "d", "data": "e", "kind": "f", "of": "g"}
    with transaction.atomic():
        event = tell(EventType.CLAIM_MADE, about=UnitRecord(), by=None, **facts, from_="open", to="signed")
    assert Event.objects.get(pk=event.pk).data == facts | {"from": "open", "to": "signed"}


@pytest.mark.parametrize("subject", ["unit_record:None", "unit_record:", "unit_record", ""])
def test_a_row_without_an_id_is_refused(db, subject) -> None:
    with pytest.raises(ValueError, match="kind and an id"), transaction.atomic():
        tell(EventType.CLAIM_MADE, about=Named(CHAIN, subject), by=None)
    assert not Event.objects.exists()
