"""What stands on record of the demo centre's staff, and an appeal that is being heard (R36, R53)."""

from django.core.files.base import ContentFile
from django.utils import timezone

from centres.authority.actions import file_certificate, note_competence
from centres.models import Award, CompetenceKind, Membership
from desk.demo import papers
from desk.demo.cast import DAN, JUDITH, PRIYA, Seats
from desk.demo.clock import Story
from desk.demo.work import Work
from files.actions import store
from files.forms import HandedIn
from registrations.cases.actions import add_case_step, open_appeal


def competence_on_record(seats: Seats) -> Story:
    """The certificate of the assessor, and lines that the assessor and the IV added themselves."""
    yield 147
    by, person = seats[PRIYA], seats[DAN].person
    name = "a1-certificate.pdf"
    content = papers.pdf(
        title="Copy of a certificate",
        organisation=by.centre.awarding_body,
        parts=[papers.Part("A1 Assess candidates using a range of methods", paragraphs=[f"Awarded to {person.name}"])],
    )
    copy = store(upload=ContentFile(content, name=name), name=name, by=by.person)
    award = Award.objects.get(person=person, centre=by.centre)
    file_certificate(award=award, certificate=HandedIn(copy, name), by=by)
    yield 60
    for who, kind, what in (
        (DAN, CompetenceKind.OCCUPATIONAL, "Two days at the returns desk of Tidewater Home"),
        (JUDITH, CompetenceKind.CPD, "Standardisation meeting on unit 304"),
    ):
        seat = seats[who]
        note_competence(person=seat.person, kind=kind, what=what, happened_on=timezone.localdate(), by=seat)


def an_appeal(work: Work, coordinator: Membership) -> Story:
    """The candidate does not agree with a claim that was returned; the coordinator has heard both."""
    yield 4
    case = open_appeal(
        registration=work.registration,
        title="A claim that was returned",
        what="I think that the item shows how I found out what the customer needed. I asked her, and wrote it down.",
        by=work.candidate,
    )
    yield 3
    add_case_step(
        case=case,
        on=timezone.localdate(),
        what="I have talked to both. The internal verifier looks at the item this week.",
        by=coordinator,
    )
