"""The coordinator's pages: closed to others, keeping what was typed, and costing the same for one row and for three."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from centres.authority import actions as authority
from centres.models import Centre, Invitation, Role, User
from centres.people import actions as people
from registrations.access import actions as access
from registrations.models import Registration

from .builders import College, ago, client_of, join, register, today


def rows_of(college: College) -> dict[str, int]:
    """One of each row that a page is about, all of them Northgate's."""
    award = authority.record_award(
        person=college.assessor.person, kind="A1", number="12345", awarded_on=ago(9), by=college.coordinator
    )
    invitation = people.invite(email="new@example.org", name="Nora New", role="candidate", by=college.coordinator)
    (grant,) = access.open_registrations(
        person=college.ev.person,
        registrations=[register(college)],
        starts_on=today(),
        ends_on=today(),
        reason="Spring visit",
        by=college.coordinator,
    )
    return {
        "person": college.assessor.person_id,
        "role": college.assessor.pk,
        "award": award.pk,
        "approval": college.assessor.person.unit_approvals.all()[0].pk,
        "invitation": invitation.pk,
        "grant": grant.pk,
    }


OF_A_ROW = {
    "withdraw_invitation": "invitation",
    "person": "person",
    "give_role": "person",
    "end_role": "role",
    "add_award": "person",
    "strike_out_award": "award",
    "give_approval": "person",
    "end_approval": "approval",
    "end_ev_access": "grant",
}
LISTS = ["people", "invite", "ev_access", "open_ev_access"]
POST_ONLY = {"withdraw_invitation"}


def ask(client: Client, url: str, method: str) -> Any:
    return getattr(client, method)(url)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", OF_A_ROW)
def test_rows_of_another_centre_do_not_exist(college: College, name: str, method: str) -> None:
    rows = rows_of(college)
    url = reverse(name, args=[rows[OF_A_ROW[name]]])
    if (name, method) == ("withdraw_invitation", "get"):
        assert ask(client_of(college.coordinator), url, "get").status_code == 405
        return
    assert ask(client_of(college.stranger), url, method).status_code == 404
    # Not because the page is broken: its own coordinator gets there.
    assert ask(client_of(college.coordinator), url, method).status_code in {200, 302, 422}


@pytest.mark.parametrize("who", ["candidate", "assessor", "iv", "ev"])
def test_pages_are_for_the_coordinator(college: College, who: str) -> None:
    rows = rows_of(college)
    browser = client_of(getattr(college, who))
    for name in [*LISTS, *OF_A_ROW]:
        url = reverse(name, args=[rows[OF_A_ROW[name]]] if name in OF_A_ROW else [])
        answer = ask(browser, url, "post" if name in POST_ONLY else "get")
        assert answer.status_code == 403, name
        assert "This page is for centre coordinators" in answer.text


def test_lists_hold_nothing_of_another_centre(college: College) -> None:
    rows_of(college)
    browser = client_of(college.stranger)
    for name in LISTS:
        page = browser.get(reverse(name)).text
        for word in ("Assessor, Anna", "Anna Assessor", "Nora New", "Spring visit", "Eva External", "Carla"):
            assert word not in page, name


# --- What the pages say and do ---------------------------------------------------------------------------------------


@pytest.mark.engine("search")
def test_people_list_searches_and_filters(college: College) -> None:
    browser = client_of(college.coordinator)

    def names(**query: str) -> set[str]:
        return {person.name for person in browser.get(reverse("people"), query).context["page"]}

    assert len(names()) == 6
    assert names(search="anna") == {"Anna Assessor"}
    assert names(search=college.iv.person.email) == {"Ivor Verifier"}
    assert names(role="assessor") == {"Anna Assessor", "Oscar Otherwise"}
    assert names(role="assessor", search="osc") == {"Oscar Otherwise"}
    assert names(search="nobody") == set()
    assert names(left="yes") == set()
    people.end_role(membership=college.iv, by=college.coordinator)
    assert names(left="yes") == {"Ivor Verifier"}
    assert "Ivor Verifier" not in names()


