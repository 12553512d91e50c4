"""Aisha's manager in the demo centre: asked by email, answered once, and asked about something else since."""

from datetime import timedelta

from django.utils import timezone

from desk.demo.clock import Story
from desk.demo.items import Item
from desk.demo.work import Work
from evidence.models import Evidence, TestimonyRequest
from evidence.testimonies.actions import Said, ask_witness, give_testimony


def a_word_from_the_manager(work: Work) -> Story:
    """One testimony that waits for judgement, and one item whose witness has not answered yet."""
    shop = work.shop
    yield 5.5
    counter = work.add(_seen("At the counter with my manager", f"I sold {shop.better} to two of three who came in."))
    asked = _ask(work, counter)
    yield 4.5
    give_testimony(
        request=asked,
        said=Said(
            name=shop.manager,
            job_role=shop.manager_role,
            relationship="I have been her manager for two years",
            contact=shop.manager_contact,
            seen_on=timezone.localdate() - timedelta(days=3),
            words=(
                f"I stood at the next till that day. Three people asked about {shop.better}, and each time she asked "
                "them first what they wanted it for. She never ran the other shops down; she said what we do that they "
                f"do not, and left it at that.\n\nTwo of the three bought {shop.better}, and one took {shop.extra} too."
            ),
            signed_name=shop.manager,
        ),
    )
    yield 4.2
    work.claim(counter, {"304.2.1": "second sentence", "304.3.6": "first paragraph"})
    work.offer_draft(counter)
    yield 1.2
    _ask(work, work.add(_seen("Showing a colleague how", f"{shop.colleague} learnt how we offer {shop.care}.")))


def _seen(title: str, what: str) -> Item:
    return Item(
        title=title, methods=["WT"], what_happened=what, happened_days_ago=2, files=[], claims={}, has_witness=True
    )


def _ask(work: Work, evidence: Evidence) -> TestimonyRequest:
    return ask_witness(evidence=evidence, email=work.shop.manager_contact, last_request=0, by=work.candidate)
