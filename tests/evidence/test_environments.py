"""Evidence from a realistic working environment names one of the centre's, and its assessor is warned if not (R7)."""

import datetime
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from assessment.method_records.kinds import MethodKind
from assessment.models import MethodRecord
from centres.environments.actions import end_environment, record_environment
from centres.models import RealisticWorkingEnvironment
from evidence.environments import why_doubtful
from evidence.items.actions import add_evidence, change_evidence
from evidence.models import Evidence, EvidenceVersion
from signoff.contents import contents_of_record
from signoff.snapshot import snapshot_of
from tests.evidence.builders import World, add_item, add_offered_item, hand_in, today, words
from tests.evidence.pages import add_url, text_of, typed
from tests.evidence.test_method_record_pages import typed as typed_record

DAY = datetime.date(2026, 3, 10)


def shop(world: World, **changed: Any) -> RealisticWorkingEnvironment:
    """An environment on the register of the candidate's centre."""
    entry: dict[str, Any] = {
        "name": "Training shop",
        "what_it_is": "A shop on the ground floor",
        "approved_by": "City and Guilds",
        "approved_on": today() - timedelta(days=100),
        "by": world.coordinator,
    }
    return record_environment(**entry | changed)


def named(item: Evidence) -> RealisticWorkingEnvironment | None:
    return EvidenceVersion.objects.get(current_of=item).environment


# --- The warning ------------------------------------------------------------------------------------------------------


def an_environment(approved_on: datetime.date, ended_on: datetime.date | None) -> RealisticWorkingEnvironment:
    return RealisticWorkingEnvironment(name="Training shop", approved_on=approved_on, ended_on=ended_on)


@pytest.mark.parametrize(
    ("approved", "ended", "first", "last", "said"),
    [
        (0, None, 0, 0, ""),
        (-5, 5, -5, 5, ""),
        (1, None, 0, 0, "was approved on 11/03/2026, after this happened"),
        (0, None, -1, 3, "was approved on 10/03/2026, after this began"),
        (-5, 5, 4, 6, "from 05/03/2026 to 15/03/2026"),
        (-5, 5, 6, 6, "from 05/03/2026 to 15/03/2026"),
    ],
)
def test_one_not_approved_on_the_day_is_said(
    approved: int, ended: int | None, first: int, last: int, said: str
) -> None:
    days = [DAY + timedelta(days=number) for number in (approved, first, last)]
    found = why_doubtful(an_environment(days[0], None if ended is None else DAY + timedelta(days=ended)), *days[1:])
    assert said in found
    assert bool(said) is bool(found)


@given(*[st.dates(datetime.date(2020, 1, 1), datetime.date(2030, 1, 1))] * 3, st.none() | st.dates())
def test_there_is_no_warning_exactly_where_every_day_was_approved(
    approved: datetime.date, one: datetime.date, other: datetime.date, ended: datetime.date | None
) -> None:
    first, last = sorted([one, other])
    is_fine = approved <= first and (ended is None or last <= ended)
    assert (why_doubtful(an_environment(approved, ended), first, last) == "") is is_fine


@pytest.mark.parametrize("setting", ["real_job", "placement", "rwe"])
def test_only_evidence_from_an_rwe_is_asked_about(world: World, setting: str) -> None:
    version = EvidenceVersion.objects.get(current_of=add_item(world, setting=setting))
    assert ("does not say which" in version.environment_warning) is (setting == "rwe")


def test_the_assessor_is_warned_where_they_judge_and_may_accept_all_the_same(world: World) -> None:
    item = add_offered_item(world, world.criteria[:1], setting="rwe", environment=None)
    assessor = world.client(world.assessor)
    for page in ("judge", "evidence"):
        assert "does not say which" in text_of(assessor.get(reverse(page, args=[item.pk])))
    late = shop(world, approved_on=today())
    item = add_offered_item(world, world.criteria[:1], setting="rwe", environment=late)
    for page in ("judge", "evidence"):
        assert "after this happened" in text_of(assessor.get(reverse(page, args=[item.pk])))


def test_one_that_was_approved_is_shown_without_a_warning(world: World) -> None:
    item = add_offered_item(world, world.criteria[:1], setting="rwe", environment=shop(world))
    for seat, page in ((world.assessor, "judge"), (world.assessor, "evidence"), (world.candidate, "evidence")):
        shown = text_of(world.client(seat).get(reverse(page, args=[item.pk])))
        assert "Training shop, approved by City and Guilds" in shown
        assert "does not say which" not in shown


# --- Naming it --------------------------------------------------------------------------------------------------------