def test_people_list_has_pages_that_keep_the_search(college: College) -> None:
    for number in range(26):
        person = User.objects.create_user(email=f"p{number}@example.org", name=f"Person {number:02}")
        person.memberships.create(centre=college.centre, role=Role.CANDIDATE)
    browser = client_of(college.coordinator)
    page = browser.get(reverse("people"), {"role": "candidate"})
    assert len(page.context["page"]) == 25
    assert "?role=candidate&amp;page=2" in page.text
    assert len(browser.get(reverse("people"), {"role": "candidate", "page": 2}).context["page"]) == 2


def test_persons_page(college: College) -> None:
    rows = rows_of(college)
    browser = client_of(college.coordinator)
    page = browser.get(reverse("person", args=[rows["person"]])).text
    for words in ("Qualified assessor", f"A1 12345, {ago(9):%d/%m/%Y}", "304 Unit 304", "Approval for a unit given"):
        assert words in page
    browser.post(reverse("strike_out_award", args=[rows["award"]]), {"why": "Somebody else's certificate"})
    page = browser.get(reverse("person", args=[rows["person"]])).text
    assert "<s>12345</s>" in page
    assert "No recognised assessor award" in page
    assert "needs a countersignature" in page
    assert "Somebody else&#x27;s certificate" in page
    own = browser.get(reverse("person", args=[college.coordinator.person_id])).text
    assert "is the last coordinator of Northgate College" in own


def test_another_centres_history_stays_there(college: College) -> None:
    person = college.assessor.person
    invitation = people.invite(email=person.email, name="Anna", role="iv", by=college.stranger)
    people.accept_invitation(invitation=invitation, person=person)
    authority.record_award(person=person, kind="V1", number="V1 777 2015", awarded_on=ago(9), by=college.stranger)
    page = client_of(college.coordinator).get(reverse("person", args=[person.pk])).text
    assert "V1 777 2015" not in page
    assert "Internal verifier" not in page
    assert "Stan Stranger" not in page


def test_ending_a_role_names_the_registrations(college: College) -> None:
    registration = register(college, number="R-77")
    url = reverse("end_role", args=[college.assessor.pk])
    browser = client_of(college.coordinator)
    page = browser.get(url).text
    assert "R-77" in page
    assert "Carla Candidate" in page
    assert browser.post(url).url == reverse("person", args=[college.assessor.person_id])
    assert browser.post(url).url == reverse("person", args=[college.assessor.person_id])  # Pressed twice.
    college.assessor.refresh_from_db()
    assert college.assessor.ended_at
    refused = browser.post(reverse("end_role", args=[college.coordinator.pk]))
    assert refused.status_code == 422
    assert "is the last coordinator" in refused.text
    assert registration.pk


