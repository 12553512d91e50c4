"""What the tests of drafts share: a page's ticket as the page carries it, and what its script sends."""

from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from centres.drafts.actions import Ticket, read_ticket


class _Inputs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input" and "form" in given:
            self.values[given["name"]] = given["value"]


class OpenPage:
    """A form open in one tab, without its script."""

    def __init__(self, client: Client, url: str, answer: HttpResponse | None = None) -> None:
        self.client, self.url = client, url
        self.answer = answer or client.get(url)
        inputs = _Inputs()
        inputs.feed(self.answer.content.decode())
        self.hidden = {name: inputs.values[name] for name in ("draft", "draft_seen")}

    @property
    def text(self) -> str:
        return " ".join(self.answer.content.decode().split())

    @property
    def ticket(self) -> Ticket:
        ticket = read_ticket(self.hidden["draft"])
        assert ticket
        return ticket

    def type(self, **typed: Any) -> HttpResponse:
        """Send what stands in the form, as its script does; what the answer says is remembered."""
        answer = self.client.post(reverse("keep_draft"), self.hidden | typed)
        if answer.status_code in (200, 409):
            self.hidden["draft_seen"] = answer.json()["seen"]
        return answer

    def send(self, **typed: Any) -> HttpResponse:
        """Press the form's button."""
        return self.client.post(self.url, self.hidden | typed)

    def discard(self) -> HttpResponse:
        return self.client.post(reverse("discard_draft"), self.hidden)


def value_in(page: OpenPage, name: str) -> Any:
    """What the page's form is filled in with."""
    return page.answer.context["form"][name].value()