def test_the_form_offers_the_centres_own_and_keeps_what_was_chosen(world: World, browser: Client) -> None:
    assert 'name="environment"' not in browser.get(add_url(world)).content.decode()
    ours, foreign = shop(world), shop(world, name="Salon", by=world.foreign_coordinator)
    ended = shop(world, name="Old shop")
    end_environment(environment=ended, ended_on=today(), by=world.coordinator)
    page = text_of(browser.get(add_url(world)))
    assert re.findall(r'<option value="(\d+)">((?:Tr|Old|Sa)[^<]*)', page) == [
        (str(ended.pk), f"Old shop (until {today():%d/%m/%Y})"),
        (str(ours.pk), "Training shop"),
    ]
    refused = browser.post(add_url(world), typed(setting="rwe", environment=foreign.pk))
    assert refused.status_code == 422
    refused = browser.post(add_url(world), typed(setting="rwe", environment=ours.pk, title=""))
    assert refused.status_code == 422
    assert f'<option value="{ours.pk}" selected>' in text_of(refused)
    browser.post(add_url(world), typed(setting="rwe", environment=ours.pk))
    assert named(Evidence.objects.get()) == ours


def test_another_setting_names_none(world: World) -> None:
    ours = shop(world)
    item = add_item(world, setting="real_job", environment=ours)
    assert named(item) is None
    with pytest.raises(IntegrityError, match="version_environment_of_rwe"), transaction.atomic():
        EvidenceVersion.objects.filter(current_of=item).update(environment=ours)


def test_another_centres_is_refused(world: World) -> None:
    foreign = shop(world, by=world.foreign_coordinator)
    with pytest.raises(ValidationError) as refusal:
        add_item(world, setting="rwe", environment=foreign)
    assert set(refusal.value.error_dict) == {"environment"}
    assert not Evidence.objects.exists()


def test_another_environment_makes_another_version(world: World, browser: Client) -> None:
    """Q22; and what is named stays on offer however long ago it ended."""
    ours, other = shop(world, approved_on=today() - timedelta(days=900)), shop(world, name="Salon")
    item = add_offered_item(world, world.criteria[:1], setting="rwe", environment=ours)
    end_environment(environment=ours, ended_on=today() - timedelta(days=800), by=world.coordinator)
    page = text_of(browser.get(reverse("change_evidence", args=[item.pk])))
    assert f'<option value="{ours.pk}" selected>' in page
    item.refresh_from_db()
    change_evidence(
        evidence=item,
        revision=item.revision,
        why="It was in the salon",
        files=[hand_in(world.candidate)],
        by=world.candidate,
        **words(setting="rwe", environment=other),
    )
    assert list(item.versions.values_list("environment__name", flat=True)) == ["Training shop", "Salon"]


def test_the_same_form_with_another_environment_is_not_the_same(world: World) -> None:
    item = add_item(world, setting="rwe", environment=shop(world))
    with pytest.raises(ValidationError, match="saved as E1 already"):
        add_evidence(
            portfolio=world.portfolio,
            form_key=item.form_key,
            by=world.candidate,
            **words(setting="rwe", environment=None),
        )


def test_what_is_signed_says_which_only_where_one_is_named(world: World) -> None:
    """Records signed before there was a register still verify."""
    ours = shop(world)
    add_offered_item(world, world.criteria[:1], setting="rwe", environment=ours)
    add_offered_item(world, world.criteria[1:2], setting="rwe")
    one, other = snapshot_of(contents_of_record(world.record, with_files=True))["record"]["evidence"]
    assert one["environment"] == {"id": ours.pk, "name": "Training shop"}
    assert "environment" not in other


def test_an_assessors_own_record_says_which_and_keeps_it_when_corrected(world: World) -> None:
    ours, assessor = shop(world), world.client(world.assessor)
    url = reverse("observe", args=[world.portfolio.pk])
    sent = typed_record(MethodKind.OBSERVATION, world.assessor.person.name, setting="rwe", environment=ours.pk)
    more = assessor.post(url, sent | {"more": "rows"})
    assert f'<option value="{ours.pk}" selected>' in text_of(more)
    answer = assessor.post(url, sent)
    version = EvidenceVersion.objects.get()
    assert version.environment == ours
    assert "Training shop" in text_of(assessor.get(answer.url))
    record = MethodRecord.objects.filter(version=version).get()
    correction = reverse("correct_method_record", args=[version.evidence_id, record.pk])
    assert f'<option value="{ours.pk}" selected>' in text_of(assessor.get(correction))
