"""Who is told what, once, and from the rows as they stand when the message is made."""

import re
from collections.abc import Callable
from dataclasses import replace
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from unittest.mock import patch

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection

from centres.models import Role
from centres.people.actions import end_role, invite, withdraw_invitation
from centres.people.invitations import invitation_from
from desk.models import NoticeCursor
from desk.notices import deliver, pass_over
from desk.signature_copies import copies_of_signatures
from desk.tasks import deliver_notices
from evidence.items.actions import change_evidence
from ledger.anchors import read_anchor
from ledger.chains import HEADS, centre_chain
from ledger.events import EventType
from ledger.models import Chain
from ledger.queries import events_in
from ledger.verify import verify_chain
from signoff.actions import mark_sample
from signoff.models import Signature
from tests.evidence.builders import World, add_offered_item, hand_in, words
from tests.signoff.builders import (
    awaiting_countersignature,
    candidate_signed,
    complete,
    judge,
    ready,
)

pytestmark = pytest.mark.engine("order")


@pytest.fixture
def told(world: World) -> World:
    """The world, of which everybody has been told."""
    pass_over(Chain.objects.values_list("key", flat=True))
    return world


def test_an_invitation_is_mailed_with_a_link_that_names_it(told: World):
    invitation = invite(email="nora@example.org", name="Nora <b>New</b>", role=Role.ASSESSOR, by=told.coordinator)
    assert deliver(centre_chain(told.centre.pk)) == 1
    (message,) = mail.outbox
    assert message.to == ["nora@example.org"]
    assert message.subject == "Northgate College invites you as an assessor"
    link = next(word for word in message.body.split() if word.startswith("http"))
    assert invitation_from(link.rstrip("/").rpartition("/")[2]) == invitation
    # Text stays as typed; HTML shows it as text.
    assert "Nora <b>New</b>" in message.body
    ((html, kind),) = message.alternatives
    assert kind == "text/html"
    assert "Nora &lt;b&gt;New&lt;/b&gt;" in html
    assert link in html


def test_an_invitation_withdrawn_meanwhile_is_not_mailed(told: World):
    invitation = invite(email="nora@example.org", name="Nora", role=Role.ASSESSOR, by=told.coordinator)
    withdraw_invitation(invitation=invitation, by=told.coordinator)
    assert deliver(centre_chain(told.centre.pk)) == 0


def test_nothing_is_told_twice(told: World):
    invite(email="nora@example.org", name="Nora", role=Role.ASSESSOR, by=told.coordinator)
    chain = centre_chain(told.centre.pk)
    assert [deliver(chain), deliver(chain)] == [1, 0]
    assert NoticeCursor.objects.get(chain=chain).sequence == events_in(chain).count()


def test_a_mail_server_that_is_away_loses_nothing(told: World):
    invite(email="nora@example.org", name="Nora", role=Role.ASSESSOR, by=told.coordinator)
    chain = centre_chain(told.centre.pk)
    with (
        patch("django.core.mail.EmailMultiAlternatives.send", side_effect=SMTPServerDisconnected),
        pytest.raises(SMTPServerDisconnected),
    ):
        deliver(chain)
    assert deliver(chain) == 1


def test_an_address_that_is_refused_does_not_hold_up_the_others(told: World):
    invite(email="nora@example.org", name="Nora", role=Role.ASSESSOR, by=told.coordinator)
    chain = centre_chain(told.centre.pk)
    with patch("django.core.mail.EmailMultiAlternatives.send", side_effect=SMTPRecipientsRefused({})):
        deliver(chain)
    assert NoticeCursor.objects.get(chain=chain).sequence == events_in(chain).count()


def test_what_was_returned_comes_in_one_message_for_each_item(told: World):
    first = add_offered_item(told, criteria=told.criteria[:3])
    second = add_offered_item(told, criteria=told.criteria[3:4])
    judge(first, by=told.assessor, is_accepted=False, comment="Which customer was it?")
    judge(second, by=told.assessor)
    assert deliver(told.portfolio.chain) == 1
    (message,) = mail.outbox
    assert message.to == [told.candidate.person.email]
    assert message.subject == f"{first.reference} was returned to you"
    for criterion in told.criteria[:3]:
        assert f"{criterion.label}: Which customer was it?" in message.body
    assert f"/evidence/{first.pk}/" in message.body


def test_what_was_mended_meanwhile_is_not_told(told: World):
    item = add_offered_item(told, criteria=told.criteria[:1])
    judge(item, by=told.assessor, is_accepted=False, comment="Which customer was it?")
    item.refresh_from_db()
    change_evidence(
        evidence=item,
        revision=item.revision,
        why="Named her",
        files=[hand_in(told.candidate)],
        by=told.candidate,
        **words(title="Mrs Price and the kettle"),
    )
    assert deliver(told.portfolio.chain) == 0


