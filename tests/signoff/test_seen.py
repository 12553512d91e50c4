"""The signer sees all that they sign: no value of the snapshot is left unseen, and none can change unseen (Q26)."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessment.confirming.waivers import waive_criteria
from assessment.method_records.kinds import MethodKind
from centres.environments.actions import record_environment
from centres.models import Membership, User
from evidence.models import ClaimState, Evidence, Witness
from registrations.models import UnitConfirmationKind, UnitRecord
from signoff.actions import mark_sample
from signoff.models import Slot
from signoff.queries import contents_for
from signoff.seen import Names, people_in, seen_of
from signoff.snapshot import digest_of, snapshot_of
from signoff.statements import PRINTED_LINES, statements_for
from tests.evidence.builders import (
    World,
    add_a_witness,
    add_item,
    add_offered_item,
    approve,
    claim,
    criteria_of,
    hand_in,
    jpeg,
    offer,
    register,
    today,
)
from tests.evidence.other_units import record_of as record_of_2010
from tests.evidence.signed_records import note, see
from tests.evidence.signed_records import sign as sign_observation
from tests.evidence.testifying import offered_testimony
from tests.journeys.papers import a_pdf
from tests.signoff.builders import candidate_signed, complete, confirm_sufficient, judge, ready
from tests.signoff.test_tampering import a_gate_that_is_open
from tests.signoff.test_what_was_named import signed_with_risks
from units.actions import load_standard
from units.methods import Method
from units.models import Criterion, Unit
from units.queries import unit_outline
from units.setting_policy import Setting
from units.standard_files import FOLDER

type Signing = tuple[UnitRecord, Slot, Membership]

PEOPLE = ("assessor", "iv", "candidate", "by", "judged_by", "signer")


def plain(world: World) -> Signing:
    return ready(world), Slot.CANDIDATE, world.candidate


def after_others(world: World) -> Signing:
    record = complete(world)
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    return record, Slot.IV, world.iv


def mixed(world: World) -> Signing:
    """Several files, everything that a version may say, earlier learning, a simulation, returns, a unit as a whole."""
    item = add_item(
        world,
        files=[hand_in(world.candidate, "first.jpg"), hand_in(world.candidate, "second <b>.pdf", a_pdf())],
        witness=add_a_witness(world),
        methods=["O", "PE"],
        occasion="Christmas sale",
        customer="Mrs P",
        kept_at="The safe in the office",
        is_rpl=True,
        happened_to=today(),
    )
    claim(world, item, [*world.criteria[:4], None], locator="page 3, at the foot")
    judge(offer(world, item), by=world.assessor)
    staged = {"setting": "simulation", "simulation_basis": "The fire of last May", "title": "A drill"}
    judge(
        add_offered_item(world, world.criteria[4:6], files=[hand_in(world.candidate, "x.jpg", jpeg("navy"))], **staged),
        by=world.assessor,
        is_accepted=False,
        comment="This does not show it.",
    )
    confirm_sufficient(world.record, by=world.assessor)
    return world.record, Slot.CANDIDATE, world.candidate


def resting_on_testimony(world: World) -> Signing:
    judge(offered_testimony(world), by=world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    return world.record, Slot.CANDIDATE, world.candidate


def waived(world: World) -> Signing:
    """A "should" waived, and evidence from a realistic working environment."""
    record = record_of_2010(world, "A18")
    shoulds = sorted(unit_outline(record.unit_id).can_be_waived)
    waive_criteria(record_id=record.pk, criteria=shoulds[:1], reason="No such customer comes.", by=world.assessor)
    shop = record_environment(
        name="Training shop",
        what_it_is="A shop",
        approved_by="City and Guilds",
        approved_on=today() - timedelta(days=400),
        by=world.coordinator,
    )
    judge(
        add_offered_item(world, criteria_of(record.unit)[:2], record=record, setting="rwe", environment=shop),
        by=world.assessor,
    )
    return record, Slot.CANDIDATE, world.candidate


def named_and_held_elsewhere(world: World) -> Signing:
    record = signed_with_risks(world)
    return record, Slot.ASSESSOR, world.assessor


def numbered_alike(world: World) -> Signing:
    """A17 prints two items 5 with the same letters (PRACTICE §2)."""
    load_standard(path=FOLDER / "evidence-requirements-2010.json")
    unit = Unit.objects.get(code="A17", standard__owner="")
    for seat in (world.assessor, world.iv):
        approve(world.coordinator, seat, unit)
    registration = register(world.coordinator, world.candidate, assessor=world.assessor, iv=world.iv, units=[unit])
    record = registration.unit_records.get()
    cells = Criterion.objects.filter(group__unit=unit, position=1).order_by("group__position")[1:4]
    judge(add_offered_item(world, cells, record=record), by=world.assessor)
    return record, Slot.CANDIDATE, world.candidate


def written_and_seen_at_work(world: World) -> Signing:
    """An observation that the assessor wrote, a candidate's note beside an item, and what stays at work (R12, R16)."""
    record = record_of_2010(world, "A18")
    written = sign_observation(world)
    claim(world, written.version.evidence, [None], record=record)
    kept = add_offered_item(world, [None], record=record, with_file=False, kept_at="The safe")
    note(add_offered_item(world, [None], record=record), world.candidate)
    see(kept, world.assessor)
    for item in Evidence.objects.all():
        judge(item, by=world.assessor)
    return record, Slot.CANDIDATE, world.candidate


