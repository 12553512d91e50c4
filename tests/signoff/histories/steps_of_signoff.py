"""Steps of the sign-off: confirmed, waived, signed by the right and the wrong person, drawn, and unlocked."""

from random import Random
from typing import Any

from assessment.confirming.actions import confirm_record
from assessment.confirming.statements import Confirming
from assessment.confirming.waivers import waive_criteria, withdraw_waiver
from registrations.models import UnitConfirmationKind, Waiver
from signoff.actions import mark_sample, sign, unlock, withdraw_sample
from signoff.contents import contents_of_record
from signoff.models import Slot
from signoff.snapshot import digest_of, snapshot_of
from tests.signoff.builders import BY_PASSWORD
from tests.signoff.histories.attempts import (
    CORA,
    Attempt,
    Seat,
    assessors_seat,
    is_right,
    membership,
    next_line,
    pick,
    pick_record,
    seat_of,
    should_sign,
    verifier_of,
)
from tests.signoff.histories.model import LINES, ROLE_FOR, SHOULD
from tests.signoff.histories.world import SEATS, Scene


def confirm(scene: Scene, rnd: Random, name: str | None = None) -> Attempt:
    """Enough, and where somebody else judged before, reviewed (R4, Q23)."""
    record = scene.model.records[name] if name else None
    if record is None or name is None:
        name, record = pick_record(scene, rnd)
    seat = seat_of(rnd, assessors_seat(record), rightly=0.85)
    kinds = rnd.choice([["sufficient"], ["reviewed"], ["sufficient", "reviewed"], ["sufficient", "reviewed"]])

    def then(_: Any) -> None:
        record.confirmed |= dict.fromkeys(kinds, seat[0])
        record.decided.add(seat[0])

    return Attempt(
        kind="confirm",
        words=f"{seat} confirms {name}: {kinds}",
        call=lambda: confirm_record(
            record_id=scene.records[name],
            wanted=[Confirming(UnitConfirmationKind(kind)) for kind in kinds],
            by=membership(scene, seat),
        ),
        then=then,
        is_allowed=None if record.is_open and is_right(scene, seat, assessors_seat(record)) else False,
    )


def waive(scene: Scene, rnd: Random) -> Attempt:
    name, record = pick_record(scene, rnd, lambda one: one.is_open and SHOULD[one.unit])
    seat, shoulds = seat_of(rnd, assessors_seat(record)), SHOULD[record.unit]
    cells = [scene.criteria["W2", "6" if rnd.random() < 0.8 else "5a"].pk]

    def then(_: Any) -> None:
        if not shoulds <= record.waived.keys():
            record.lapse()
            record.decided.add(seat[0])
        record.waived = dict.fromkeys(shoulds, seat[0]) | record.waived

    return Attempt(
        kind="waive",
        words=f"{seat} waives in {name}",
        call=lambda: waive_criteria(
            record_id=scene.records[name], criteria=cells, reason="No manager", by=membership(scene, seat)
        ),
        then=then,
        is_allowed=None if record.is_open and shoulds and is_right(scene, seat, assessors_seat(record)) else False,
    )


def take_back_waiver(scene: Scene, rnd: Random) -> Attempt | None:
    waiver = pick(rnd, list(Waiver.objects.filter(record__in=scene.records.values()).order_by("pk")))
    if waiver is None:
        return None
    name = next(name for name, pk in scene.records.items() if pk == waiver.record_id)
    record, is_live = scene.model.records[name], waiver.withdrawn_at is None
    seat = seat_of(rnd, assessors_seat(record), rightly=0.65)

    def then(_: Any) -> None:
        if is_live:
            record.waived.clear()
            record.lapse()

    return Attempt(
        kind="take back a waiver",
        words=f"{seat} asks for what was waived in {name} after all",
        call=lambda: withdraw_waiver(waiver_id=waiver.pk, by=membership(scene, seat)),
        then=then,
        is_allowed=None if record.is_open and is_right(scene, seat, assessors_seat(record)) else False,
    )


