"""What makes a test run strict: an undefined template variable fails, and so does a page that breaks our own rules.

A page that our content security policy would cripple, a form that would be refused for want of its token, or an id
given twice, fails the test that asked for it, whatever else the test looked at.
"""

import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.template.base import FilterExpression, Node

# What the pages answered since the last look did wrong. The server of the browser tests adds to it from its threads.
offences: list[str] = []


class UndefinedVariable(str):
    """Stands in for an undefined variable: raises in our own templates, is empty in everybody else's.

    `{{ hint|default:"" }}` says in so many words that a variable may be missing, and is let through.
    """

    def __new__(cls, *our_templates: Path) -> "UndefinedVariable":
        self = super().__new__(cls, "")
        self.our_templates = our_templates
        return self

    def __bool__(self) -> bool:
        # Django asks whether it has a replacement just before using it: the caller is the expression that failed.
        frame = sys._getframe(1)
        expression = frame.f_locals.get("self")
        if not isinstance(expression, FilterExpression) or frame.f_code.co_name != "resolve":
            return False
        if any(getattr(func, "__name__", "") == "default" for func, _ in expression.filters):
            return False
        while frame := frame.f_back:
            node = frame.f_locals.get("self")
            if isinstance(node, Node) and getattr(node, "origin", None):
                path = Path(node.origin.name)
                if any(path.is_relative_to(folder) for folder in self.our_templates):
                    line = getattr(getattr(node, "token", None), "lineno", "?")
                    raise AssertionError(f"{path}:{line}: {{{{ {expression.token} }}}} is undefined")
                return False
        return False


class PageReader(HTMLParser):
    """Reads one page and notes what it does wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.offences: list[str] = []
        self.ids: set[str] = set()
        self.form_without_token = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        shown = self.get_starttag_text() or tag
        if tag == "style" or "style" in given:
            self.offences.append(f"inline style: {shown}")
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.offences.append(f"inline script: {shown}")
        if any(name.startswith(("on", "hx-on")) for name in given):
            self.offences.append(f"inline event handler: {shown}")
        if given.get("href", "").startswith("javascript:"):
            self.offences.append(f"script in a link: {shown}")
        if "id" in given:
            if given["id"] in self.ids:
                self.offences.append(f"id given twice: {shown}")
            self.ids.add(given["id"])
        if tag == "form" and given.get("method", "get").lower() == "post":
            self.form_without_token = shown
        if tag == "input" and given.get("name") == "csrfmiddlewaretoken":
            self.form_without_token = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.form_without_token:
            self.offences.append(f"form without its token: {self.form_without_token}")
            self.form_without_token = ""


def read_page(html: str) -> list[str]:
    """What a page does wrong, one line each; nothing for a good page."""
    reader = PageReader()
    reader.feed(html)
    reader.close()
    return reader.offences


class StrictPageMiddleware:
    """Reads every page that the product answers; Django's admin, which is not ours, is let through."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming
        if is_page and "admin" not in getattr(request.resolver_match, "app_names", []):
            offences.extend(f"{request.path}: {offence}" for offence in read_page(response.content.decode()))
        return response
