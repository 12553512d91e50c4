"""What stands where on the printed record (R61, Q2, Q3, Q7, Q26)."""

from dataclasses import replace

import pytest
from django.urls import reverse

from assessment.confirming.actions import confirm_record
from assessment.confirming.statements import confirmable, statement_of
from assessment.confirming.waivers import withdraw_waiver
from proof.verify import faults
from records.layout import MENDED, PrintLayout
from records.unit_record_pdf import printed
from registrations.held_elsewhere.actions import confirm_held_elsewhere, end_held_elsewhere
from registrations.models import UnitRecord
from signoff.contents import RECORD_RELATIONS, contents_of_record
from signoff.models import Signature, Slot
from signoff.queries import record_page
from tests.evidence.builders import World, add_item, add_offered_item, claim, today
from tests.evidence.other_units import judged_record_of, waived_record_of
from tests.signoff.builders import REACH, awaiting_countersignature, complete, judge, sign_line
from units.actions import load_standard
from units.documents import document_to_data
from units.queries import unit_outline
from units.stored import stored_document


def layout_of(record: UnitRecord) -> PrintLayout:
    return printed(contents_of_record(UnitRecord.objects.select_related(*RECORD_RELATIONS).get(pk=record.pk)))


def cells_of(layout: PrintLayout) -> dict[str, tuple[str, ...]]:
    return {cell.label: cell.references for table in layout.tables for group in table.groups for cell in group.cells}


def test_every_criterion_has_its_cell_in_print_order(world: World):
    layout = layout_of(world.record)
    assert [table.title for table in layout.tables] == [
        "What you must cover",
        "What you must do",
        "What you must know",
    ]
    assert list(cells_of(layout)) == [criterion.label for criterion in world.criteria]
    assert len(cells_of(layout)) == 27


def test_accepted_stands_plain_undecided_in_brackets_returned_and_drafts_not_at_all(world: World):
    accepted = add_offered_item(world, criteria=world.criteria[:2], title="Accepted")
    judge(accepted, by=world.assessor)
    returned = add_offered_item(world, criteria=world.criteria[:1], title="Returned")
    judge(returned, by=world.assessor, is_accepted=False, comment="No")
    waiting = add_offered_item(world, criteria=world.criteria[:1], title="Waiting")
    draft = add_item(world, title="A draft")
    claim(world, draft, world.criteria[:1])
    layout = layout_of(world.record)
    assert cells_of(layout)[world.criteria[0].label] == (accepted.reference, f"({waiting.reference})")
    assert [(row.reference, row.title) for row in layout.evidence] == [
        (accepted.reference, "Accepted"),
        (f"({waiting.reference})", "Waiting"),
    ]
    assert layout.has_undecided


@pytest.mark.parametrize(
    ("state", "marker"),
    [
        ("open", "Draft – not signed"),
        ("candidate_signed", "Not complete – awaits the assessor’s signature"),
        ("awaiting_countersignature", "Not complete – awaits the assessor’s countersignature"),
        ("complete", ""),
        ("awaiting_iv_countersignature", "Awaits the IV’s countersignature"),
        ("verified", ""),
        ("externally_verified", ""),
    ],
)
def test_each_page_says_what_the_record_lacks(world: World, state: str, marker: str):
    assert layout_of(REACH[state](world)).marker == marker


def test_statements_stand_above_the_lines_as_printed(world: World):
    """(i) without an owner and (ii) above the candidate's line, (iii) above the assessor's, none above the others."""
    lines = layout_of(world.record).lines
    assert [len(line.statements) for line in lines] == [2, 1, 0, 0, 0, 0]
    assert lines[0].statements[0].startswith("The evidence for this unit is valid, sufficient and an authentic record")
    assert lines[0].statements[1] == "I confirm that the evidence provided is a result of my own work."
    assert [line.label for line in lines] == [
        "Signature of candidate",
        "Signature of assessor",
        "Countersignature of assessor",
        "Signature of IV (if sampled)",
        "Countersignature of IV",
        "Signature of EV (if sampled)",
    ]


