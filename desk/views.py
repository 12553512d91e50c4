"""Home: for each role, what needs this person next."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render


def home(request: Any) -> HttpResponse:
    """The home page of the seat acted from; somebody without a seat is told why there is nothing here."""
    return render(request, "desk/home_none.html")
