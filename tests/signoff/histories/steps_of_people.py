"""Steps of the coordinator: roles, approvals, awards, who answers for what, registrations, and what EVs may read."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

from centres.authority.actions import end_approval, give_approval, record_award, strike_out_award
from centres.models import AccessGrant, Award, ScopeKind, User
from centres.people.actions import end_role, give_role
from registrations.access.actions import end_access, grant_access
from signoff.handover.actions import hand_over
from signoff.handover.queries import HandoverItem, handover_items
from signoff.handover.reassigning import reassign, reassign_unit
from signoff.moving_on import change_status
from tests.evidence.builders import today
from tests.signoff.histories.attempts import CORA, Attempt, membership, pick, pick_record, seat_of
from tests.signoff.histories.model import CELLS
from tests.signoff.histories.world import AWARD_OF, CAST, SEATS, Scene

_WITH_APPROVAL = [(who, role) for who, role in SEATS if role in AWARD_OF and who in CAST]


def role(scene: Scene, rnd: Random) -> Attempt:
    """A role is ended or, more readily, given again."""
    missing = [seat for seat in SEATS if seat[0] in CAST and seat not in scene.model.roles]
    seat = seat_of(rnd, CORA, rightly=0.6)
    if missing and rnd.random() < 0.7:
        who, what = rnd.choice(missing)
        return Attempt(
            kind="role",
            words=f"{seat} gives {who} the role {what}",
            call=lambda: give_role(person=scene.people[who], role=what, by=membership(scene, seat)),
            then=lambda _: scene.model.roles.add((who, what)),
            is_allowed=seat == CORA,
        )
    who, what = rnd.choice([CORA, *_WITH_APPROVAL, ("eva", "ev"), ("edwin", "ev"), ("tina", "candidate")])
    return Attempt(
        kind="role",
        words=f"{seat} ends the role {what} of {who}",
        call=lambda: end_role(membership=scene.seat(who, what), by=membership(scene, seat)),
        then=lambda _: scene.model.roles.discard((who, what)),
        is_allowed=seat == CORA and (who, what) != CORA,
    )


def make_an_ev(scene: Scene, rnd: Random) -> Attempt:
    """Nobody is of the centre and its EV, not even one after the other (R49)."""
    who, what = rnd.choice([("eva", "assessor"), ("edwin", "iv"), ("oscar", "ev"), ("ivy", "ev"), ("carla", "ev")])
    seat = seat_of(rnd, CORA)
    return Attempt(
        kind="make an EV of one's own",
        words=f"{seat} gives {who} the role {what}",
        call=lambda: give_role(person=scene.people[who], role=what, by=membership(scene, seat)),
        is_allowed=False,
    )


def approval(scene: Scene, rnd: Random) -> Attempt:
    who, what = rnd.choice(_WITH_APPROVAL)
    code, seat, person = rnd.choice(list(CELLS)), seat_of(rnd, CORA, rightly=0.6), scene.people[who]
    lacking = [
        (one, unit, capacity)
        for one, capacity in _WITH_APPROVAL
        for unit in CELLS
        if (one, unit, capacity) not in scene.model.approved
    ]
    if lacking and rnd.random() < 0.7:
        who, code, what = rnd.choice(lacking)
        unit = scene.criteria[code, "know1"].group.unit
        return Attempt(
            kind="approval",
            words=f"{seat} approves {who} for {code} as {what}",
            call=lambda: give_approval(
                person=scene.people[who], unit=unit, capacity=what, starts_on=today(), by=membership(scene, seat)
            ),
            then=lambda _: scene.model.approved.add((who, code, what)),
            is_allowed=seat == CORA,
        )
    given = person.unit_approvals.filter(capacity=what, unit__code=code).order_by("-starts_on", "-pk").first()
    assert given is not None
    # The last day counts, so today's end leaves today.
    last = today() - timedelta(days=rnd.choice([0, 1, 1, 1]))

    def then(_: Any) -> None:
        if last < today():
            scene.model.approved.discard((who, code, what))

    return Attempt(
        kind="approval",
        words=f"{seat} ends the approval of {who} for {code} as {what} on {last}",
        call=lambda: end_approval(approval=given, ends_on=last, by=membership(scene, seat)),
        then=then,
        is_allowed=None if seat == CORA else False,
    )


def award(scene: Scene, rnd: Random) -> Attempt:
    """An award is entered, of today or backdated, or struck out. What is signed keeps its duty (R35)."""
    who, what = rnd.choice([("terry", "assessor"), ("ivy", "iv"), *_WITH_APPROVAL])
    seat = seat_of(rnd, CORA)
    kinds = ["A1", "A2", "CAVA", "D32"] if what == "assessor" else ["V1", "IQA4", "D34"]
    counting = list(Award.objects.filter(person=scene.people[who], kind__in=kinds, struck_out_at=None).order_by("pk"))

    def count(by: int) -> Callable[[Any], None]:
        return lambda _: scene.model.awards.update({(who, what): scene.model.awards.get((who, what), 0) + by})

    if counting and rnd.random() < 0.6:
        return Attempt(
            kind="award",
            words=f"{seat} strikes an award of {who} out",
            call=lambda: strike_out_award(award=counting[0], why="Not theirs", by=membership(scene, seat)),
            then=count(-1),
            is_allowed=seat == CORA,
        )
    on = rnd.choice([today(), date(2015, 2, 1)])
    number = f"N{rnd.getrandbits(40)}"
    return Attempt(
        kind="award",
        words=f"{seat} records an award of {who} as {what}, dated {on}",
        call=lambda: record_award(
            person=scene.people[who], kind=AWARD_OF[what], number=number, awarded_on=on, by=membership(scene, seat)
        ),
        then=count(1),
        is_allowed=seat == CORA,
    )


# --- Who answers for what ---------------------------------------------------------------------------------------------


def hand_a_leaver_over(scene: Scene, rnd: Random, who: str | None = None) -> Attempt | None:
    """Everything of one person, or as much of it as can go, to one assessor and one IV (Q23)."""
    named = sorted({one for record in scene.model.records.values() for one in (record.assessor, record.iv)})
    who = who or rnd.choice(named if rnd.random() < 0.9 else list(CAST))
    assessor = rnd.choice([one for one, what in _WITH_APPROVAL if what == "assessor"])
    iv = rnd.choice([one for one, what in _WITH_APPROVAL if what == "iv"])
    seat = seat_of(rnd, CORA)
    to: dict[str, User] = {"assessor": scene.people[assessor], "iv": scene.people[iv]}
    items = handover_items(person=scene.people[who], seat=membership(scene, CORA), **to)
    boldly = rnd.random() < 0.2
    chosen = [item.key for item in items if boldly or not item.reason]
    reasons = {item.key: item.reason for item in items}

    def then(gone: list[HandoverItem]) -> None:
        for item in gone:
            enrolment = scene.model.enrolments[scene.word_for(item.registration.candidate)]
            is_assessor = item.capacity.value == "assessor"
            own = f"{enrolment.candidate}-{item.record.unit.code}" if item.record else None
            for name in scene.model.to_unlock(enrolment, own) if is_assessor else ():
                scene.model.unlock(name)
            if item.record is None:
                before = enrolment.assessor, enrolment.iv
                scene.model.reassign(enrolment, *((assessor, before[1]) if is_assessor else (before[0], iv)))
                continue
            record = scene.model.records[own or ""]
            if is_assessor:
                record.own_assessor = assessor
            else:
                record.own_iv = iv

    # The page gives its reasons by the rules of the action: what it lets be ticked goes, what it does not stays.
    is_allowed = seat == CORA and who not in (assessor, iv) and bool(chosen) and not any(map(reasons.get, chosen))
    unlocks = any(item.unlocks for item in items if item.key in chosen)
    return Attempt(
        kind="hand over, unlocking" if unlocks else "hand over",
        words=f"{seat} hands {chosen} of {who} over to {assessor} and {iv}",
        call=lambda: hand_over(
            person=scene.people[who], items=chosen, why="They left", by=membership(scene, seat), **to
        ),
        then=then,
        is_allowed=is_allowed,
    )


def reassign_one(scene: Scene, rnd: Random, name: str | None = None) -> Attempt:
    """One registration, or one unit of its own, to somebody else."""
    if name is None:
        name, _ = pick_record(scene, rnd, lambda one: one.is_open)
    record = scene.model.records[name]
    enrolment, seat = record.enrolment, seat_of(rnd, CORA)
    assessors = [one for one, what in _WITH_APPROVAL if what == "assessor"]
    ivs = [one for one, what in _WITH_APPROVAL if what == "iv"]
    if rnd.random() < 0.6:  # Those who may do both are the ones who might verify what they judged.
        both = {who for who, roles in CAST.items() if len(roles) > 1}
        assessors = [one for one in assessors if one in both]
    is_new_iv = rnd.random() < 0.4
    if rnd.random() < 0.3:
        registration = scene.registration(record.candidate)
        assessor = enrolment.assessor if is_new_iv else rnd.choice(assessors)
        iv = rnd.choice(ivs) if is_new_iv else enrolment.iv
        return Attempt(
            kind="reassign a registration",
            words=f"{seat} reassigns {record.candidate} to {assessor} and {iv}",
            call=lambda: reassign(
                registration=registration,
                revision=registration.revision,
                assessor=scene.people[assessor],
                iv=scene.people[iv],
                why="Holidays",
                by=membership(scene, seat),
            ),
            then=lambda _: scene.model.reassign(enrolment, assessor, iv),
            is_allowed=None if seat == CORA else False,
        )
    own_assessor = record.own_assessor if is_new_iv else rnd.choice([None, *assessors])
    own_iv = rnd.choice([None, *ivs]) if is_new_iv else record.own_iv

    def then(_: Any) -> None:
        record.own_assessor, record.own_iv = own_assessor, own_iv

    # Whoever has signed stays (R66).
    moves_a_signer = ("assessor" in record.signed and own_assessor != record.own_assessor) or (
        bool({"iv", "ev"} & set(record.signed)) and own_iv != record.own_iv
    )
    # Whoever is to verify had no part (R40, Q4); a witness is asked when they sign.
    had_a_part = own_iv is not None and own_iv != record.own_iv and own_iv in record.judges() | record.vouched
    return Attempt(
        kind="reassign a unit",
        words=f"{seat} reassigns {name} to {own_assessor} and {own_iv} of its own",
        call=lambda: reassign_unit(
            record_id=scene.records[name],
            own_assessor=scene.people[own_assessor] if own_assessor else None,
            own_iv=scene.people[own_iv] if own_iv else None,
            why="They know it better",
            by=membership(scene, seat),
        ),
        then=then,
        is_allowed=False if moves_a_signer or had_a_part or seat != CORA else None,
    )


def registration(scene: Scene, rnd: Random, who: str | None = None, status: str | None = None) -> Attempt:
    who = who or rnd.choice(list(scene.model.enrolments))
    enrolment, row = scene.model.enrolments[who], scene.registration(who)
    status = status or rnd.choice(["suspended", "active", "active", "completed", "completed", "withdrawn"])
    if status == "withdrawn" and rnd.random() < 0.9:  # There is no way back from it.
        status = "suspended"
    seat = seat_of(rnd, CORA)
    legal = {
        ("active", "suspended"), ("suspended", "active"), ("active", "withdrawn"), ("suspended", "withdrawn"),
        ("active", "completed"), ("completed", "active"),
    }  # fmt: skip
    of_it = list(scene.model.of_enrolment(enrolment))
    is_done = all(one.is_assessed for one in of_it) and not any(_has_open_sample(one) for one in of_it)
    is_allowed = seat == CORA and (enrolment.status, status) in legal and (status != "completed" or is_done)
    return Attempt(
        kind="move a registration",
        words=f"{seat} makes the registration of {who} {status}",
        call=lambda: change_status(
            registration=row,
            revision=row.revision,
            status=status,
            on=today(),
            why="Maternity leave",
            by=membership(scene, seat),
        ),
        then=lambda _: scene.model.move(enrolment, status),
        is_allowed=is_allowed,
    )


def _has_open_sample(record: Any) -> bool:
    return record.state == "awaiting_iv_countersignature" or (record.state == "complete" and "iv" in record.drawn)


# --- What EVs may read ------------------------------------------------------------------------------------------------


def access(scene: Scene, rnd: Random, *, closing: tuple[str, str] | None = None) -> Attempt:
    """A registration is opened to an EV, or closed to them again (Q25)."""
    ev, who = closing or (rnd.choice(["eva", "eva", "edwin"]), rnd.choice(list(scene.model.enrolments)))
    seat, person = seat_of(rnd, CORA), scene.people[ev]
    grants = AccessGrant.objects.filter(person=person, scope_kind=ScopeKind.REGISTRATION, ended_at=None).order_by("pk")
    if closing:
        grants = grants.filter(scope_id=scene.registrations[who])
    grant = pick(rnd, list(grants))
    if grant and (closing or rnd.random() < 0.4):
        whose = next(name for name, pk in scene.registrations.items() if pk == grant.scope_id)
        return Attempt(
            kind="access of an EV",
            words=f"{seat} closes {whose} to {ev}",
            call=lambda: end_access(grant=grant, by=membership(scene, seat)),
            then=lambda _: scene.model.opened.discard((ev, whose)),
            is_allowed=seat == CORA,
        )
    return Attempt(
        kind="access of an EV",
        words=f"{seat} opens {who} to {ev}",
        call=lambda: grant_access(
            person=person,
            scope_kind=ScopeKind.REGISTRATION,
            scope_id=scene.registrations[who],
            starts_on=today(),
            ends_on=today() + timedelta(days=30),
            reason="Visit in spring",
            by=membership(scene, seat),
        ),
        then=lambda _: scene.model.opened.add((ev, who)),
        is_allowed=None if seat == CORA else False,
    )
