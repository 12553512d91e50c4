"""Who is told by mail of an unlocking, a hand-over and a case (R48, R54, Q23)."""

from collections.abc import Callable

import pytest
from django.core import mail

from centres.models import Membership, Role
from centres.people.actions import end_role, give_role
from desk.notices import deliver, pass_over
from evidence import models
from evidence.testimonies.actions import suspend_testimony
from ledger.chains import centre_chain
from ledger.models import Chain
from registrations.access.actions import end_access
from registrations.cases.actions import add_case_step, close_case, open_appeal, open_case
from registrations.models import UnitRecord
from signoff.actions import mark_sample, unlock
from signoff.handover.leavers import pass_on as hand_over
from signoff.handover.queries import handover_items
from signoff.handover.reassigning import reassign_unit
from signoff.models import Slot
from signoff.queries import record_page
from tests.evidence.builders import World, approve, join, register, today
from tests.evidence.testifying import offered_testimony
from tests.signoff.builders import (
    again,
    candidate_signed,
    complete,
    confirm_sufficient,
    externally_verified,
    judge,
    sign_line,
    verified,
)

pytestmark = pytest.mark.engine("order")


def quiet(world: World) -> None:
    """Everybody has been told of everything so far."""
    pass_over(Chain.objects.values_list("key", flat=True))
    mail.outbox.clear()


def told(chain: str) -> dict[str, str]:
    """The messages in the chain, by address and subject; both parts say the same, as text and as HTML."""
    deliver(chain)
    for message in mail.outbox:
        ((html, _),) = message.alternatives
        assert html.count("<h1") == 1
    return {f"{message.to[0].split('.')[0]}: {message.subject}": message.body for message in mail.outbox}


UNLOCKINGS: list[tuple[Callable[[World], UnitRecord], str, set[str]]] = [
    (candidate_signed, "assessor", {"carla"}),
    (complete, "assessor", {"carla"}),
    (complete, "coordinator", {"carla", "anna"}),
    (verified, "coordinator", {"carla", "anna", "ivor"}),
]


@pytest.mark.parametrize(("reach", "by", "to"), UNLOCKINGS)
def test_an_unlocking_is_told_to_all_whom_it_concerns(
    world: World, reach: Callable[[World], UnitRecord], by: str, to: set[str]
) -> None:
    record = reach(world)
    quiet(world)
    unlock(record_id=record.pk, reason="The <b>date</b> was wrong", by=getattr(world, by))
    messages = told(world.portfolio.chain)
    assert set(messages) == {f"{name}: Unit 304 of Carla Candidate was unlocked" for name in to}
    for message in mail.outbox:
        assert "The <b>date</b> was wrong" in message.body
        assert "The &lt;b&gt;date&lt;/b&gt; was wrong" in message.alternatives[0][0]
        assert f"/records/{record.pk}/" in message.body
    carlas = messages["carla: Unit 304 of Carla Candidate was unlocked"]
    assert "Yours was: Signature of candidate." in carlas
    assert "Anna Assessor looks at the work again." in carlas
    if "anna" in to:
        assert "Look at the work again and confirm it." in messages["anna: Unit 304 of Carla Candidate was unlocked"]


@pytest.mark.stage(reach=complete)
def test_whoever_has_left_is_not_told_of_an_unlocking(world: World) -> None:
    record = world.record
    end_role(membership=world.assessor, by=world.coordinator)
    quiet(world)
    unlock(record_id=record.pk, reason="Wrong", by=world.coordinator)
    messages = told(world.portfolio.chain)
    assert set(messages) == {"carla: Unit 304 of Carla Candidate was unlocked"}
    (carlas,) = messages.values()
    assert "Anna Assessor is not an assessor there any more: the coordinator names another" in carlas


@pytest.mark.stage(reach=externally_verified)
def test_an_ev_whose_visit_is_over_is_not_told_what_was_the_matter(world: World) -> None:
    """Q25: their signature is void, which they are told; the reason is for who may read the record."""
    record = world.record
    for opened in world.ev.person.access_grants.filter(ended_at=None):
        end_access(grant=opened, by=world.coordinator)
    quiet(world)
    unlock(record_id=record.pk, reason="Carla was ill", by=world.coordinator)
    messages = told(world.portfolio.chain)
    evs = messages["eva: Unit 304 of Carla Candidate was unlocked"]
    assert "Every signature on it is void. Yours was: " in evs
    assert not any(words in evs for words in ("Carla was ill", "The reason", "/records/"))
    assert "Carla was ill" in messages["carla: Unit 304 of Carla Candidate was unlocked"]


def test_each_who_takes_over_is_told_of_their_own(world: World) -> None:
    """Whom the leaver assessed and whom they verified go to two people; nobody's assessor is another without need."""
    both = Membership.objects.select_related("person", "centre").get(
        pk=give_role(person=world.assessor.person, role=Role.IV, by=world.coordinator).pk
    )
    approve(world.coordinator, both, world.unit, award="V1")
    approve(world.coordinator, world.other_iv, world.unit)
    nora = join(world.coordinator, Role.CANDIDATE, "Nora Newcomer")
    register(world.coordinator, nora, assessor=world.countersigner, iv=both, units=[world.unit])
    quiet(world)
    to = {"assessor": world.countersigner.person, "iv": world.other_iv.person}
    items = handover_items(person=world.assessor.person, seat=world.coordinator, **to)
    hand_over(
        person=world.assessor.person, items=[one.key for one in items], why="She left", by=world.coordinator, **to
    )
    messages = told(centre_chain(world.centre.pk))
    work = "The work of Anna Assessor was handed over to you"
    assert set(messages) == {
        f"connie: {work}",
        f"olive: {work}",
        "carla: Your assessor is now Connie Countersigner",
    }
    assert ("Carla" in messages[f"connie: {work}"], "Nora" in messages[f"connie: {work}"]) == (True, False)
    assert ("Carla" in messages[f"olive: {work}"], "Nora" in messages[f"olive: {work}"]) == (False, True)


