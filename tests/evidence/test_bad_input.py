"""What no browser sends by itself: zero bytes, numbers without end. A page answers, and nothing is written."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from centres.models import UnitApproval
from evidence.models import Claim
from ledger.models import Event
from tests.evidence.builders import World, add_offered_item

ENDLESS = "9" * 5000


@pytest.mark.parametrize("value", ["\0", "a\0b", "²", "-1", "9" * 40, ENDLESS, "%", "\\", "'", "🧾"])
@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("registrations", ["search", "status", "page"]),
        ("people", ["search", "role", "left", "page"]),
        ("ev_access", ["page"]),
        ("register", ["qualification"]),
        ("home", ["page"]),
    ],
)
def test_lists_answer_whatever_is_asked(world: World, page: str, names: list[str], value: str):
    for name in names:
        answer = world.client(world.coordinator).get(f"{reverse(page)}?{urlencode({name: value})}")
        assert answer.status_code in (200, 422)


@pytest.mark.parametrize("value", ["\0", "²", "-1", "0", "9" * 40, ENDLESS])
def test_one_item_answers_whatever_is_asked(world: World, value: str):
    item = add_offered_item(world)
    query = urlencode({"version": value, "page": value, "kind": value, "evidence": value})
    for name, pk in (
        ("evidence", item.pk),
        ("judge", item.pk),
        ("confirm_unit", world.record.pk),
        ("history", world.record.pk),
    ):
        answer = world.client(world.assessor).get(f"{reverse(name, args=[pk])}?{query}")
        assert answer.status_code in (200, 404)


@pytest.mark.parametrize("locator", ["\0", "page\0 1"])
def test_a_missed_claim_with_a_zero_byte_is_refused_beside_its_field(world: World, locator: str):
    item = add_offered_item(world, world.criteria[:1])
    cell = f"{world.record.pk}-{world.criteria[1].pk}"
    answer = world.client(world.assessor).post(
        reverse("add_missed_claim", args=[item.pk]), {"cell": cell, "locator": locator}
    )
    assert answer.status_code == 422
    assert "locator" in answer.context["form"].errors
    assert Claim.objects.count() == 1


@pytest.mark.parametrize("number", ["9" * 40, ENDLESS, "-1", "²", "\0"])
def test_rows_that_cannot_be_are_refused_beside_their_field(world: World, number: str):
    """ModelMultipleChoiceField asks the database for every number it is given."""
    client = world.client(world.coordinator)
    written, approvals = Event.objects.count(), UnitApproval.objects.count()
    answers = {
        "units": client.post(
            reverse("give_approval", args=[world.assessor.person_id]),
            {"capacity": "assessor", "starts_on": "2026-01-01", "units": [number]},
        ),
        "registrations": client.post(
            reverse("open_ev_access"),
            {"person": world.ev.person_id, "registrations": [number], "starts_on": "2026-01-01", "reason": "Visit"},
        ),
    }
    answers["qualification"] = client.post(reverse("register"), {"qualification": number})
    qualification = world.registration.qualification_id
    answers["units "] = client.post(reverse("register"), {"qualification": qualification, "units": [number]})
    for field, answer in answers.items():
        assert answer.status_code == 422, field
        assert field.strip() in answer.context["form"].errors
    assert (Event.objects.count(), UnitApproval.objects.count()) == (written, approvals)


def test_an_address_with_a_number_that_no_row_can_have_leads_nowhere(world: World):
    for seat in (world.coordinator, world.assessor, world.candidate, world.iv, world.ev):
        client = world.client(seat)
        for name in (
            "record", "history", "unlock", "sample", "evidence", "judge", "portfolio", "registration", "evidence_file",
            "print", "print_pdf", "person", "authenticate_witness", "change_witness", "confirm_unit", "reassign_unit",
        ):  # fmt: skip
            assert client.get(reverse(name, args=[int("9" * 40)])).status_code in (403, 404), name
        assert client.post(reverse("print_record", args=[int("9" * 40)])).status_code == 404