def test_what_was_signed_is_printed_though_the_standard_is_mended_afterwards(world: World):
    """R66: a mended declaration is that of records still to be signed."""
    record = sign_line(REACH["open"](world), Slot.CANDIDATE, by=world.candidate).record
    before = layout_of(record).lines
    standard = world.unit.standard
    document = document_to_data(stored_document(standard))
    document["declarations"] = [
        {"owner": "none", "text": "Somebody has looked at this."},
        {"owner": "candidate", "text": "I promise nothing."},
        {"owner": "assessor", "text": "I have seen it."},
    ]
    load_standard(document=document, owner=standard.owner)
    mended = layout_of(record).lines
    assert mended[0].statements == ("Somebody has looked at this.", before[0].statements[1])
    assert mended[1].statements == ("I have seen it.",)
    sign_line(record, Slot.ASSESSOR, by=world.assessor)
    document["declarations"][0]["text"] = document["declarations"][2]["text"] = "Nothing at all."
    load_standard(document=document, owner=standard.owner)
    signed = layout_of(record).lines
    assert [line.statements for line in signed[:2]] == [
        (before[0].statements[1],),
        ("Somebody has looked at this.", "I have seen it."),
    ]


def test_a_unit_that_was_mended_after_it_was_signed_says_so(world: World):
    """Q31: wording may be mended within an edition; page and print do not pass it off as what was signed."""
    record = REACH["complete"](world)
    standard = world.unit.standard
    document = document_to_data(stored_document(standard))
    document["source"] = "Another sentence on where the standard comes from."
    load_standard(document=document, owner=standard.owner)
    assert MENDED not in [word.text for word in layout_of(record).words]
    assert "The wording was mended" not in page_of(world, record)
    unit = next(one for one in document["units"] if one["code"] == world.unit.code)
    unit["groups"][0]["criteria"][0]["text"] = "Something else altogether"
    load_standard(document=document, owner=standard.owner)
    assert MENDED in [word.text for word in layout_of(record).words]
    assert "The wording was mended" in page_of(world, record)
    assert list(faults()) == []


def page_of(world: World, record: UnitRecord) -> str:
    return world.client(world.assessor).get(reverse("record", args=[record.pk])).text


def test_a_countersignature_not_due_names_the_award(world: World):
    """Q3."""
    lines = layout_of(complete(world)).lines
    award = world.assessor.person.awards.get()
    assert lines[2].note == f"Not required: Anna Assessor holds {award.kind} {award.number}, 01/02/2015."
    assert not lines[2].is_required
    assert lines[3].note == "Not sampled."
    assert lines[3].is_required


def test_a_countersignature_due_leaves_a_line_for_it(world: World):
    lines = layout_of(awaiting_countersignature(world)).lines
    assert lines[1].note == "The register showed no recognised award on that day, so a countersignature is due."
    assert lines[2].is_required
    assert (lines[2].name, lines[2].note) == ("", "")


@pytest.mark.stage(reach=awaiting_countersignature)
def test_a_countersignature_given_says_so_and_by_what_award(world: World):
    """R33: what was due is due no more."""
    record = world.trainee_record
    sign_line(record, Slot.ASSESSOR_COUNTERSIGNATURE, by=world.countersigner)
    lines = layout_of(record).lines
    assert lines[1].note == "The register showed no recognised award on that day, so it is countersigned."
    assert lines[2].note.startswith("Award on the register: CAVA")
    page = record_page(record.pk, world.coordinator)
    assert [page.lines[1].note, page.lines[2].note] == [lines[1].note, lines[2].note]


@pytest.mark.stage(reach=complete)
def test_a_signature_carries_its_digest_and_its_place_in_the_ledger(world: World):
    record = world.record
    signature = Signature.objects.filter(record=record).get(slot="assessor")
    line = layout_of(record).lines[1]
    assert line.name == "Anna Assessor"
    assert line.date == f"{signature.signed_at:%d/%m/%Y}" or line.date.count("/") == 2
    assert signature.snapshot_digest in line.seal
    assert "Ledger entry" in line.seal