WORLDS = (
    written_and_seen_at_work,
    plain,
    after_others,
    mixed,
    resting_on_testimony,
    waived,
    named_and_held_elsewhere,
    numbered_alike,
)


def snapshot_in(signing: Signing) -> dict[str, Any]:
    record, slot, seat = signing
    return snapshot_of(contents_for(record.pk, seat, with_files=True), before=slot)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value that is neither object nor list, with the way to it."""
    if isinstance(value, dict):
        for key, within in value.items():
            yield from leaves(within, (*path, key))
    elif isinstance(value, list):
        for place, within in enumerate(value):
            yield from leaves(within, (*path, place))
    else:
        yield path, value


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def name_of(model: type[User | Witness], pk: int) -> str:
    return model.objects.get(pk=pk).name


def as_shown(path: tuple[Any, ...], value: Any) -> str:
    """How a value of the snapshot stands on the page. Written anew here, so that the page is not its own witness."""
    key = path[-1]
    field = next(part for part in reversed(path) if isinstance(part, str))
    match field, value:
        case "criterion", None:
            return "The unit as a whole"
        case "confirmed", None:
            return "Not for this record"
        case _, None:
            return ""
        case "valid" | "authentic" | "current", bool():
            return field if value else f"Not {field}"
        case "is_rpl", True:
            return "Yes (RPL)"
        case "witness", _:
            return name_of(Witness, value)
        case "from" | "to" | "on", _:
            return f"{date.fromisoformat(value):%d/%m/%Y}"
        case "at" | "judged_at" | "signed_at", _:
            return f"{timezone.localtime(datetime.fromisoformat(value)):%d/%m/%Y %H:%M}"
        case "methods", _:
            return f"{Method(value).label} ({value})"
        case "setting", _:
            return str(Setting(value).label)
        case "verdict", _:
            return str(ClaimState(value).label)
        case "kind", _ if "records" in path:
            return str(MethodKind(value).label)
        case "kind", _:
            return str(UnitConfirmationKind(value).label)
        case "slot", _:
            return PRINTED_LINES[Slot(value)]
    return name_of(User, value) if key in PEOPLE else str(value)


@pytest.mark.parametrize("make", WORLDS, ids=lambda make: make.__name__)
def test_every_value_of_the_snapshot_stands_on_the_page(world: World, make: Callable[[World], Signing]):
    with a_gate_that_is_open():
        record, slot, seat = signing = make(world)
        snapshot = snapshot_in(signing)
        response = world.client(seat).get(reverse("sign", args=[record.pk, slot]))
    assert response.status_code == 200
    html = response.content.decode()
    # Page and form speak of this very snapshot.
    assert f'name="seen_digest" value="{digest_of(snapshot)}"' in html
    text = text_of(html)
    assert digest_of(snapshot) in text
    for statement in statements_for(unit_outline(record.unit_id), slot):
        assert statement in text
    unseen = [
        (path, value)
        for path, value in leaves(snapshot)
        if " ".join(as_shown(path, value).split()).casefold() not in text.casefold()
    ]
    assert unseen == []


def test_the_worlds_together_have_everything_that_a_snapshot_may_hold(world: World):
    """So that a value that a later change adds to snapshots cannot be missing above."""
    held: set[str] = set()
    for make in WORLDS:
        with a_gate_that_is_open(), transaction.atomic():
            held |= {part for path, _ in leaves(snapshot_in(make(world))) for part in path if isinstance(part, str)}
            transaction.set_rollback(True)
    assert held == {
        *("format", "header", "record", "signatures"),
        *("centre", "registration", "qualification", "standard_digest", "unit_wording", "assessor", "iv"),
        *("id", "candidate", "unit", "code", "standard", "edition", "evidence", "claims", "confirmations"),
        *("waivers", "named", "held_elsewhere", "reason", "of", "name", "where"),
        *("reference", "version", "title", "methods", "setting", "simulation_basis", "from", "to", "what_happened"),
        *("kept_at", "occasion", "customer", "is_rpl", "environment", "witness", "testimony", "files", "sha256"),
        *("records", "digest", "seen", "on"),
        *("confirmed", "valid", "authentic", "current", "how", "by", "at"),
        *("criterion", "item", "instance", "locator", "verdict", "judged_by", "judged_at", "kind"),
        *("slot", "signer", "signed_at", "key_signature"),
    }


# --- Nothing can change unseen ---------------------------------------------------------------------------------------


def drawn(snapshot: dict[str, Any], signing: Signing) -> str:
    """The page's part for a snapshot, under a fingerprint that stays the same; or why there is none.

    Every id has a name of its own.
    """
    names = Names(people={pk: f"Person {pk}" for pk in people_in(snapshot)}, witnesses={})
    try:
        seen = seen_of(snapshot, fingerprint="0" * 64, names=names, outline=unit_outline(signing[0].unit_id))
    except ValueError as refusal:
        return str(refusal)
    facts = render_to_string("signoff/seen_facts.html", {"facts": seen.facts})
    return text_of(facts + render_to_string("signoff/seen.html", {"seen": seen}))


def another(path: tuple[Any, ...], value: Any, snapshot: dict[str, Any]) -> Any:
    """Another value that could stand there."""
    field = next(part for part in reversed(path) if isinstance(part, str))
    others = {
        "methods": Method,
        "setting": Setting,
        "verdict": (ClaimState.ACCEPTED, ClaimState.RETURNED),
        "kind": (UnitConfirmationKind.SUFFICIENT, UnitConfirmationKind.REVIEWED),
        "slot": Slot,
    }
    match field, value:
        case "kind", _ if "records" in path:
            return next(str(other) for other in MethodKind if other != value)
        case (("methods" | "setting" | "verdict" | "kind" | "slot"), _):
            return next(str(other) for other in others[field] if other != value)
        case (("criterion" | "judged_by" | "judged_at"), None):
            return {"criterion": "1a", "judged_by": 1, "judged_at": "2026-01-01T00:00:00+00:00"}[field]
        case "confirmed", None:
            return {"valid": True, "authentic": True, "current": True, "how": "", "by": 1, "at": "2026-01-01T00:00Z"}
        case _, None:
            return 1
        case (("from" | "to" | "on"), _):
            return (date.fromisoformat(value) + timedelta(days=100)).isoformat()
        case (("at" | "judged_at" | "signed_at"), _):
            return (datetime.fromisoformat(value) + timedelta(minutes=1)).isoformat()
        case "item", _ if "confirmations" in path:
            taken = {row.get("item") for row in snapshot["record"]["confirmations"]}
            return next(place for place in range(1, 20) if place not in taken)
        case _, bool():
            return not value
        case _, int():
            return value + 1000
    return f"{value}x"


def put(snapshot: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = deepcopy(snapshot)
    place: Any = changed
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return changed


@pytest.mark.parametrize("make", WORLDS, ids=lambda make: make.__name__)
def test_no_value_of_the_snapshot_can_change_without_the_page_changing(world: World, make: Callable[[World], Signing]):
    with a_gate_that_is_open():
        signing = make(world)
    snapshot = snapshot_in(signing)
    before = drawn(snapshot, signing)
    unseen = []
    for path, value in leaves(snapshot):
        changed = put(snapshot, path, another(path, value, snapshot))
        if drawn(changed, signing) == before:
            unseen.append((path, value))
    assert unseen == []


def test_a_decision_torn_from_its_evidence_is_not_left_out(world: World):
    signing = plain(world)
    torn = put(snapshot_in(signing), ("record", "claims", 0, "reference"), "E99")
    assert drawn(torn, signing) == "Decisions on evidence that is not there: [('E99', 1)]"


def test_a_thing_more_or_less_in_any_list_is_seen(world: World):
    with a_gate_that_is_open():
        signing = mixed(world)
    snapshot = snapshot_in(signing)
    before = drawn(snapshot, signing)
    for path in (("record", "claims"), ("record", "confirmations"), ("record", "evidence", 0, "files")):
        things: Any = snapshot
        for part in path:
            things = things[part]
        for place in range(len(things)):
            fewer = put(snapshot, path, [thing for at, thing in enumerate(things) if at != place])
            assert drawn(fewer, signing) != before, (path, place)


# --- The page --------------------------------------------------------------------------------------------------------


def test_the_page_takes_as_many_queries_for_27_claims_as_for_135(world: World):
    for cells in (world.criteria[:14], world.criteria[14:]):
        judge(add_offered_item(world, cells), by=world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    client, path = world.client(world.candidate), reverse("sign", args=[world.record.pk, Slot.CANDIDATE])
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        assert "14 claims: 14 accepted" in client.get(path).content.decode()
    for _ in range(4):
        judge(add_offered_item(world), by=world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    with CaptureQueriesContext(connection) as many:
        assert client.get(path).content.decode().count('class="digest"') > 6
    assert len(few) == len(many)
    assert len(many) <= 25


@pytest.mark.stage(reach=candidate_signed)
def test_who_cannot_sign_is_not_shown_a_fingerprint(world: World):
    record = world.record
    html = world.client(world.iv).get(reverse("sign", args=[record.pk, Slot.ASSESSOR])).content.decode()
    assert "Fingerprint of what you sign" not in html