def test_the_candidate_is_told_when_the_gate_opens(told: World):
    ready(told)
    deliver(told.portfolio.chain)
    assert [(message.to, message.subject) for message in mail.outbox] == [
        ([told.candidate.person.email], "Unit 304 is ready for your signature")
    ]


def due() -> list[EmailMessage]:
    """What was sent, without the signers' own copies."""
    return [message for message in mail.outbox if not message.subject.startswith("Your signature on")]


def test_the_next_signer_is_told_and_nobody_before_them(told: World):
    record = candidate_signed(told)
    deliver(told.portfolio.chain)
    (message,) = due()
    assert message.to == [told.assessor.person.email]
    assert message.subject == "Unit 304 of Carla Candidate waits for your signature"
    assert f"/records/{record.pk}/" in message.body


def test_everybody_who_could_countersign_is_told(told: World):
    record = awaiting_countersignature(told)
    deliver(record.portfolio.chain)
    assert sorted(message.to[0] for message in due()) == sorted(
        [told.assessor.person.email, told.countersigner.person.email]
    )
    assert "1 other at your centre can give it too" in due()[0].body


def test_who_has_left_is_not_told(told: World):
    record = awaiting_countersignature(told)
    end_role(membership=told.countersigner, by=told.coordinator)
    deliver(record.portfolio.chain)
    assert [message.to for message in due()] == [[told.assessor.person.email]]


def test_the_iv_is_told_of_a_record_only_once_it_is_drawn(told: World):
    record = complete(told)
    deliver(told.portfolio.chain)
    assert due() == []
    mark_sample(record_id=record.pk, reason="Ten per cent", by=told.iv)
    deliver(told.portfolio.chain)
    assert [message.to for message in due()] == [[told.iv.person.email]]


def test_whoever_signs_gets_a_copy_with_the_ledger_entry(told: World):
    """Q26; HOUSE decided 3: the entry is a head of the chain, kept outside the system."""
    record = complete(told)
    deliver(told.portfolio.chain)
    copies = [message for message in mail.outbox if message not in due()]
    assert [message.to for message in copies] == [[told.candidate.person.email], [told.assessor.person.email]]
    for message, signature in zip(copies, Signature.objects.filter(record=record).order_by("pk"), strict=True):
        assert message.subject == "Your signature on unit 304 of Carla Candidate"
        entry = re.search(r"Ledger entry: (\S+)", message.body)[1]
        html = message.alternatives[0][0]
        assert signature.statement in message.body
        for said in (signature.statement.splitlines()[0], signature.snapshot_digest, entry, f"/records/{record.pk}/"):
            assert said in message.body
            assert said in html
        assert verify_chain(told.portfolio.chain, kept=[read_anchor(entry)]).state == "sound"
        other = replace(read_anchor(entry), digest="0" * 64)
        assert verify_chain(told.portfolio.chain, kept=[other]).state == "broken"


def test_copies_take_the_same_queries_for_each_signer(told: World, django_assert_num_queries):
    complete(told)
    signed = list(events_in(told.portfolio.chain).filter(type=EventType.RECORD_SIGNED))
    for events in (signed[:1], signed):
        # Whether the record opens to the signer is asked of each.
        with django_assert_num_queries(1 + 2 * len(events)):
            assert len(list(copies_of_signatures(events))) == len(events)


def test_the_task_seals_the_heads_and_does_not_run_after_itself(told: World):
    add_offered_item(told)
    deliver_notices.call(told.portfolio.chain)
    sealed = events_in(HEADS).count()
    assert sealed >= 1
    deliver_notices.call(HEADS)
    deliver_notices.call(told.portfolio.chain)
    assert events_in(HEADS).count() == sealed


def test_committing_tells(told: World, django_capture_on_commit_callbacks):
    # What the making of the world has promised for this chain would stand for ours too.
    connection.run_on_commit.clear()
    with django_capture_on_commit_callbacks(execute=True):
        invite(email="nora@example.org", name="Nora", role=Role.IV, by=told.coordinator)
    assert [message.to for message in mail.outbox] == [["nora@example.org"]]


@pytest.mark.parametrize(
    ("reach", "who"), [(candidate_signed, "assessor"), (ready, "candidate")], ids=["assessor", "candidate"]
)
def test_whoever_is_named_and_has_left_is_told_nothing(told: World, reach: Callable[[World], object], who: str):
    """Their name stays on the registration until it is reassigned; what goes on there is no longer theirs (R64)."""
    reach(told)
    end_role(membership=getattr(told, who), by=told.coordinator)
    deliver(told.portfolio.chain)
    assert due() == []


def test_a_candidate_who_has_left_is_not_told_of_what_was_returned(told: World):
    judge(add_offered_item(told, criteria=told.criteria[:1]), by=told.assessor, is_accepted=False, comment="Which one?")
    end_role(membership=told.candidate, by=told.coordinator)
    assert deliver(told.portfolio.chain) == 0