def test_a_disowned_testimony_reaches_somebody_though_the_assessor_has_left(world: World) -> None:
    """R20a: on what is signed the coordinator is told too, and nobody is asked to sign it meanwhile."""
    judge(offered_testimony(world, cells=len(world.criteria)), by=world.assessor)
    confirm_sufficient(world.record, by=world.assessor)
    sign_line(world.record, Slot.CANDIDATE, by=world.candidate)
    sign_line(world.record, Slot.ASSESSOR, by=world.assessor)
    mark_sample(record_id=world.record.pk, reason="Ten per cent", by=world.iv)
    end_role(membership=world.assessor, by=world.coordinator)
    quiet(world)
    suspend_testimony(testimony=models.Testimony.objects.get())
    messages = told(world.portfolio.chain)
    cora = world.coordinator.person.email.split(".")[0]
    assert set(messages) == {f"{cora}: A testimony on E1 of Carla Candidate is suspended"}
    assert "unit 304" in messages[f"{cora}: A testimony on E1 of Carla Candidate is suspended"]
    page = record_page(world.record.pk, world.iv)
    assert page.next_step == "Nobody can sign: the testimony in E1 is suspended."


@pytest.mark.stage(reach=complete)
def test_a_hand_over_is_told_once_to_who_takes_over_and_to_the_candidates(world: World) -> None:
    """Q23, PRACTICE §5.9: however many registrations change hands."""
    record = world.record
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    quiet(world)
    items = handover_items(
        person=world.assessor.person, seat=world.coordinator, assessor=world.countersigner.person, iv=None
    )
    hand_over(
        person=world.assessor.person,
        assessor=world.countersigner.person,
        iv=None,
        items=[item.key for item in items],
        why="Anna has moved on",
        by=world.coordinator,
    )
    messages = told(centre_chain(world.centre.pk))
    assert set(messages) == {
        "connie: The work of Anna Assessor was handed over to you",
        "carla: Your assessor is now Connie Countersigner",
    }
    connies = messages["connie: The work of Anna Assessor was handed over to you"]
    assert "Anna has moved on" in connies
    assert "- Carla Candidate" in connies
    assert "as assessor" in connies


@pytest.mark.stage(reach=complete)
def test_a_signature_that_waits_is_told_to_whoever_it_waits_for_now(world: World) -> None:
    record = world.record
    mark_sample(record_id=record.pk, reason="Ten per cent", by=world.iv)
    approve(world.coordinator, world.other_iv, world.unit)
    quiet(world)
    reassign_unit(
        record_id=record.pk,
        own_assessor=None,
        own_iv=world.other_iv.person,
        why="Ivor is away",
        by=world.coordinator,
    )
    assert set(told(world.portfolio.chain)) == {"olive: Unit 304 of Carla Candidate waits for your signature"}


def test_an_appeal_is_told_to_the_coordinator_and_its_course_to_the_candidate(world: World) -> None:
    """R54. What it says stays behind the sign-in."""
    quiet(world)
    chain = world.portfolio.chain
    case = open_appeal(
        registration=world.registration, title="E4 returned twice", what="It shows 1.1.", by=world.candidate
    )
    cora = world.coordinator.person.email.split(".")[0]
    opened = told(chain)
    assert set(opened) == {f"{cora}: Appeal {case.pk} was opened"}
    assert f"/cases/{case.pk}/" in opened[f"{cora}: Appeal {case.pk} was opened"]
    mail.outbox.clear()
    add_case_step(case=case, on=today(), what="Asked Anna", by=world.coordinator)
    assert set(told(chain)) == {f"carla: Appeal {case.pk} has gone on"}
    mail.outbox.clear()
    close_case(case=case, on=today(), outcome="Upheld", by=world.coordinator)
    assert set(told(chain)) == {f"carla: Appeal {case.pk} was closed"}
    assert not any(word in body for body in told(chain).values() for word in ("1.1", "Anna", "Upheld"))


def test_suspected_malpractice_is_told_to_nobody_it_is_about(world: World) -> None:
    second = join(world.coordinator, Role.COORDINATOR, "Cecil Second")
    quiet(world)
    case = open_case(
        kind="malpractice",
        title="Two reports alike",
        what="The words of E3 stand in another portfolio.",
        opened_on=today(),
        registration=world.registration,
        person=None,
        by=second,
    )
    cora = world.coordinator.person.email.split(".")[0]
    assert set(told(centre_chain(world.centre.pk))) == {f"{cora}: Suspected malpractice {case.pk} was opened"}


@pytest.mark.stage(reach=complete)
def test_the_copy_of_a_new_signature_still_goes_out_after_an_unlocking(world: World) -> None:
    """One chain, several kinds of message in one go."""
    record = world.record
    quiet(world)
    unlock(record_id=record.pk, reason="Wrong", by=world.assessor)
    confirm_sufficient(record, by=world.assessor)
    sign_line(record, Slot.CANDIDATE, by=world.candidate)
    assert again(record).state == "candidate_signed"
    assert set(told(world.portfolio.chain)) == {
        "carla: Your signature on unit 304 of Carla Candidate",
        "carla: Unit 304 of Carla Candidate was unlocked",
        "anna: Unit 304 of Carla Candidate waits for your signature",
    }
