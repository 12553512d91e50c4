"""A witness asked, answering and disowning, by the real actions."""

import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from assessment.judging.actions import authenticate_witness
from evidence.items.actions import change_evidence
from evidence.models import Evidence, Testimony, TestimonyRequest, Witness
from evidence.testimonies.actions import Said, ask_witness, give_testimony
from evidence.testimonies.links import token_to_disown, token_to_testify
from tests.evidence.builders import World, add_a_witness, add_item, claim, offer, today, words

FILLED = {
    "name": "Wendy Witness",
    "job_role": "Shop manager",
    "relationship": "I am her manager",
    "contact": "01234 567890",
    "seen_on": "2026-01-05",
    "words": "She took the kettle back with a smile.",
    "is_confirmed": "on",
    "signed_name": "Wendy Witness",
}
ADDRESS = "wendy@marsh.example"


def link(request: TestimonyRequest) -> str:
    return reverse("testify", args=[token_to_testify(request)])


def not_me(testimony: Testimony) -> str:
    return reverse("disown_testimony", args=[token_to_disown(testimony)])


def item_for_witness(world: World, witness: Witness | None = None, **changed: Any) -> Evidence:
    """A draft of the candidate that a witness is to testify to, without any file."""
    return add_item(
        world,
        with_file=changed.pop("with_file", False),
        **{"methods": ["WT"], "witness": witness or add_a_witness(world), "title": "Kettle exchange"} | changed,
    )


def ask(world: World, evidence: Evidence, *, email: str = ADDRESS, last_request: int | None = None) -> TestimonyRequest:
    """Ask again, or for the first time, knowing of what was asked before."""
    latest = evidence.testimony_requests.first()
    known = (latest.pk if latest else 0) if last_request is None else last_request
    return ask_witness(evidence=evidence, email=email, last_request=known, by=world.candidate)


def said(**changed: Any) -> Said:
    """What a witness fills in."""
    return Said(
        **{
            "name": "Wendy Witness",
            "job_role": "Shop manager",
            "relationship": "I am her manager",
            "contact": "01234 567890",
            "seen_on": today() - datetime.timedelta(days=9),
            "words": "She took the kettle back with a smile and showed the customer the better one.",
            "signed_name": "wendy witness",
        }
        | changed
    )


def answered(world: World, evidence: Evidence) -> Testimony:
    """Asked and answered."""
    return give_testimony(request=ask(world, evidence), said=said())


def offered_testimony(world: World, *, cells: int = 2, is_authentic: bool = True) -> Evidence:
    """An item that carries a testimony, claimed and offered; its witness authenticated by the assessor (R20a)."""
    evidence = item_for_witness(world)
    answered(world, evidence)
    claim(world, evidence, world.criteria[:cells])
    evidence = offer(world, evidence)
    if is_authentic:
        witness = evidence.current_version.witness
        authenticate_witness(witness=witness, how="Rang the shop", by=world.assessor)
    return Evidence.objects.get(pk=evidence.pk)


def again[Row: Any](row: Row) -> Row:
    """The row as it is now."""
    return type(row).objects.get(pk=row.pk)


def change(world: World, evidence: Evidence, **changed: Any) -> Evidence:
    """The candidate changes or replaces the item, without files unless some are named."""
    evidence = again(evidence)
    files = changed.pop("files", [])
    return change_evidence(
        evidence=evidence,
        revision=evidence.revision,
        files=files,
        by=world.candidate,
        **words(methods=["WT"], witness=evidence.current_version.witness, title="Kettle exchange") | changed,
    )


def expire(request: TestimonyRequest) -> None:
    """Its days have passed: nobody may ask in the past, so it is moved there."""
    TestimonyRequest.objects.filter(pk=request.pk).update(
        asked_at=timezone.now() - datetime.timedelta(days=15), expires_at=timezone.now() - datetime.timedelta(days=1)
    )
