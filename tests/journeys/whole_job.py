"""The whole job, from a registration to a signed, printed unit record (Q6), each working in their own way."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect
from pypdf import PdfReader

from centres.models import Membership, Role
from evidence.models import Claim, ClaimState, Evidence
from registrations.models import RecordState, UnitRecord
from signoff.models import Signature
from tests.evidence.builders import World, criteria_of, join, today
from tests.journeys.people import AtWork, claim, draw, hand_in, offer, register_candidate, sign

PLACES = {"cover": "first photo", "do": "page 1", "know": "paragraph 2"}


def do_the_whole_job(world: World, papers: dict[str, Path], start: Callable[[Membership], AtWork]) -> None:
    """Everybody does their part; the assessor has no award, so a countersignature is due (R31)."""
    newcomer = join(world.coordinator, Role.CANDIDATE, "Nia Newcomer")
    coordinator = start(join(world.coordinator, Role.COORDINATOR, "Cleo Coordinator"))
    register_candidate(
        coordinator,
        qualification="Customer Service NVQ",
        candidate="Nia Newcomer",
        assessor=world.trainee.person.name,
        iv=world.iv.person.name,
        number="REG-2026-0042",
        on=today() - timedelta(days=90),
    )
    coordinator.sees("REG-2026-0042")
    record = UnitRecord.objects.get(registration__number="REG-2026-0042", unit__code="304")

    candidate = start(newcomer)
    for section, file in papers.items():
        hand_in(
            candidate,
            record.portfolio_id,
            title=f"Evidence for what I {section}",
            method="(PE)",
            file=file,
            on=today() - timedelta(days=10 + len(section)),
        )
        labels = [one.label for one in criteria_of(record.unit) if one.group.section == section]
        claim(candidate, criteria=labels, place=PLACES[section])
    assert Claim.objects.filter(record=record).count() == 27
    items = list(Evidence.objects.filter(portfolio=record.portfolio).order_by("number"))
    for item in items:
        offer(candidate, item.pk)

    the_gate_refuses(candidate, record)
    assessor = start(world.trainee)
    returned = the_assessor_returns_one(assessor, items)
    the_candidate_mends_it(candidate, returned)
    accept_everything(assessor, returned.evidence_id)
    assert set(Claim.objects.filter(record=record).values_list("state", flat=True)) == {ClaimState.ACCEPTED}
    the_gate_refuses(candidate, record)
    assessor.go("confirm_unit", record.pk)
    assessor.tick(assessor.page.get_by_role("checkbox").first)
    assessor.press("Confirm")

    countersigner = start(world.countersigner)
    verifier = start(world.iv)
    sign(candidate, record.pk, "candidate")
    sign(assessor, record.pk, "assessor")
    sign(countersigner, record.pk, "assessor_countersignature")
    draw(verifier, record.pk, "New assessor: every unit is sampled.")
    sign(verifier, record.pk, "iv")
    open_to_the_ev(coordinator, world, record)
    external = start(world.ev)
    draw(external, record.pk, "Spring visit.")
    sign(external, record.pk, "ev")
    record.refresh_from_db()
    assert record.state == RecordState.EXTERNALLY_VERIFIED

    the_print_holds_everything(external, record, world, newcomer.person.name)


def the_gate_refuses(candidate: AtWork, record: UnitRecord) -> None:
    """The page says what is missing and offers no signing."""
    candidate.go("record", record.pk)
    candidate.sees("assessor")
    candidate.go("sign", record.pk, "candidate")
    expect(candidate.page.get_by_role("button", name="Sign", exact=True)).to_have_attribute("aria-disabled", "true")
    expect(candidate.page.get_by_label("Your full name")).to_have_count(0)


def the_assessor_returns_one(assessor: AtWork, items: list[Evidence]) -> Claim:
    """Everything is accepted but the first claim of the first item, which comes back with a comment."""
    returned = items[0].claims.select_related("criterion__group", "evidence").order_by("criterion__position")[0]
    for item in items:
        assessor.go("judge", item.pk)
        if item == items[0]:
            decide(assessor, returned, "Return")
            assessor.write(assessor.page.locator(f"[name=comment_{returned.pk}]"), "Which photo? Say where to look.")
        confirm_vac(assessor)
        assessor.press("Accept all that is left, and go on")
    returned.refresh_from_db()
    assert returned.state == ClaimState.RETURNED
    return returned


def the_candidate_mends_it(candidate: AtWork, returned: Claim) -> None:
    """The comment is read, the place is mended, and the claim waits for judgement again."""
    candidate.go("evidence", returned.evidence_id)
    candidate.sees("Which photo? Say where to look.")
    candidate.go("claims", returned.evidence_id)
    row = candidate.page.locator(f"#cell-{returned.record_id}-{returned.criterion_id}")
    candidate.write(row.get_by_label("Where to look"), "second photo, left shelf")
    candidate.press("Save my choice")
    returned.refresh_from_db()
    assert returned.state == ClaimState.UNDECIDED


def accept_everything(assessor: AtWork, evidence_id: int) -> None:
    assessor.go("judge", evidence_id)
    assessor.press("Accept all that is left, and go on")


def confirm_vac(assessor: AtWork) -> None:
    """Valid, authentic, current, and how that was made sure (R17)."""
    page = assessor.page
    for name in ("is_valid_evidence", "is_authentic", "is_current"):
        assessor.tick(page.locator(f"[name={name}]"))
    assessor.write(page.locator("[name=how_authenticated]"), "Saw the originals on site.")


def decide(assessor: AtWork, judged: Claim, decision: str) -> None:
    radios = assessor.page.locator(f"[name=claim_{judged.pk}]")
    assessor.tick(radios.and_(assessor.page.get_by_label(decision, exact=True)))


def open_to_the_ev(coordinator: AtWork, world: World, record: UnitRecord) -> None:
    """The coordinator opens the registration to the EV for a month."""
    coordinator.go("open_ev_access")
    page = coordinator.page
    coordinator.choose(page.get_by_label("External verifier"), world.ev.person.name)
    coordinator.tick(page.get_by_role("checkbox", name="REG-2026-0042"))
    coordinator.set_day(page.locator("[name=starts_on]"), today())
    coordinator.set_day(page.locator("[name=ends_on]"), today() + timedelta(days=30))
    coordinator.fill("Reason", "Spring visit")
    coordinator.press("Open")


def the_print_holds_everything(external: AtWork, record: UnitRecord, world: World, candidate_name: str) -> None:
    """Every reference, name and date is in the PDF."""
    external.go("record", record.pk)
    external.press("Print this record")
    link = external.page.get_by_role("link", name="Download the PDF")
    expect(link).to_be_visible(timeout=60_000)
    response = external.page.request.get(str(link.get_attribute("href")))
    assert response.headers["content-type"] == "application/pdf"
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(response.body())).pages).split())
    for reference in ("E1", "E2", "E3"):
        assert reference in text
    names = [seat.person.name for seat in (world.trainee, world.countersigner, world.iv, world.ev)]
    for name in [candidate_name, *names]:
        assert name in text
    for signature in Signature.objects.filter(record=record).filter(voided_at=None):
        assert f"{signature.signed_at:%d/%m/%Y}" in text
    assert "REG-2026-0042" in text
    assert world.centre.name in text
