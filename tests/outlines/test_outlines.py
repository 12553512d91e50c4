"""What a screen reader offers of the record page, the evidence form and the signing page, word for word."""

from collections.abc import Callable
from datetime import timedelta
from textwrap import dedent

from playwright.sync_api import Page

from tests.evidence.builders import World, today
from tests.outlines.reading import outline_of
from tests.signoff.builders import candidate_signed, ready

RECORD = """
banner
navigation: Main
main
  navigation: Where you are
  heading 1: 304 Use customer service as a competitive tool
  region: Unit record
    heading 2: Unit record
  heading 2: This unit and another do not agree
  region: Ready to be signed
    heading 2: Ready to be signed
  region: You should note
    heading 2: You should note
  region: Elements in this unit
    heading 2: Elements in this unit
  region: Assessed evidence
    heading 2: Assessed evidence
    table: Evidence claimed in this unit
      columnheaders: Evidence reference | Evidence title | Assessment method | In this unit
    heading 3: Assessment method key
  region: What you must cover
    table: What you must cover Evidence reference should be entered in the shaded areas below. \
You must cover all the points listed.
      heading 2: What you must cover
      columnheaders: No. | Statement | Evidence reference | \
1 You must provide examples of when the benefits of using customer service as a competitive tool enjoyed by \
customers are:
      rowheaders: 1a | 1b
      columnheaders: 2 Your evidence must include examples of competitive analysis involving:
      rowheaders: 2a | 2b
      columnheaders: 3 Your evidence must include examples of when you have used customer service actions as a \
competitive tool to attract or maintain:
      rowheaders: 3a | 3b | 3c
  region: What you must do
    table: What you must do Evidence reference should be entered in the shaded areas below. \
You must do all the points listed.
      heading 2: What you must do
      columnheaders: No. | Statement | Evidence reference | \
304.1 To organise customer service to gain a competitive advantage, you must:
      rowheaders: 304.1.1 | 304.1.2 | 304.1.3 | 304.1.4
      columnheaders: 304.2 To deliver a competitive service, you must:
      rowheaders: 304.2.1 | 304.2.2 | 304.2.3 | 304.2.4 | 304.2.5 | 304.2.6 | 304.2.7 | 304.2.8
  region: What you must know
    table: What you must know Evidence reference should be entered in the shaded areas below. \
You must know all the points listed.
      heading 2: What you must know
      columnheaders: No. | Statement | Evidence reference | \
304.3 To understand how to use customer service as a competitive tool, you must be able to:
      rowheaders: 304.3.1 | 304.3.2 | 304.3.3 | 304.3.4 | 304.3.5 | 304.3.6 | 304.3.7 | 304.3.8
  region: Confirmed, not ticked
    heading 2: Confirmed, not ticked
  region: How much there is
    heading 2: How much there is
    table: Occasions, oldest first
      columnheaders: When | Occasion | Customers | Methods | Evidence
      rowheaders: THE DAY
  region: Unit sign-off
    heading 2: Unit sign-off
    heading 3: Signature of candidate
    heading 3: Signature of assessor
    heading 3: Countersignature of assessor
    heading 3: Signature of IV (if sampled)
    heading 3: Countersignature of IV
    heading 3: Signature of EV (if sampled)
  complementary: Beside this page
    region: What you can do
      heading 2: What you can do
      button: Print this record
    navigation: On this page
      heading 2: On this page
contentinfo
"""

ADD_EVIDENCE = """
banner
navigation: Main
main
  navigation: Where you are
  heading 1: Add evidence
  group: What happened
    textbox: Title
    textbox: What happened
    textbox: Date
    textbox: Last date (optional)
    combobox: On what occasion? (optional)
    combobox: With which customer? (optional)
  group: What shows it
    button: Files (optional)
    textbox: Or where it is kept at work (optional)
    group: What kind of evidence is it?
      checkbox: Observation (O): your assessor watched you
      checkbox: Questioning (Q): your assessor asked you questions
      checkbox: Product Evidence (PE): something you made, wrote or used at work
      checkbox: Witness Testimony (WT): somebody at work says what they saw you do
      checkbox: Professional Discussion (PD): you and your assessor talked it through
    combobox: Witness (optional)
  group: Where it comes from
    group: Where does it come from?
      radio: Real job, paid or voluntary: your everyday work with real customers
      radio: Realistic working environment: a training shop or salon with real customers
      radio: Work placement: with an employer, as part of a course
      radio: Simulation: role play or an exercise
      radio: Staged emergency practice: a drill
    checkbox: This shows earlier learning (RPL)
  button: Save and choose criteria
  button: Save as draft
contentinfo
"""

