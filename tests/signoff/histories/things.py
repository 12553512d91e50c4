"""What a `Record` of the model is made of: evidence, claims on it, signatures, and its registration."""

from dataclasses import dataclass, field


@dataclass
class Item:
    """A piece of evidence. `testimonies` says which testimony each version carries."""

    owner: str
    number: int
    setting: str
    witness: str | None = None
    state: str = "draft"
    version: int = 1
    confirmed_by: dict[int, str] = field(default_factory=dict)
    # Its entry on the witness list, and who has made sure of each entry.
    entry: int | None = None
    vouched: dict[int, str] = field(default_factory=dict)
    testimonies: dict[int, int] = field(default_factory=dict)

    def vouched_for_by(self) -> str | None:
        return self.vouched.get(self.entry or 0)


@dataclass
class Claim:
    item: Item
    state: str = "undecided"
    version: int | None = None
    judge: str | None = None
    judges: set[str] = field(default_factory=set)  # whoever ever judged it

    @property
    def is_live(self) -> bool:
        return self.state != "withdrawn"

    @property
    def is_judged(self) -> bool:
        return self.state in ("accepted", "returned")


@dataclass
class Signed:
    """A signature that stands: whose, and whether a second one was due when it was given (R35)."""

    by: str
    is_second_due: bool = False


@dataclass
class Enrolment:
    """A registration."""

    candidate: str
    assessor: str
    iv: str
    status: str = "active"