def sign_a_line(
    scene: Scene, rnd: Random, name: str | None = None, line: str | None = None, seat: Seat | None = None
) -> Attempt:
    """Mostly the next line, by whoever should; sometimes over what was shown a while ago, or under a wrong name."""
    name = name or pick_record(scene, rnd)[0]
    if line is None:
        line = next_line(scene, name) if rnd.random() < 0.7 else rnd.choice(LINES)
    right = should_sign(scene, name, line)
    seat = seat or verifier_of(rnd, scene.model.records[name], right, ROLE_FOR[line], rightly=0.55)
    now = digest_of(snapshot_of(contents_of_record(scene.record(name), with_files=True), before=Slot(line)))
    shown = scene.shown.get((name, line), now) if rnd.random() < 0.15 else now
    scene.shown[name, line] = now
    typed = "Somebody Else" if rnd.random() < 0.03 else scene.people[seat[0]].name
    is_allowed = shown == now and typed != "Somebody Else" and scene.model.may_sign(name, line, *seat)
    return Attempt(
        kind=f"sign as {line}",
        words=f"{seat} signs {name} as {line}{'' if shown == now else ', as it was shown earlier'}",
        call=lambda: sign(
            record_id=scene.records[name],
            slot=line,
            typed_name=typed,
            seen_digest=shown,
            proof=BY_PASSWORD,
            by=membership(scene, seat),
        ),
        then=lambda _: scene.model.sign(name, line, *seat),
        is_allowed=is_allowed,
    )


def draw_what_they_judged(scene: Scene, rnd: Random) -> Attempt | None:
    """Somebody who may verify tries it where they once assessed (R40)."""
    found = [
        (name, seat)
        for name, record in scene.model.records.items()
        for seat in SEATS
        if seat[1] in ("iv", "ev") and seat[0] in record.judges()
    ]
    chosen = pick(rnd, [one for one in found if one[1][1] == "ev"] or found)
    return draw(scene, rnd, chosen[0], chosen[1][1], chosen[1]) if chosen else None


def draw(
    scene: Scene, rnd: Random, name: str | None = None, role: str | None = None, seat: Seat | None = None
) -> Attempt:
    name = name or pick_record(scene, rnd)[0]
    record = scene.model.records[name]
    role = role or rnd.choice(["iv", "ev"] if scene.model.opened else ["iv"])
    readers = [who for who, candidate in sorted(scene.model.opened) if candidate == record.candidate]
    right: Seat = (record.iv, "iv") if role == "iv" else (pick(rnd, readers) or "eva", "ev")
    by = seat or verifier_of(rnd, record, right, role, rightly=0.7)
    anew = "anew " if scene.model.may_draw_anew(name, *by) else ""
    return Attempt(
        kind=f"draw {anew}as {by[1]}" if by[1] in ("iv", "ev") else "draw as somebody else",
        words=f"{by} draws {name}",
        call=lambda: mark_sample(record_id=scene.records[name], reason="Ten per cent", by=membership(scene, by)),
        then=lambda _: scene.model.mark(name, *by),
        is_allowed=scene.model.may_mark(name, *by),
    )


def take_back_sample(scene: Scene, rnd: Random, name: str | None = None) -> Attempt:
    name = name or pick_record(scene, rnd, lambda one: set(one.drawn) - set(one.signed))[0]
    record = scene.model.records[name]
    drawn = pick(rnd, sorted(one for one in record.drawn.items() if one[0] not in record.signed))
    right: Seat | None = (drawn[1], drawn[0]) if drawn else None
    if drawn and (scene.model.has_left(name, drawn[0]) or rnd.random() < 0.1):
        right = CORA
    seat = seat_of(rnd, right)
    return Attempt(
        kind="take back a sample as coordinator" if seat == CORA else "take back a sample",
        words=f"{seat} takes the sample of {name} back",
        call=lambda: withdraw_sample(record_id=scene.records[name], reason="Too many", by=membership(scene, seat)),
        then=lambda _: scene.model.withdraw_mark(name, *seat),
        is_allowed=scene.model.mark_to_withdraw(name, *seat) is not None,
    )


def unlock_it(scene: Scene, rnd: Random) -> Attempt:
    as_assessor = rnd.random() < 0.6
    name, record = pick_record(
        scene, rnd, lambda one: one.is_frozen and not (as_assessor and {"iv", "ev"} & set(one.signed))
    )
    seat = seat_of(rnd, assessors_seat(record) if as_assessor else CORA)
    return Attempt(
        kind=f"unlock as {seat[1]}" if seat[1] in ("assessor", "coordinator") else "unlock as somebody else",
        words=f"{seat} unlocks {name}",
        call=lambda: unlock(record_id=scene.records[name], reason="A mistake", by=membership(scene, seat)),
        then=lambda _: scene.model.unlock(name),
        is_allowed=scene.model.may_unlock(name, *seat),
    )
