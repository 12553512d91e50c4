"""What an event is about and who did it: all that the ledger asks of the rows of the rooms below."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

from ledger.chains import centre_chain


class HasPk(Protocol):
    """A person, or any other row: the ledger knows nothing else of it."""

    @property
    def pk(self) -> Any: ...


@runtime_checkable
class Seat(Protocol):
    """Somebody who acts in a role: a membership, or an `Actor`."""

    @property
    def person(self) -> HasPk | None: ...

    @property
    def role(self) -> str: ...


@dataclass(frozen=True)
class Actor:
    """Somebody who acts in a role without a seat: an operator, or whoever takes their first seat just now."""

    person: HasPk | None
    role: str


class Tellable(Protocol):
    """Anything that the ledger can tell of: which chain tells of it, and its name there, such as "evidence:12"."""

    @property
    def chain(self) -> str: ...

    @property
    def subject(self) -> str: ...


@dataclass(frozen=True)
class Named:
    """Something that is no row, or that another chain than its own tells of."""

    chain: str
    subject: str


class TellableRow:
    """Mixed into a model: the row's name in the ledger is its model's name and its id, as in "unit_record:12".

    Names are part of each event's digest: a model that is renamed keeps its old one as ``subject_kind``.
    """

    subject_kind: ClassVar[str] = ""
    pk: Any

    @property
    def subject(self) -> str:
        kind = self.subject_kind or re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()
        return f"{kind}:{self.pk}"


class OfCentre(TellableRow):
    """Mixed into a model with a centre: the centre's chain tells of the row."""

    centre_id: int

    @property
    def chain(self) -> str:
        return centre_chain(self.centre_id)


class OfPerson(OfCentre):
    """Mixed into a model of what a centre keeps of a person: the ledger tells of the person."""

    person_id: int

    @property
    def subject(self) -> str:
        return f"person:{self.person_id}"


class OfPortfolio(TellableRow):
    """Mixed into a model with a portfolio: the portfolio's chain tells of the row."""

    portfolio: Any

    @property
    def chain(self) -> str:
        chain: str = self.portfolio.chain
        return chain
