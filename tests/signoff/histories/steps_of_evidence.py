"""Steps with evidence: added, claimed, offered, judged, replaced, withdrawn, testified to and disowned."""

from random import Random
from typing import Any
from uuid import UUID

from django.db import transaction

from assessment.judging.actions import Verdict, authenticate_witness, judge_item
from centres.models import Membership
from evidence.claims.actions import WantedClaim, update_claims
from evidence.instances.actions import name_instance, remove_instance, rename_instance
from evidence.items.actions import add_evidence, change_evidence, offer_evidence, withdraw_evidence
from evidence.models import Claim, ClaimState, Evidence, Testimony, Witness
from evidence.testimonies.actions import ask_witness, give_testimony, suspend_testimony
from evidence.witnesses.actions import add_witness
from tests.evidence.builders import words
from tests.evidence.decisions import CONFIRMED
from tests.evidence.testifying import said
from tests.signoff.histories.attempts import (
    Attempt,
    assessors_seat,
    candidates_seat,
    is_right,
    membership,
    pick,
    pick_item,
    pick_record,
    seat_of,
)
from tests.signoff.histories.model import CELLS, FOR_EACH_CHANGE, Cell, Record
from tests.signoff.histories.things import Item
from tests.signoff.histories.world import CHANGE, WITNESSES, Scene


def add(scene: Scene, rnd: Random, owner: str | None = None, *, setting: str | None = None) -> Attempt:
    owner = owner or rnd.choice(list(scene.model.items))
    seat = seat_of(rnd, (owner, "candidate"), rightly=0.9)
    portfolio = scene.portfolio(owner)
    witness = (
        pick(rnd, list(Witness.objects.filter(portfolio=portfolio)))
        if rnd.random() < (0.2 if setting else 0.5)
        else None
    )
    item = Item(owner, len(scene.model.items[owner]) + 1, setting or rnd.choice(["real_job", "real_job", "rwe"]))
    item.entry, item.vouched = witness.pk if witness else None, scene.model.vouched
    item.witness = next((word for word, name in WITNESSES.items() if witness and name == witness.name), None)

    def then(evidence: Evidence) -> None:
        assert evidence.number == item.number, "numbers run on and none is used again (R10)"
        scene.items[owner, item.number] = evidence.pk
        scene.model.items[owner].append(item)

    return Attempt(
        kind="add evidence",
        words=f"{seat} adds evidence for {owner}, {item.setting}, witness {item.witness}",
        call=lambda: add_evidence(
            portfolio=portfolio,
            form_key=UUID(int=rnd.getrandbits(128)),
            files=[scene.photographs[owner]],
            by=membership(scene, seat),
            **words(setting=item.setting, witness=witness, methods=["WT"] if witness else ["PE"]),
        ),
        then=then,
    )


def claim(
    scene: Scene, rnd: Random, name: str | None = None, item: Item | None = None, cells: list[Cell] | None = None
) -> Attempt | None:
    record = scene.model.records[name] if name else None
    if record is None or name is None:
        name, record = pick_record(scene, rnd)
    item = item or pick_item(scene, rnd, owner=record.candidate if rnd.random() < 0.9 else None)
    if item is None:
        return None
    every = all_cells(record)
    cells = cells or rnd.sample(every, rnd.randint(1, len(every)))
    seat = seat_of(rnd, candidates_seat(record), rightly=0.9)
    live = {cell for (number, cell), one in record.claims.items() if number == item.number and one.is_live}
    is_new = bool(set(cells) - live) or item.owner != record.candidate
    must_be_refused = (
        record.is_frozen or item.owner != record.candidate or not is_right(scene, seat, (item.owner, "candidate"))
    )
    return Attempt(
        kind="claim",
        words=f"{seat} claims {item.owner} E{item.number} for {name}: {cells}",
        call=lambda: _update_claims(scene, item, membership(scene, seat), more=(name, cells)),
        then=lambda _: scene.model.claim(name, item, cells),
        is_allowed=False if is_new and must_be_refused else None,
    )