def test_a_unit_without_do_and_know_says_so_above_the_assessors_line(world: World):
    """Q2."""
    layout = layout_of(world.other_registration.unit_records.get())
    assert len(layout.tables) == 1
    assert "recorded elsewhere" in layout.lines[1].statements[-1]


def test_the_digest_changes_with_what_is_printed_and_with_nothing_else(world: World):
    before = layout_of(world.record)
    add_item(world)
    assert layout_of(world.record).digest == before.digest
    claim(world, add_item(world), world.criteria[:1])
    with_draft = layout_of(world.record)
    assert with_draft.digest != before.digest
    as_before = replace(with_draft, missing=before.missing, record_digest=before.record_digest)
    assert as_before.digest == before.digest
    add_offered_item(world, criteria=world.criteria[:1])
    assert layout_of(world.record).evidence != before.evidence


def test_an_open_record_prints_what_is_missing_and_whose_move_it_is_and_a_signed_one_nothing(world: World):
    item = add_offered_item(world, criteria=world.criteria[:1])
    missing = [(gap.who, gap.what) for gap in layout_of(world.record).missing]
    assert ("Candidate", "1b needs evidence.") in missing
    assert missing[-1] == ("Assessor", "The evidence for the whole unit must be confirmed as sufficient.")
    judge(item, by=world.assessor)
    assert layout_of(complete(world)).missing == ()


# --- What is said of a unit besides its signatures --------------------------------------------------------------------


def said(record: UnitRecord) -> list[tuple[str, str, str]]:
    return [(word.text, word.reason, word.by) for word in layout_of(record).words]


def test_confirmations_are_printed_in_the_order_in_which_they_are_asked(world: World):
    """Q2, Q12: a unit with nothing to tick, whose criteria the centre holds elsewhere."""
    record = judged_record_of(world, "F1")
    assert said(record) == []
    outline = unit_outline(record.unit_id)
    asked = [one for one in confirmable(outline) if one.kind != "reviewed"]
    confirm_record(record_id=record.pk, wanted=asked[::-1], by=world.assessor)
    confirm_held_elsewhere(units=[record.unit], where="Blue folders", by=world.coordinator)
    day = f"{today():%d/%m/%Y}"
    assert said(record) == [
        *((statement_of(one, outline), "", f"Anna Assessor, {day}") for one in asked),
        (
            "For the centre: the performance and knowledge criteria of this unit are met and held elsewhere.",
            "Blue folders",
            f"{world.coordinator.person.name}, {day}",
        ),
    ]


def test_what_lapsed_or_ended_is_not_printed(world: World):
    record = judged_record_of(world, "F2")
    asked = [one for one in confirmable(unit_outline(record.unit_id)) if one.kind == "condition"]
    confirm_record(record_id=record.pk, wanted=asked, by=world.assessor)
    (held,) = confirm_held_elsewhere(units=[record.unit], where="Blue folders", by=world.coordinator)
    assert len(said(record)) == 2
    judge(add_offered_item(world, [None], record=record), by=world.assessor)
    end_held_elsewhere(held=held, by=world.coordinator)
    assert said(record) == []


def test_a_waiver_is_printed_with_its_reason_and_in_its_cell(world: World):
    """Q11."""
    record, waiver = waived_record_of(world)
    layout = layout_of(record)
    label, text = waiver.criterion.label, waiver.criterion.text
    assert [(word.text, word.reason) for word in layout.words] == [(f"Waived: {label} {text}.", waiver.reason)]
    waived = [cell.label for table in layout.tables for group in table.groups for cell in group.cells if cell.is_waived]
    assert waived == [label]
    withdraw_waiver(waiver_id=waiver.pk, by=world.assessor)
    after = layout_of(record)
    assert after.words == ()
    assert after.digest != layout.digest
