"""What opens Aisha's portfolio in the demo centre, and the centre's approved working environments (R7, R61)."""

from datetime import timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from centres.environments.actions import end_environment, record_environment
from centres.models import Membership
from desk.demo import papers
from desk.demo.cast import AWARDING_BODY
from desk.demo.clock import Story
from desk.demo.work import Work
from evidence.front_matter.actions import change_front_matter
from evidence.models import FrontMatterKind
from files.actions import store
from files.forms import HandedIn
from registrations.models import Portfolio


def approved_environments(coordinator: Membership) -> Story:
    """One that is approved, and one that no longer is."""
    yield 149
    salon = record_environment(
        name="Harbour salon",
        what_it_is="Hairdressing for the public by appointment, on Wednesdays and Fridays, at full price.",
        approved_by=AWARDING_BODY,
        approval_reference="Visit report, section 4",
        approved_on=timezone.localdate() - timedelta(days=300),
        by=coordinator,
    )
    record_environment(
        name="College shop, ground floor",
        what_it_is="Stationery and gifts, open to the public from Monday to Friday. Candidates staff the till.",
        approved_by=AWARDING_BODY,
        approval_reference="Visit report, section 4",
        approved_on=timezone.localdate() - timedelta(days=300),
        by=coordinator,
    )
    yield 70
    end_environment(environment=salon, ended_on=timezone.localdate(), by=coordinator)


def about_her_work(work: Work) -> Story:
    """A profile, bettered once, and the job description that her employer gave her."""
    seat, shop = work.candidate, work.shop
    portfolio = Portfolio.objects.get(centre=seat.centre, candidate=seat.person)
    yield 107
    profile = change_front_matter(
        portfolio=portfolio,
        kind=FrontMatterKind.CV,
        based_on=None,
        text=f"I work at {shop.name}.",
        by=seat,
    )
    yield 106
    change_front_matter(
        portfolio=portfolio,
        kind=FrontMatterKind.CV,
        based_on=profile.pk,
        text=(
            f"I have worked at {shop.name} for three years, first on Saturdays and since last spring full time. I "
            "sell, take in repairs, and look after whoever brings something back.\n\n"
            "Before that I was two years at the tills of a garden centre. I have a Level 2 in customer service and a "
            "first-aid certificate."
        ),
        by=seat,
    )
    yield 105
    content = papers.docx(
        title="Job description: sales adviser",
        byline=f"{shop.name}, {shop.site}",
        paragraphs=[
            "# What the job is for",
            "To advise customers on what suits them, to sell it, and to see to it that they are content afterwards.",
            "# What you answer for",
            "Advice and sales at the counter and by telephone.",
            "Returns and complaints up to the limits in the returns policy.",
            "Handing what you cannot settle to the shop manager on the same day.",
            "# Whom you report to",
            "The shop manager.",
        ],
    )
    name = "Job description.docx"
    file = HandedIn(store(upload=ContentFile(content, name=name), name=name, by=seat.person), name)
    change_front_matter(
        portfolio=portfolio, kind=FrontMatterKind.JOB_DESCRIPTION, based_on=None, text="", files=[file], by=seat
    )