def change_claims(scene: Scene, rnd: Random) -> Attempt | None:
    item = pick_item(scene, rnd, "draft", "offered")
    if item is None:
        return None
    there = [
        (name, cell)
        for name, record in scene.model.records.items()
        for (number, cell), one in record.claims.items()
        if record.candidate == item.owner and number == item.number and one.is_live
    ]
    dropped, moved = pick(rnd, there), pick(rnd, there)
    if dropped is None or rnd.random() < 0.5:
        dropped = None
    if moved == dropped or (dropped and rnd.random() < 0.5):
        moved = None
    seat = seat_of(rnd, (item.owner, "candidate"), rightly=0.9)
    return Attempt(
        kind="change claims",
        words=f"{seat} changes the claims of {item.owner} E{item.number}: drops {dropped}, moves {moved}",
        call=lambda: _update_claims(
            scene, item, membership(scene, seat), dropped=dropped, moved=moved, place=f"page {rnd.randint(2, 999)}"
        ),
        then=lambda _: scene.model.change_claims(item, dropped, moved),
    )


def _update_claims(
    scene: Scene,
    item: Item,
    by: Membership,
    *,
    more: tuple[str, list[Cell]] | None = None,
    dropped: tuple[str, Cell] | None = None,
    moved: tuple[str, Cell] | None = None,
    place: str = "",
) -> Evidence:
    """The form with everything that it is ticked for now, but for what is changed."""
    evidence = scene.evidence(item)
    names = {pk: name for name, pk in scene.records.items()}
    wanted, there = [], set()
    for one in evidence.claims.exclude(state=ClaimState.WITHDRAWN).select_related("record", "criterion", "instance"):
        key = names[one.record_id], scene.cell_of(one)
        there.add(key)
        if key != dropped:
            wanted.append(WantedClaim(one.record, one.criterion, place if key == moved else one.locator, one.instance))
    for cell in more[1] if more else ():
        if more and (more[0], cell) not in there:
            record = scene.record(more[0])
            criterion = scene.criteria[record.unit.code, cell[0]]
            wanted.append(WantedClaim(record, criterion, "page 1", scene.instance(more[0], cell[1])))
    return update_claims(evidence=evidence, revision=evidence.revision, wanted=wanted, by=by)


def offer(scene: Scene, rnd: Random, item: Item | None = None) -> Attempt | None:
    item = item or pick_item(scene, rnd, "draft") or pick_item(scene, rnd)
    if item is None:
        return None
    seat = seat_of(rnd, (item.owner, "candidate"), rightly=0.9)
    evidence = scene.evidence(item)
    return Attempt(
        kind="offer",
        words=f"{seat} offers {item.owner} E{item.number}",
        call=lambda: offer_evidence(evidence=evidence, revision=evidence.revision, by=membership(scene, seat)),
        then=lambda _: setattr(item, "state", "offered"),
        is_allowed=False if item.state != "draft" or not is_right(scene, seat, (item.owner, "candidate")) else None,
    )


def judge(
    scene: Scene, rnd: Random, name: str | None = None, item: Item | None = None, *, is_accepted: bool | None = None
) -> Attempt | None:
    """Every live claim of an item on one record, accepted or returned."""
    record = scene.model.records[name] if name else None
    if record is None or name is None:
        name, record = pick_record(scene, rnd)
    item = item or pick_item(scene, rnd, owner=record.candidate)
    if item is None:
        return None
    cells = [cell for (number, cell), one in record.claims.items() if number == item.number and one.is_live]
    if not cells:
        return None
    accepts = rnd.random() < 0.8 if is_accepted is None else is_accepted
    seat = seat_of(rnd, assessors_seat(record), rightly=0.85)
    evidence = scene.evidence(item)
    pks = list(
        Claim.objects.filter(evidence=evidence, record=scene.records[name])
        .exclude(state=ClaimState.WITHDRAWN)
        .values_list("pk", flat=True)
    )
    verdicts = [Verdict(pk, accepts, "" if accepts else "Show the receipt.") for pk in pks]
    return Attempt(
        kind="accept" if accepts else "return",
        words=f"{seat} {'accepts' if accepts else 'returns'} {item.owner} E{item.number} in {name}",
        call=lambda: judge_item(
            evidence=evidence,
            version=evidence.current_version,
            verdicts=verdicts,
            confirmation=CONFIRMED if accepts else None,
            by=membership(scene, seat),
        ),
        then=lambda _: scene.model.judge(name, item, cells, seat[0], is_accepted=accepts),
        is_allowed=None
        if record.is_open and is_right(scene, seat, assessors_seat(record)) and item.state == "offered"
        else False,
    )


