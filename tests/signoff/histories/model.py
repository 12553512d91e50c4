"""What should be, in a few hundred lines of plain Python that import nothing of the product (docs/PRACTICE.md §3, §4).

A `Model` knows who holds which role, approval and award, who is named for what, what was claimed and judged, who signed
and who drew. It says of every signature, sampling mark and unlocking whether it is allowed, and what comes of whatever
else the product let through. People, roles, units and lines are plain words.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.signoff.histories.things import Claim, Enrolment, Item, Signed

CANDIDATE, ASSESSOR, COUNTERSIGNATURE = "candidate", "assessor", "assessor_countersignature"
IV, IV_COUNTERSIGNATURE, EV = "iv", "iv_countersignature", "ev"
LINES = (CANDIDATE, ASSESSOR, COUNTERSIGNATURE, IV, IV_COUNTERSIGNATURE, EV)
ROLE_FOR = {
    CANDIDATE: "candidate",
    ASSESSOR: "assessor",
    COUNTERSIGNATURE: "assessor",
    IV: "iv",
    IV_COUNTERSIGNATURE: "iv",
    EV: "ev",
}
# What each unit asks for (world.py writes the same as a standard): cells, those printed as a "should", and cells that
# are asked for each of two changes. Unit W1 takes evidence from a real job only.
CELLS = {"W1": ("5a", "5b", "do1", "know1"), "W2": ("5a", "6", "know1")}
SHOULD = {"W1": frozenset[str](), "W2": frozenset({"6"})}
FOR_EACH_CHANGE = {"W1": frozenset[str](), "W2": frozenset({"5a"})}
BARRED = {"W1": frozenset({"rwe"}), "W2": frozenset[str]()}

type Cell = tuple[str, str | None]  # the criterion, and the change that it is shown for


@dataclass
class Record:
    enrolment: Enrolment
    unit: str
    own_assessor: str | None = None
    own_iv: str | None = None
    claims: dict[tuple[int, Cell], Claim] = field(default_factory=dict)
    signed: dict[str, Signed] = field(default_factory=dict)
    drawn: dict[str, str] = field(default_factory=dict)
    confirmed: dict[str, str] = field(default_factory=dict)
    waived: dict[str, str] = field(default_factory=dict)  # by whom
    # Whoever ever confirmed or waived something, lapsed or taken back by now or not.
    decided: set[str] = field(default_factory=set)
    # Whoever signed as assessor or countersigned that, in rounds that are void by now too (Q4).
    vouched: set[str] = field(default_factory=set)
    changes: list[str] = field(default_factory=list)

    @property
    def candidate(self) -> str:
        return self.enrolment.candidate

    @property
    def assessor(self) -> str:
        return self.own_assessor or self.enrolment.assessor

    @property
    def iv(self) -> str:
        return self.own_iv or self.enrolment.iv

    @property
    def is_frozen(self) -> bool:
        return bool(self.signed)

    @property
    def is_open(self) -> bool:
        return not self.signed and self.enrolment.status == "active"

    @property
    def live(self) -> list[Claim]:
        return [claim for claim in self.claims.values() if claim.is_live]

    @property
    def is_assessed(self) -> bool:
        """The assessor has signed, and was countersigned where that was due (Q6)."""
        first = self.signed.get(ASSESSOR)
        return first is not None and (not first.is_second_due or COUNTERSIGNATURE in self.signed)

    @property
    def is_verified(self) -> bool:
        first = self.signed.get(IV)
        return first is not None and (not first.is_second_due or IV_COUNTERSIGNATURE in self.signed)

    @property
    def state(self) -> str:
        """Where the record stands, from nothing but the signatures on it and the duties that they made."""
        if EV in self.signed:
            return "externally_verified"
        if IV in self.signed:
            return "verified" if self.is_verified else "awaiting_iv_countersignature"
        if ASSESSOR in self.signed:
            return "complete" if self.is_assessed else "awaiting_countersignature"
        return "candidate_signed" if CANDIDATE in self.signed else "open"

    def witnesses(self) -> set[str]:
        return {claim.item.witness for claim in self.live if claim.item.witness}

    def judges(self) -> set[str]:
        """Whoever ever decided on something here: on a claim, on the unit as a whole, on a "should"; and for what is
        accepted on valid, authentic and current, and on whether a witness is genuine (R40)."""
        on_claims = {judge for claim in self.live for judge in claim.judges}
        accepted = [claim for claim in self.live if claim.state == "accepted"]
        on_items = {claim.item.confirmed_by[claim.version] for claim in accepted if claim.version}
        on_witnesses = {claim.item.vouched_for_by() for claim in accepted} - {None}
        return on_claims | on_items | on_witnesses | self.decided

    def had_a_part(self, person: str) -> bool:
        """Whether the person can never verify it: as candidate, assessor, witness or who vouched (R40, R41)."""
        return person in {self.candidate, self.assessor} | self.judges() | self.vouched | self.witnesses()

    def lapse(self) -> None:
        self.confirmed.clear()


@dataclass
class Model:
    """Everybody and everything of one centre."""

    enrolments: dict[str, Enrolment] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    items: dict[str, list[Item]] = field(default_factory=dict)
    roles: set[tuple[str, str]] = field(default_factory=set)
    approved: set[tuple[str, str, str]] = field(default_factory=set)  # person, unit, role
    awards: dict[tuple[str, str], int] = field(default_factory=dict)  # how many count
    opened: set[tuple[str, str]] = field(default_factory=set)  # EV, candidate
    opened_records: set[tuple[str, str]] = field(default_factory=set)
    disowned: set[int] = field(default_factory=set)
    vouched: dict[int, str] = field(default_factory=dict)  # entry of a witness list: who made sure of it

    # --- What the gate asks (R1, R3, R5, Q11, Q13, Q23) ---

    def is_ready(self, record: Record) -> bool:
        live = record.live
        if record.enrolment.status != "active" or any(claim.state == "undecided" for claim in live):
            return False
        accepted = {cell for (_, cell), claim in record.claims.items() if claim.state == "accepted"}
        for criterion in CELLS[record.unit]:
            if criterion in record.waived:
                continue
            shown = {change for one, change in accepted if one == criterion}
            if len(shown) < (2 if criterion in FOR_EACH_CHANGE[record.unit] else 1):
                return False
        if not accepted:
            return False
        of_others = {claim.judge for claim in live if claim.state == "accepted"} - {record.assessor}
        if of_others and record.confirmed.get("reviewed") != record.assessor:
            return False
        return record.confirmed.get("sufficient") == record.assessor

    # --- Who may sign, draw and unlock ---

    def may_sign(self, name: str, line: str, person: str, role: str) -> bool:
        """Q6, R33, R40-R42, Q4, Q5: in the state that is due, with authority, and by nobody who had another part."""
        record = self.records[name]
        if (person, role) not in self.roles or role != ROLE_FOR[line]:
            return False
        if (person == record.candidate) is not (line == CANDIDATE):
            return False
        if line not in self.due(record) or person in {one.by for one in record.signed.values()}:
            return False
        allowed = {"active"} if line in LINES[:3] else {"active", "completed"}
        if record.enrolment.status not in allowed:
            return False
        if line == CANDIDATE:
            return self.is_ready(record)
        # Nobody signs over a testimony that its witness has disowned (R20a).
        if person in record.witnesses() or any(self._is_disowned(claim) for claim in record.live):
            return False
        approved = (person, record.unit, role) in self.approved
        qualified, had_no_part = self.awards.get((person, role), 0) > 0, not record.had_a_part(person)
        match line:
            case "assessor":
                return person == record.assessor and approved and self.is_ready(record)
            case "assessor_countersignature":
                return approved and qualified and person not in (record.iv, record.drawn.get("iv"))
            case "iv":
                return (
                    person == record.iv and approved and not record.had_a_part(person) and self.mark_counts(name, role)
                )
            case "iv_countersignature":
                return approved and qualified and had_no_part
            case _:
                return had_no_part and record.drawn[role] == person and self._is_open_to(person, name)

    def due(self, record: Record) -> set[str]:
        match record.state:
            case "open":
                return {CANDIDATE}
            case "candidate_signed":
                return {ASSESSOR}
            case "awaiting_countersignature":
                return {COUNTERSIGNATURE}
            case "awaiting_iv_countersignature":
                return {IV_COUNTERSIGNATURE}
            case "complete":
                # Who has drawn it comes next, the IV first.
                return {IV} if "iv" in record.drawn else {EV} & set(record.drawn)
            case "verified":
                return {EV} & set(record.drawn)
        return set()

    def may_mark(self, name: str, person: str, role: str) -> bool:
        record = self.records[name]
        if (person, role) not in self.roles or role not in ("iv", "ev"):
            return False
        if record.had_a_part(person):
            return False
        if role == "iv" and (person != record.iv or (person, record.unit, role) not in self.approved):
            return False
        if role == "ev" and (person, record.candidate) not in self.opened:
            return False
        if role in record.drawn:
            is_own = record.drawn[role] == person
            closed_again = role == "ev" and is_own and (person, name) not in self.opened_records
            if not closed_again and not self.may_draw_anew(name, person, role):
                return False
        return EV not in record.signed and record.enrolment.status in ("active", "completed")

    def mark_counts(self, name: str, capacity: str) -> bool:
        """A mark counts until whoever drew had a part in the assessment or, for an EV, has no access any more."""
        record = self.records[name]
        who = record.drawn.get(capacity)
        if who is None or who in record.judges() | record.vouched | {record.assessor}:
            return False
        return capacity == "iv" or not self.has_left(name, capacity)

    def has_left(self, name: str, capacity: str) -> bool:
        """Whether who drew can act on it no more: the role has ended or, for an EV, what was opened to them."""
        who = self.records[name].drawn[capacity]
        return (who, capacity) not in self.roles or (capacity == "ev" and not self._is_open_to(who, name))

    def may_draw_anew(self, name: str, person: str, role: str) -> bool:
        """In the place of somebody else, whose mark counts no more and was not signed for."""
        record = self.records[name]
        is_anothers = record.drawn.get(role, person) != person
        return is_anothers and role not in record.signed and not self.mark_counts(name, role)

    def mark_to_withdraw(self, name: str, person: str, role: str) -> str | None:
        """The capacity whose mark this seat may take back: a verifier their own, an IV also that of the IV before, the
        coordinator that of somebody who has left, the IV's first."""
        record = self.records[name]
        if (person, role) not in self.roles:
            return None
        unsigned = [capacity for capacity in ("iv", "ev") if capacity in record.drawn and capacity not in record.signed]
        if role == "coordinator":
            return next((capacity for capacity in unsigned if self.has_left(name, capacity)), None)
        if role not in unsigned:
            return None
        return role if record.drawn[role] == person or (role == "iv" and record.iv == person) else None

    def may_unlock(self, name: str, person: str, role: str) -> bool:
        """R48: the assessor until a verifier has signed, the coordinator at any time."""
        record = self.records[name]
        if (person, role) not in self.roles or not record.signed or record.enrolment.status != "active":
            return False
        is_assessor = role == "assessor" and person == record.assessor
        return role == "coordinator" or (is_assessor and not {IV, EV} & set(record.signed))

    def _is_open_to(self, person: str, name: str) -> bool:
        return (person, name) in self.opened_records and (person, self.records[name].candidate) in self.opened

    # --- What comes of what was let through ---

    def sign(self, name: str, line: str, person: str, role: str) -> None:
        needs = line in (ASSESSOR, IV) and not self.awards.get((person, role))
        self.records[name].signed[line] = Signed(person, needs)
        if line in (ASSESSOR, COUNTERSIGNATURE):
            self.records[name].vouched.add(person)

    def mark(self, name: str, person: str, role: str) -> None:
        self.records[name].drawn[role] = person
        if role == "ev":
            self.opened_records.add((person, name))

    def withdraw_mark(self, name: str, person: str, role: str) -> None:
        capacity = self.mark_to_withdraw(name, person, role)
        assert capacity is not None
        self.opened_records.discard((self.records[name].drawn.pop(capacity), name))

    def unlock(self, name: str) -> None:
        record = self.records[name]
        record.signed.clear()
        # It goes back to the assessor, who confirms anew (R48).
        record.lapse()
        self.judge_replaced_again(record)

    def judge_replaced_again(self, record: Record) -> None:
        """What was replaced or disowned while the record was closed is judged again (Q22, R20a)."""
        if not record.is_open:
            return
        for claim in record.live:
            if claim.is_judged and (claim.version != claim.item.version or self._is_disowned(claim)):
                claim.state = "undecided"
                record.lapse()

    def _is_disowned(self, claim: Claim) -> bool:
        return claim.state == "accepted" and claim.item.testimonies.get(claim.version or 0) in self.disowned

    def claim(self, name: str, item: Item, cells: list[Cell]) -> None:
        record = self.records[name]
        for cell in cells:
            earlier = record.claims.get((item.number, cell))
            if earlier is None or not earlier.is_live:
                record.claims[item.number, cell] = Claim(item)
                record.lapse()

    def change_claims(self, item: Item, dropped: tuple[str, Cell] | None, moved: tuple[str, Cell] | None) -> None:
        """One is no longer wanted; another has a new place, and is judged again where it was returned."""
        for wanted, state in ((dropped, "withdrawn"), (moved, "undecided")):
            if wanted is None:
                continue
            record = self.records[wanted[0]]
            if not record.is_open:
                continue
            record.claims[item.number, wanted[1]].state = state
            record.lapse()

    def replace(self, item: Item, setting: str, testimony: int | None = None) -> None:
        """A draft is changed where it stands; anything else gets a new version (Q22, Q22a)."""
        carried = item.testimonies.get(item.version)
        if item.state == "offered":
            item.version += 1
            for record in self._with(item):
                if record.is_open:
                    for claim in self._of(record, item):
                        claim.state = "undecided"
                    record.lapse()
        carried = testimony or (carried if carried not in self.disowned else None)
        item.testimonies.pop(item.version, None)
        if carried:
            item.testimonies[item.version] = carried
        item.setting = setting

    def disown(self, testimony: int) -> None:
        self.disowned.add(testimony)
        for record in self.records.values():
            for claim in record.live if record.is_open else ():
                if self._is_disowned(claim):
                    claim.state = "undecided"
                    record.lapse()

    def withdraw(self, item: Item) -> None:
        """From open units only; the item itself stays while a closed one rests on it (Q22a)."""
        is_kept = False
        for record in self._with(item):
            if record.is_open:
                for claim in self._of(record, item):
                    claim.state = "withdrawn"
                record.lapse()
            else:
                is_kept = True
        if not is_kept:
            item.state = "withdrawn"

    def judge(self, name: str, item: Item, cells: list[Cell], person: str, *, is_accepted: bool) -> None:
        record = self.records[name]
        if is_accepted:
            item.confirmed_by.setdefault(item.version, person)
        for cell in cells:
            claim, verdict = record.claims[item.number, cell], "accepted" if is_accepted else "returned"
            if claim.state == verdict:  # The same decision again is no decision.
                continue
            claim.state = verdict
            claim.version, claim.judge = item.version, person
            claim.judges.add(person)
            record.lapse()

    def to_unlock(self, enrolment: Enrolment, own: str | None = None) -> list[str]:
        """What the candidate has signed of a registration, which is unlocked for a new assessor (Q23): of all that goes
        along with it, or the one with an assessor of its own."""
        signed = (name for name, one in self.records.items() if one.state == "candidate_signed")
        mine = [name for name in signed if self.records[name].enrolment is enrolment and enrolment.status == "active"]
        return [name for name in mine if (name == own if own else self.records[name].own_assessor is None)]

    def reassign(self, enrolment: Enrolment, assessor: str, iv: str) -> None:
        """Whoever has signed stays on what they signed (R66)."""
        for record in self.of_enrolment(enrolment):
            if ASSESSOR in record.signed:
                record.own_assessor = record.own_assessor or enrolment.assessor
            if IV in record.signed or EV in record.signed:
                record.own_iv = record.own_iv or enrolment.iv
        enrolment.assessor, enrolment.iv = assessor, iv

    def move(self, enrolment: Enrolment, status: str) -> None:
        enrolment.status = status
        for record in self.of_enrolment(enrolment):
            self.judge_replaced_again(record)

    def of_enrolment(self, enrolment: Enrolment) -> Iterator[Record]:
        return (record for record in self.records.values() if record.enrolment is enrolment)

    def _with(self, item: Item) -> list[Record]:
        mine = (record for record in self.records.values() if record.candidate == item.owner)
        return [record for record in mine if self._of(record, item)]

    def _of(self, record: Record, item: Item) -> list[Claim]:
        if record.candidate != item.owner:
            return []
        return [claim for claim in record.live if claim.item is item]
