"""A wrong combination of units is refused when units are chosen, and when the certificate is claimed (Q30, pain 16)."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from centres.models import Role
from ledger.models import Event
from registrations.enrolment import add_unit
from registrations.models import RecordState, Registration, UnitRecord
from signoff.handover.reassigning import reassign_unit
from signoff.moving_on import change_status
from tests.evidence.builders import World, approve, grant, join, register, today
from tests.units.structured import structured_standard, without_rules
from units.actions import load_standard
from units.models import Qualification, Unit

ENOUGH = ("F1", "F2", "B1", "B2", "B3", "C1")
BARRED = "Units B4 and C1 may not be taken together."
LEFT_OUT = "Unit F2 is mandatory and not chosen."
SHORT_OF_B = "Group B needs at least 3 units; 1 is chosen."


def text_of(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def load(world: World, document: dict[str, Any]) -> Qualification:
    """The structured qualification, whose units the assessor and the IV are approved for."""
    load_standard(document=document)
    units = Unit.objects.filter(standard__code="structured")
    approve(world.coordinator, world.assessor, *units)
    approve(world.coordinator, world.iv, *units)
    return Qualification.objects.get(code="structured-nvq")


def units_of(*codes: str) -> list[Unit]:
    return list(Unit.objects.filter(standard__code="structured", code__in=codes))


def enrol(world: World, *codes: str) -> Registration:
    return register(world.coordinator, world.candidate, assessor=world.assessor, iv=world.iv, units=units_of(*codes))


def finish(registration: Registration) -> None:
    """Every record complete, as if signed: how a unit gets there is another room's business."""
    registration.unit_records.update(state=RecordState.COMPLETE, completed_at=timezone.now())


def move(world: World, registration: Registration, status: str) -> Registration:
    now = Registration.objects.get(pk=registration.pk)
    return change_status(
        registration=now, revision=now.revision, status=status, on=today(), why="Because", by=world.coordinator
    )


def standing() -> tuple[int, int, int]:
    return Registration.objects.count(), UnitRecord.objects.count(), Event.objects.count()


@pytest.fixture
def qualification(world: World) -> Qualification:
    return load(world, structured_standard())


@pytest.fixture
def browser(world: World) -> Client:
    return world.client(world.coordinator)


# --- When units are chosen --------------------------------------------------------------------------------------------

REFUSED = [
    ("barred", (*ENOUGH, "B4"), [BARRED]),
    ("a mandatory unit left out", ("F1", "B1", "B2", "B3", "C1"), [LEFT_OUT]),
    ("too many of a group", ("F1", "F2", "C1", "C2", "C3"), ["Group C allows at most 2 units; 3 are chosen."]),
    ("all at once", ("F1", "B4", "C1"), [LEFT_OUT, BARRED]),
]