def replace(scene: Scene, rnd: Random) -> Attempt | None:
    item = pick_item(scene, rnd)
    if item is None:
        return None
    seat = seat_of(rnd, (item.owner, "candidate"), rightly=0.85)
    evidence, setting, edition = scene.evidence(item), rnd.choice(["real_job", "real_job", "rwe"]), rnd.getrandbits(40)
    version = evidence.current_version
    assert version is not None
    return Attempt(
        kind="replace evidence",
        words=f"{seat} replaces {item.owner} E{item.number} by {setting}",
        call=lambda: change_evidence(
            evidence=evidence,
            revision=evidence.revision,
            why="The receipt had no date",
            files=[scene.photographs[item.owner]],
            by=membership(scene, seat),
            **words(title=f"Kettle {edition}", setting=setting, witness=version.witness, methods=version.methods),
        ),
        then=lambda _: scene.model.replace(item, setting),
        is_allowed=False if item.state == "withdrawn" or not is_right(scene, seat, (item.owner, "candidate")) else None,
    )


def withdraw(scene: Scene, rnd: Random) -> Attempt | None:
    item = pick_item(scene, rnd)
    if item is None:
        return None
    seat, evidence = seat_of(rnd, (item.owner, "candidate")), scene.evidence(item)
    return Attempt(
        kind="withdraw evidence",
        words=f"{seat} withdraws {item.owner} E{item.number}",
        call=lambda: withdraw_evidence(
            evidence=evidence, revision=evidence.revision, why="Wrong customer", by=membership(scene, seat)
        ),
        then=lambda _: scene.model.withdraw(item),
        is_allowed=False if item.state == "withdrawn" or not is_right(scene, seat, (item.owner, "candidate")) else None,
    )


# --- Witnesses --------------------------------------------------------------------------------------------------------


def new_witness(scene: Scene, rnd: Random) -> Attempt:
    owner, word = rnd.choice(list(scene.model.items)), rnd.choice(list(WITNESSES))
    seat = seat_of(rnd, (owner, "candidate"), rightly=0.9)
    return Attempt(
        kind="add witness",
        words=f"{seat} puts {word} on the witness list of {owner}",
        call=lambda: add_witness(
            portfolio=scene.portfolio(owner),
            name=WITNESSES[word],
            job_role="Shop manager",
            relationship="My manager",
            contact=f"{rnd.randint(10**8, 10**9)}",
            by=membership(scene, seat),
        ),
    )


def authenticate(scene: Scene, rnd: Random, owner: str | None = None) -> Attempt | None:
    _, record = pick_record(scene, rnd, lambda one: one.candidate == owner)
    owner = owner or record.candidate
    witnesses = list(Witness.objects.filter(portfolio=scene.portfolio(owner)))
    witness = pick(rnd, [one for one in witnesses if one.authenticated_at is None] or witnesses)
    if witness is None:
        return None
    seat = seat_of(rnd, assessors_seat(record))
    return Attempt(
        kind="authenticate",
        words=f"{seat} makes sure of witness {witness.name} of {owner}",
        call=lambda: authenticate_witness(witness=witness, how="Rang the shop", by=membership(scene, seat)),
        then=lambda _: scene.model.vouched.setdefault(witness.pk, seat[0]),
    )


