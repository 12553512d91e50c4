"""Signed records in the demo centre: what Dan saw, asked and agreed with Aisha, and what she must leave at work."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from assessment.discussions.actions import agree_discussion
from assessment.method_records.actions import About, add_note, record_method
from assessment.method_records.kinds import MethodKind
from assessment.models import MethodRecord
from assessment.questions.actions import add_question
from centres.models import Membership
from desk.demo.clock import Story
from desk.demo.work import Work
from evidence.claims.actions import add_claim
from evidence.items.actions import add_evidence, offer_evidence
from evidence.models import Evidence, EvidenceState
from registrations.models import Portfolio, UnitRecord
from units.models import Criterion, Unit

_QUESTIONS = (
    "Where do you look up what a service costs, and how do you know that it is up to date?",
    "What would you do if a customer asked for something that the shop does not offer?",
    "Why does it matter to the shop that a customer knows the whole offer?",
)


def signed_records(work: Work, twin: Unit) -> Story:
    """Questions kept and asked, an observation, a discussion agreed, a statement, and a binder that stays at work."""
    assessor, candidate, shop = work.assessor, work.candidate, work.shop
    portfolio = Portfolio.objects.get(centre=work.registration.centre, candidate=candidate.person)
    yield 1.9
    for number, text in enumerate(_QUESTIONS):
        add_question(text=text, unit=twin if number == 2 else None, by=assessor)
    asked = _sign(
        portfolio,
        MethodKind.QUESTIONING,
        f"Questions at {shop.name}",
        {
            "where": "Staff room, after closing",
            "questions": [
                {
                    "question": _QUESTIONS[0],
                    "answer": "In the price book by the till. The manager signs each new page, so I look for the date.",
                    "satisfactory": "yes",
                },
                {
                    "question": _QUESTIONS[1],
                    "answer": "I say so, tell them who does offer it, and write it down for the Monday meeting.",
                    "satisfactory": "yes",
                },
            ],
        },
        assessor,
    )
    _claim(asked, work.record, "304.3.5", "question 1", assessor)
    yield 1.6
    seen = _sign(
        portfolio,
        MethodKind.OBSERVATION,
        "Saturday morning on the shop floor",
        {
            "where": f"Shop floor, {shop.name}",
            "at": "10:15",
            "steps": [
                {"step": "Greeted two customers within a minute and asked what had brought them in."},
                {"step": "Compared two models aloud, with what each costs to run, and let the customer choose."},
                {"step": "Reminded the customer of the free check after six months; wrote the date on the receipt."},
            ],
            "not_seen": "Nobody complained, so I did not see how a complaint is dealt with.",
        },
        assessor,
    )
    _claim(seen, work.record, "304.2.3", "step 2", assessor)
    yield 1.3
    agree_discussion(
        portfolio=portfolio,
        planned_for=timezone.localdate() + timedelta(days=9),
        areas=["What makes our offer different from others", "Promises to customers, and how they are kept"],
        form_key=uuid4(),
        by=assessor,
    )
    yield 1
    draft = Evidence.objects.filter(portfolio=portfolio, state=EvidenceState.DRAFT).latest("number")
    add_note(
        evidence=draft,
        kind=MethodKind.STATEMENT,
        form_key=uuid4(),
        body={"text": "I made the telephone call myself and chose whom to recommend. My manager was not there."},
        typed_name=candidate.person.name,
        by=candidate,
    )
    binder = add_evidence(
        portfolio=portfolio,
        form_key=uuid4(),
        title="Complaints that I dealt with in autumn",
        methods=["PE"],
        setting="real_job",
        happened_from=timezone.localdate() - timedelta(days=30),
        happened_to=timezone.localdate() - timedelta(days=2),
        what_happened="Four complaints, each with what I offered and what the customer said to it.",
        kept_at="Complaints binder, pages 12 to 15, manager’s office",
        by=candidate,
    )
    work.claim(binder, {"304.2.5": "pages 12 and 14"})
    binder.refresh_from_db()
    offer_evidence(evidence=binder, revision=binder.revision, by=candidate)


def _sign(portfolio: Portfolio, kind: MethodKind, title: str, body: dict[str, object], by: Membership) -> MethodRecord:
    return record_method(
        portfolio=portfolio,
        kind=kind,
        form_key=uuid4(),
        about=About(title=title, happened_from=timezone.localdate(), setting="real_job"),
        body=body,
        typed_name=by.person.name,
        by=by,
    )


def _claim(signed: MethodRecord, record: UnitRecord, label: str, locator: str, by: Membership) -> None:
    add_claim(
        evidence=signed.version.evidence,
        record=record,
        criterion=next(
            one
            for one in Criterion.objects.filter(group__unit=record.unit).select_related("group")
            if one.label == label
        ),
        locator=locator,
        by=by,
    )