@pytest.mark.parametrize(("codes", "reasons"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_registering_refuses_what_no_further_unit_would_mend(
    world: World, qualification: Qualification, codes: tuple[str, ...], reasons: list[str]
) -> None:
    before = standing()
    with pytest.raises(ValidationError) as refusal:
        enrol(world, *codes)
    assert refusal.value.message_dict == {"units": reasons}
    assert standing() == before


@pytest.mark.parametrize("codes", [("F1", "F2"), ("F1", "F2", "B1", "B4"), ENOUGH], ids=" ".join)
def test_registering_takes_what_is_not_yet_enough(
    world: World, qualification: Qualification, codes: tuple[str, ...]
) -> None:
    assert enrol(world, *codes).unit_records.count() == len(codes)


def test_a_unit_that_would_make_it_wrong_is_not_added(world: World, qualification: Qualification) -> None:
    registration = enrol(world, "F1", "F2", "B4", "C2", "C3")
    before = standing()
    with pytest.raises(ValidationError) as refusal:
        add_unit(registration=registration, unit=units_of("C1")[0], by=world.coordinator)
    assert refusal.value.message_dict == {"unit": [BARRED, "Group C allows at most 2 units; 3 are chosen."]}
    assert standing() == before
    add_unit(registration=registration, unit=units_of("B1")[0], by=world.coordinator)


def test_what_was_wrong_before_the_rules_came_keeps_no_other_unit_out(world: World) -> None:
    load(world, without_rules())
    registration = enrol(world, "B4", "C1")
    load_standard(document=structured_standard())
    add_unit(registration=registration, unit=units_of("F1")[0], by=world.coordinator)
    assert registration.unit_records.count() == 3


# --- When the certificate is claimed ----------------------------------------------------------------------------------


def test_completion_waits_for_the_combination(world: World, qualification: Qualification) -> None:
    registration = enrol(world, "F1", "F2", "B1", "C1")
    finish(registration)
    before = standing()
    with pytest.raises(ValidationError) as refusal:
        move(world, registration, "completed")
    assert refusal.value.message_dict == {
        "status": [
            SHORT_OF_B,
            "Group B needs at least 15 credits; the units chosen have 5.",
            "The qualification needs at least 6 units; 4 are chosen.",
            "The qualification needs at least 31 credits; the units chosen have 21.",
        ]
    }
    assert standing() == before
    for unit in units_of("B2", "B3"):
        add_unit(registration=registration, unit=unit, by=world.coordinator)
    with pytest.raises(ValidationError, match="Not every unit is signed yet: B2, B3"):
        move(world, registration, "completed")
    finish(registration)
    assert move(world, registration, "completed").status == "completed"
    assert move(world, registration, "certificated").status == "certificated"


def test_what_is_unsigned_and_what_is_missing_are_told_together(world: World, qualification: Qualification) -> None:
    registration = enrol(world, "F1", "F2", "B1", "B2", "B3", "B4")
    with pytest.raises(ValidationError) as refusal:
        move(world, registration, "completed")
    (first, *_, last) = refusal.value.message_dict["status"]
    assert first == "Group C needs at least 1 unit; none is chosen."
    assert last == "Not every unit is signed yet: F1, F2, B1, B2, B3, B4."


def test_rules_that_came_after_completion_hold_the_certificate_up(world: World) -> None:
    load(world, without_rules())
    registration = enrol(world, "F1", "B4", "C1")
    finish(registration)
    move(world, registration, "completed")
    load_standard(document=structured_standard())
    with pytest.raises(ValidationError) as refusal:
        move(world, registration, "certificated")
    assert {LEFT_OUT, BARRED, SHORT_OF_B} <= set(refusal.value.message_dict["status"])
    # Going back to mend it stays open.
    assert move(world, registration, "active").status == "active"


def test_without_rules_any_choice_of_units_is_enough(world: World) -> None:
    load(world, without_rules())
    registration = enrol(world, "X1")
    finish(registration)
    move(world, registration, "completed")
    assert move(world, registration, "certificated").status == "certificated"


# --- On the pages -----------------------------------------------------------------------------------------------------


def filled_in(qualification: Qualification, world: World, newcomer: Any, *codes: str) -> dict[str, Any]:
    return {
        "qualification": qualification.pk,
        "candidate": newcomer.person_id,
        "number": "R-2026-100",
        "units": [unit.pk for unit in units_of(*codes)],
        "assessor": world.assessor.person_id,
        "iv": world.iv.person_id,
        "employer": "Kettle and Sons",
        "site": "Harbour Lane",
        "started_on": today().isoformat(),
        "expected_end_on": "",
    }


def box(page: str, code: str) -> str:
    """The tick box of a unit."""
    return page[page.index(f'name="units" value="{units_of(code)[0].pk}"') :].partition(">")[0]


def test_the_form_shows_each_group_with_its_rule(browser: Client, qualification: Qualification) -> None:
    page = text_of(browser.get(reverse("register"), {"qualification": qualification.pk}))
    headings = [
        ">Mandatory units</p>",
        ">Group B: at least 3 units, at least 15 credits</p>",
        ">Group C: at least 1 unit and at most 2 units</p>",
        ">Optional units</p>",
    ]
    places = [page.index(heading) for heading in headings]
    assert places == sorted(places)
    assert places[1] < page.index("B2 Made for the tests, B2 (level 2, 5 credits)") < places[2]
    assert page.count('role="group"') == len(headings)
    assert "The qualification needs at least 6 units, 31 credits and 8 credits at level 3 or above." in page
    assert BARRED in page
    assert ["checked" in box(page, code) for code in ("F1", "F2", "B1", "X1")] == [True, True, False, False]


def test_a_refusal_stands_beside_the_units_and_nothing_is_lost(
    world: World, browser: Client, qualification: Qualification
) -> None:
    newcomer = join(world.coordinator, Role.CANDIDATE, "Nina Newcomer")
    response = browser.post(reverse("register"), filled_in(qualification, world, newcomer, "F1", "B4", "C1"))
    page = text_of(response)
    assert response.status_code == 422
    beside = page[page.index('<div id="div_id_units"') :].partition('type="checkbox"')[0]
    assert LEFT_OUT in beside
    assert beside.count(BARRED) == 2  # the rule, and that it was not kept
    assert ["checked" in box(page, code) for code in ("F1", "F2", "B4", "C1")] == [True, False, True, True]
    assert "Harbour Lane" in page
    assert not Registration.objects.filter(candidate=newcomer.person).exists()


def test_what_is_not_yet_enough_is_told_after_registering(
    world: World, browser: Client, qualification: Qualification
) -> None:
    newcomer = join(world.coordinator, Role.CANDIDATE, "Nina Newcomer")
    sent = filled_in(qualification, world, newcomer, "F1", "F2", "B1", "B2")
    page = text_of(browser.post(reverse("register"), sent, follow=True))
    assert "Nina Newcomer is registered." in page
    for told in (
        "<dt>Mandatory units</dt><dd>2 of 2 units</dd>",
        "<dt>Group B</dt><dd>2 of 3 units, 10 of 15 credits</dd>",
        "<dt>Group C</dt><dd>0 of 1 unit, at most 2</dd>",
        "<dt>In all</dt><dd>4 of 6 units, 18 of 31 credits</dd>",
        "<dt>At level 3 or above</dt><dd>0 units, 0 of 8 credits</dd>",
        "Not yet enough for the certificate",
        "Group B needs at least 3 units; 2 are chosen.",
    ):
        assert told in page, told
    # The same reasons stand where the button to complete it would be.
    assert "?to=completed" not in page
    assert page.count("Group B needs at least 3 units; 2 are chosen.") == 2


def test_the_page_says_when_it_is_enough(world: World, browser: Client, qualification: Qualification) -> None:
    registration = enrol(world, *ENOUGH)
    page = text_of(browser.get(reverse("registration", args=[registration.pk])))
    assert "Enough for the certificate" in page
    assert "Not yet enough" not in page


def test_the_page_says_what_is_wrong(world: World, browser: Client) -> None:
    load(world, without_rules())
    registration = enrol(world, "F1", "F2", "B4", "C1")
    assert "Combination of units" not in text_of(browser.get(reverse("registration", args=[registration.pk])))
    load_standard(document=structured_standard())
    page = text_of(browser.get(reverse("registration", args=[registration.pk])))
    assert "Not a combination that can be claimed" in page
    assert BARRED in page
    assert "Enough for the certificate" not in page


def test_only_who_knows_of_every_unit_is_told(world: World, qualification: Qualification) -> None:
    """R64: an assessor of one unit alone hears nothing of the others."""
    registration = enrol(world, "F1", "F2", "B1")
    grant(world, world.ev, registration)
    unit = units_of("B1")[0]
    approve(world.coordinator, world.countersigner, unit)
    reassign_unit(
        record_id=registration.unit_records.get(unit=unit).pk,
        own_assessor=world.countersigner.person,
        own_iv=None,
        why="Holiday",
        by=world.coordinator,
    )
    address = reverse("registration", args=[registration.pk])
    shown = {
        who: "Combination of units" in text_of(world.client(getattr(world, who)).get(address))
        for who in ("coordinator", "iv", "ev", "assessor", "countersigner")
    }
    assert shown == {"coordinator": True, "iv": True, "ev": True, "assessor": False, "countersigner": False}


def test_adding_a_unit_shows_how_far_each_group_is(world: World, browser: Client, qualification: Qualification) -> None:
    registration = enrol(world, "F1", "F2", "B4", "B1")
    address = reverse("add_unit", args=[registration.pk])
    page = text_of(browser.get(address))
    assert ">Group B: 2 of 3 units, 10 of 15 credits</p>" in page
    assert ">Group C: 0 of 1 unit, at most 2</p>" in page
    assert "Mandatory units" not in page
    assert BARRED in page
    refused = browser.post(address, {"unit": units_of("C1")[0].pk})
    assert refused.status_code == 422
    assert text_of(refused).count(BARRED) == 3  # as a rule, in the summary and beside the field
    assert browser.post(address, {"unit": units_of("C2")[0].pk}).status_code == 302


def test_moving_on_gives_the_reasons_and_keeps_what_was_typed(
    world: World, browser: Client, qualification: Qualification
) -> None:
    registration = enrol(world, "F1", "F2", "B1", "C1")
    finish(registration)
    said = {"revision": 1, "status": "completed", "on": today().isoformat(), "why": "All signed"}
    response = browser.post(reverse("change_status", args=[registration.pk]), said)
    assert response.status_code == 422
    assert SHORT_OF_B in text_of(response)
    assert "All signed" in text_of(response)
    assert Registration.objects.get(pk=registration.pk).status == "active"


# --- Whose qualification it is ----------------------------------------------------------------------------------------


def test_another_centres_qualification_is_neither_offered_nor_taken(world: World) -> None:
    """What a centre uploads is its own; both editions of a shared one are told apart (Q31)."""
    load_standard(document=structured_standard(), owner=f"centre:{world.foreign_centre.pk}")
    theirs = Qualification.objects.get(code="structured-nvq")
    page = text_of(world.client(world.coordinator).get(reverse("register")))
    assert "Structured NVQ" not in page
    assert world.client(world.coordinator).get(reverse("register"), {"qualification": theirs.pk}).status_code == 422
    assert "Structured NVQ" in text_of(world.client(world.foreign_coordinator).get(reverse("register")))
    with pytest.raises(ValidationError) as refusal:
        enrol(world, *ENOUGH)
    assert refusal.value.message_dict["qualification"] == ["Structured NVQ belongs to another centre."]


def test_editions_with_one_title_are_told_apart(browser: Client, qualification: Qualification) -> None:
    page = text_of(browser.get(reverse("register")))
    assert "Structured NVQ, edition" not in page
    load_standard(document=structured_standard() | {"edition": "2014"})
    page = text_of(browser.get(reverse("register")))
    assert "Structured NVQ, edition 2010" in page
    assert "Structured NVQ, edition 2014" in page