SIGN_AS_ASSESSOR = """
banner
navigation: Main
main
  navigation: Where you are
  heading 1: Signature of assessor
  region: What is being signed
    heading 2: What is being signed
    heading 3: The statements
    heading 3: Whose record
  region: The evidence
    heading 2: The evidence
    heading 3: E1 Returned kettle at the counter
    heading 4: File, with the digest of its bytes (SHA-256)
  region: Confirmed, waived and named
    heading 2: Confirmed, waived and named
  region: What your signature seals
    heading 2: What your signature seals
    heading 3: Fingerprint of what you sign
    heading 3: Signatures that stand already
  heading 2: Sign
  textbox: Your full name
  textbox: Your password
  button: Sign this record
  complementary: Beside this page
    region: Signed so far
      heading 2: Signed so far
contentinfo
"""

SIGN_REFUSED = """
banner
navigation: Main
main
  navigation: Where you are
  heading 1: Signature of assessor
  alert: There is a problem
    heading 2: There is a problem
  region: What is being signed
    heading 2: What is being signed
    heading 3: The statements
    heading 3: Whose record
  region: The evidence
    heading 2: The evidence
    heading 3: E1 Returned kettle at the counter
    heading 4: File, with the digest of its bytes (SHA-256)
  region: Confirmed, waived and named
    heading 2: Confirmed, waived and named
  region: What your signature seals
    heading 2: What your signature seals
    heading 3: Fingerprint of what you sign
    heading 3: Signatures that stand already
  heading 2: Sign
  textbox: Your full name
  textbox: Your password
  button: Sign this record
  complementary: Beside this page
    region: Signed so far
      heading 2: Signed so far
contentinfo
"""


def reads(page: Page, expected: str) -> None:
    assert outline_of(page) == dedent(expected).strip()


def of_today(expected: str) -> str:
    """With the day on which the evidence happened (tests/evidence/builders.py)."""
    return expected.replace("THE DAY", f"{today() - timedelta(days=10):%d/%m/%Y}")


def test_the_record_page(world: World, visit: Callable[..., Page]) -> None:
    reads(visit(world.assessor, "record", ready(world).pk), of_today(RECORD))


def test_the_record_page_on_a_phone(world: World, visit: Callable[..., Page]) -> None:
    """The tables become lists to the eye; to a screen reader they stay tables with headers. Links to what stands above
    are left out: the aside comes last there (docs/design.md)."""
    without_links = RECORD.replace("    navigation: On this page\n      heading 2: On this page\n", "")
    assert without_links != RECORD
    reads(
        visit(world.assessor, "record", ready(world).pk, viewport={"width": 390, "height": 844}),
        of_today(without_links),
    )


def test_the_evidence_form(world: World, visit: Callable[..., Page]) -> None:
    reads(visit(world.candidate, "add_evidence", world.portfolio.pk), ADD_EVIDENCE)


def test_the_signing_page(world: World, visit: Callable[..., Page]) -> None:
    page = visit(world.assessor, "sign", candidate_signed(world).pk, "assessor")
    reads(page, SIGN_AS_ASSESSOR)
    page.get_by_role("button", name="Sign this record").click()
    page.get_by_role("alert").wait_for()
    reads(page, SIGN_REFUSED)


def test_help_and_errors_are_read_with_their_field(world: World, visit: Callable[..., Page]) -> None:
    """By the ids that Django puts in aria-describedby."""
    page = visit(world.candidate, "add_evidence", world.portfolio.pk)
    page.get_by_role("button", name="Save as draft").click()
    page.get_by_role("alert").wait_for()
    title = page.get_by_role("textbox", name="Title")
    ids = (title.get_attribute("aria-describedby") or "").split()
    words = " ".join(page.locator(f"#{one}").inner_text() for one in ids)
    assert "A few words that you will know it by" in words
    assert "Error:" in words
    assert title.get_attribute("aria-invalid") == "true"