def testify(scene: Scene, rnd: Random) -> Attempt | None:
    """The witness is asked by email and answers."""
    item = pick(rnd, [one for items in scene.model.items.values() for one in items if one.witness])
    if item is None:
        return None
    seat, evidence = seat_of(rnd, (item.owner, "candidate")), scene.evidence(item)

    @transaction.atomic
    def call() -> Testimony:
        latest = evidence.testimony_requests.first()
        request = ask_witness(
            evidence=evidence,
            email="wendy@marsh.example",
            last_request=latest.pk if latest else 0,
            by=membership(scene, seat),
        )
        return give_testimony(request=request, said=said())

    def then(testimony: Testimony) -> None:
        scene.testimonies[testimony.pk] = item
        scene.model.replace(item, item.setting, testimony=testimony.pk)

    return Attempt(kind="testify", words=f"{seat} has {item.owner} E{item.number} testified to", call=call, then=then)


def disown(scene: Scene, rnd: Random) -> Attempt | None:
    pk = pick(rnd, list(scene.testimonies))
    if pk is None:
        return None
    return Attempt(
        kind="disown testimony",
        words=f"whoever was asked says that testimony {pk} is not theirs",
        call=lambda: suspend_testimony(testimony=Testimony.objects.select_related("request").get(pk=pk)),
        then=lambda _: scene.model.disown(pk),
        is_allowed=pk not in scene.model.disowned,
    )


# --- Naming the two changes (R3) --------------------------------------------------------------------------------------


def name_change(scene: Scene, rnd: Random, name: str | None = None) -> Attempt:
    record = scene.model.records[name] if name else None
    if record is None or name is None:
        name, record = pick_record(scene, rnd)
    seat = seat_of(rnd, candidates_seat(record), rightly=0.9)
    free = [f"Change {number}" for number in range(1, 9) if f"Change {number}" not in record.changes]
    said = rnd.choice(free) if free else "Change 1"

    def then(_: Any) -> None:
        if said not in record.changes:
            record.changes.append(said)
            record.lapse()

    frozen_or_none = not record.is_open or record.unit == "W1"
    return Attempt(
        kind="name a change",
        words=f"{seat} names “{said}” in {name}",
        call=lambda: name_instance(record_id=scene.records[name], of=CHANGE, name=said, by=membership(scene, seat)),
        then=then,
        is_allowed=False if frozen_or_none else None,
    )


def change_name(scene: Scene, rnd: Random) -> Attempt | None:
    """A change gets another name or is taken away."""
    name, record = pick_record(scene, rnd, lambda one: one.changes)
    unclaimed = [one for one in record.changes if not any(cell[1] == one for _, cell in record.claims)]
    change = pick(rnd, unclaimed or record.changes)
    if change is None:
        return None
    seat, is_removed = seat_of(rnd, candidates_seat(record), rightly=0.7), rnd.random() < 0.5
    instance = scene.instance(name, change)
    assert instance is not None
    other = f"Change {rnd.randint(10, 10**6)}"

    def call() -> Any:
        if is_removed:
            return remove_instance(instance_id=instance.pk, by=membership(scene, seat))
        return rename_instance(instance_id=instance.pk, name=other, by=membership(scene, seat))

    def then(_: Any) -> None:
        record.changes.remove(change)
        record.lapse()
        if not is_removed:
            record.changes.append(other)
            _rename_cells(record, change, other)

    return Attempt(
        kind="change a name",
        words=f"{seat} {'removes' if is_removed else 'renames'} “{change}” in {name}",
        call=call,
        then=then,
        is_allowed=None if record.is_open else False,
    )


def _rename_cells(record: Record, before: str, after: str) -> None:
    record.claims = {
        (number, (criterion, after if change == before else change)): one
        for (number, (criterion, change)), one in record.claims.items()
    }


def all_cells(record: Record) -> list[Cell]:
    """Every cell that may be claimed; one that wants a change to be named, once for each that is."""
    return [
        (criterion, change)
        for criterion in CELLS[record.unit]
        for change in (record.changes or [None] if criterion in FOR_EACH_CHANGE[record.unit] else [None])
    ]