GIVEN: dict[str, tuple[Callable[[College], dict[str, Any]], list[str]]] = {
    "invite": (
        lambda c: {"email": c.assessor.person.email, "name": "Typed Name", "role": "iv"},
        ["Typed Name", "give them the role on their page", "Open Anna Assessor’s page"],
    ),
    "add_award": (
        lambda c: {"kind": "A1", "number": "T-4711", "awarded_on": str(today() + timedelta(days=2))},
        ["T-4711", f'value="{today() + timedelta(days=2)}"', "in the future"],
    ),
    "give_approval": (
        lambda c: {"capacity": "assessor", "starts_on": str(ago(3)), "units": [c.units[0].pk]},
        [f'value="{ago(3)}"', "is approved for 304 from"],
    ),
    "end_approval": (lambda c: {"ends_on": "01/01/1999"}, ["cannot end before it starts", "1999"]),
    "strike_out_award": (lambda c: {"why": " "}, ["Fill this in"]),
    "open_ev_access": (
        lambda c: {
            "person": c.ev.person_id,
            "registrations": [Registration.objects.filter(candidate=c.candidate.person).get().pk],
            "starts_on": str(today()), "ends_on": str(today() + timedelta(days=100)), "reason": "Typed reason",
        },
        ["Typed reason", "92 days at most", "checked"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GIVEN)
def test_refused_forms_keep_what_was_typed(college: College, name: str) -> None:
    rows = rows_of(college)
    make, expected = GIVEN[name]
    url = reverse(name, args=[rows[OF_A_ROW[name]]] if name in OF_A_ROW else [])
    answer = client_of(college.coordinator).post(url, make(college))
    assert answer.status_code == 422
    for words in expected:
        assert words in answer.text, words


def test_coordinator_does_each_job_in_the_browser(college: College) -> None:
    browser = client_of(college.coordinator)
    other, newest = college.other_assessor.person, {}
    registration = register(college)
    steps: list[tuple[str, list[int], dict[str, Any]]] = [
        ("invite", [], {"email": "n@example.org", "name": "Nora", "role": "ev"}),
        ("give_role", [other.pk], {"role": "iv"}),
        ("add_award", [other.pk], {"kind": "CAVA", "number": "9", "awarded_on": "2020-05-01"}),
        ("give_approval", [other.pk], {
            "capacity": "assessor", "starts_on": str(ago(3)), "units": [unit.pk for unit in college.units],
        }),
        ("open_ev_access", [], {
            "person": college.ev.person_id, "registrations": [registration.pk], "starts_on": str(today()),
            "ends_on": str(today() + timedelta(days=9)), "reason": "Visit",
        }),
    ]  # fmt: skip
    for name, arguments, given in steps:
        for _ in range(2):  # The button pressed twice does it once and lands on the same page.
            answer = browser.post(reverse(name, args=arguments), given)
            assert answer.status_code == 302, (name, answer.text)
            newest[name] = answer.url
    assert set(newest.values()) == {reverse("people"), reverse("person", args=[other.pk]), reverse("ev_access")}
    assert Invitation.objects.filter(email="n@example.org").count() == 1
    assert other.memberships.count() == 2
    assert other.awards.count() == 1
    assert other.unit_approvals.count() == 3
    assert college.ev.person.access_grants.count() == 1
    invitation = Invitation.objects.get(email="n@example.org")
    browser.post(reverse("withdraw_invitation", args=[invitation.pk]))
    browser.post(reverse("end_approval", args=[other.unit_approvals.all()[0].pk]), {"ends_on": str(today())})
    browser.post(reverse("end_ev_access", args=[college.ev.person.access_grants.get().pk]))
    invitation.refresh_from_db()
    assert invitation.state == "withdrawn"
    assert other.unit_approvals.exclude(ends_on=None).count() == 1
    assert college.ev.person.access_grants.get().ended_at
    assert "ended early" in browser.get(reverse("ev_access")).text


def test_empty_centre(college: College) -> None:
    browser = client_of(college.stranger)
    assert "No external verifier yet" in browser.get(reverse("open_ev_access")).text
    assert "Nothing is open to an external verifier" in browser.get(reverse("ev_access")).text
    assert "Nobody found" in browser.get(reverse("people"), {"search": "zzz"}).text
    join(college.stranger, Role.EV, "Edna External")
    assert "No registrations yet" in browser.get(reverse("open_ev_access")).text


# --- Cost ------------------------------------------------------------------------------------------------------------


def add_people(college: College, word: str) -> None:
    join(college.coordinator, Role.CANDIDATE, f"Pat {word}")
    people.invite(email=f"{word}@example.org", name=f"Ira {word}", role="candidate", by=college.coordinator)


def add_authority(college: College, word: str) -> None:
    person, number = college.assessor.person, len(word)
    authority.record_award(person=person, kind="A1", number=word, awarded_on=ago(number), by=college.coordinator)
    role = people.give_role(person=person, role=["iv", "coordinator", "candidate"][number - 3], by=college.coordinator)
    people.end_role(membership=role, by=college.coordinator)


def add_grant(college: College, word: str) -> None:
    candidate = join(college.coordinator, Role.CANDIDATE, f"Pat {word}")
    registration = register(college, candidate=candidate.person)
    for ends in (0, 5):
        (grant,) = access.open_registrations(
            person=college.ev.person, registrations=[registration], starts_on=today(),
            ends_on=today() + timedelta(days=ends), reason="Visit", by=college.coordinator,
        )  # fmt: skip
        if not ends:
            access.end_access(grant=grant, by=college.coordinator)


@pytest.mark.parametrize(
    ("name", "add", "queries"),
    [
        ("people", add_people, 7),
        ("person", add_authority, 11),
        ("give_approval", add_authority, 5),
        ("ev_access", add_grant, 6),
        ("open_ev_access", add_grant, 7),
    ],
)
def test_pages_cost_the_same_for_one_row_and_for_three(
    college: College, name: str, add: Callable[[College, str], None], queries: int
) -> None:
    browser = client_of(college.coordinator)
    url = reverse(name, args=[college.assessor.person_id] if name in OF_A_ROW else [])
    counts = []
    add(college, "one")
    counts.append(_cost(browser, url))
    add(college, "four")
    add(college, "seven")
    counts.append(_cost(browser, url))
    assert counts == [queries, queries]


def _cost(browser: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(url).status_code == 200
    return len(asked)


# --- Operators -------------------------------------------------------------------------------------------------------


def test_admin_is_for_operators_and_deletes_nobody(college: College) -> None:
    url = reverse("admin:centres_user_changelist")
    assert client_of(college.coordinator).get(url).status_code == 302
    operator = User.objects.create_superuser("operator@example.org", "Olga Operator", "x")
    browser = Client()
    browser.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get(url).status_code == 200
    person = college.assessor.person
    assert browser.get(reverse("admin:centres_user_delete", args=[person.pk])).status_code == 403
    assert browser.get(reverse("admin:centres_user_add")).status_code == 403
    assert browser.get(reverse("admin:centres_centre_add")).status_code == 403
    assert browser.get(reverse("admin:centres_centre_change", args=[college.centre.pk])).status_code == 200
    browser.post(
        reverse("admin:centres_user_change", args=[person.pk]),
        {"name": "Anna Married", "email": "other@example.org", "is_active": "on", "why": "Married"},
    )
    person.refresh_from_db()
    assert person.name == "Anna Married"
    assert person.email != "other@example.org"


def test_admin_holds_nothing_that_the_ledger_covers(db: None) -> None:
    from django.contrib import admin

    ours = {model.__name__ for model in admin.site._registry if model._meta.app_label in {
        "centres", "evidence", "signoff", "ledger", "files", "units", "records", "desk",
    }}  # fmt: skip
    assert ours <= {"Centre", "User"}


def test_operator_who_is_no_superuser_promotes_nobody(college: College) -> None:
    from django.contrib.auth.models import Permission

    operator = User.objects.create_user(email="op@example.org", name="Olga", password="x", is_staff=True)
    operator.user_permissions.add(Permission.objects.get(codename="change_user", content_type__app_label="centres"))
    browser = Client()
    browser.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("admin:centres_user_change", args=[operator.pk])
    assert browser.get(url).status_code == 200
    browser.post(url, {"name": "Olga", "is_active": "on", "is_staff": "on", "is_superuser": "on"})
    operator.refresh_from_db()
    assert not operator.is_superuser


def test_opening_a_centre_from_the_command_line(db: None, client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "--name", "Third College", "--number", "T3", "--awarding-body", "City and Guilds",
        "--coordinator-name", "Thea Third", "--coordinator-email", "Thea@example.org",
    ]  # fmt: skip
    call_command("open_centre", *arguments)
    told = capsys.readouterr().out
    assert "Third College is open. Thea Third can join until" in told
    page = client.get(told.split()[-1].removeprefix("http://localhost:8000"))
    assert page.status_code == 200
    assert "You have been invited to be a centre coordinator at Third College." in page.text
    with pytest.raises(CommandError, match="Centre number"):
        call_command("open_centre", *arguments)
    assert Centre.objects.filter(number="T3").count() == 1
