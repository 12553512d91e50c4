"""What the tests of the candidate's pages share: who is a stranger, and a form as a browser sends it."""

from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.urls import reverse

from tests.evidence.builders import (
    World,
    words,
)

STRANGERS = ["other_candidate", "trainee_candidate", "foreign_candidate"]
STAFF = ["assessor", "iv", "ev", "coordinator"]


def text_of(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def typed(**changed: Any) -> dict[str, Any]:
    """An evidence form as a browser sends it."""
    given = words(**changed)
    data = {name: value for name, value in given.items() if value not in (None, "")}
    for name in ("happened_from", "happened_to"):
        if hasattr(data.get(name), "isoformat"):
            data[name] = data[name].isoformat()
    return {"form_key": str(uuid4()), "then": "claims"} | data


def add_url(world: World) -> str:
    return reverse("add_evidence", args=[world.portfolio.pk])
