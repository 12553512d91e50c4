"""Error pages for faults that happen before a view, or in spite of one."""

import sys

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from files.actions import is_full
from ledger.keys import KeyTrouble

# Two that waited for each other; one that waited too long; one that would have to be done over.
_WAITS_ENDED = {"40P01", "55P03", "40001"}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400; 413 where what was sent is too big, or too many files at once, with what to do about it."""
    if isinstance(exception, RequestDataTooBig | TooManyFilesSent):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


def _is_busy(fault: BaseException) -> bool:
    """Whether SQLite's one lock for writing was not to be had in time, or PostgreSQL ended a wait."""
    return isinstance(fault, OperationalError) and (
        getattr(fault.__cause__, "sqlstate", "") in _WAITS_ENDED or "database is locked" in str(fault)
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500; 507 where there is no room left, which happens before a form sees the files: nothing was saved.

    503 where the database had others to serve first for too long: nothing was saved, and sending it again will do; or
    where the installation's key is not in its place: whatever was to be signed is undone, and the log tells why.
    """
    fault = sys.exc_info()[1]
    if isinstance(fault, KeyTrouble):
        return render(request, "503_no_key.html", status=503)
    if fault is not None and _is_busy(fault):
        return render(request, "503.html", status=503)
    if fault is not None and is_full(fault):
        return render(request, "507.html", status=507)
    return render(request, "500.html", status=500)
