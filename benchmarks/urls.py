"""The product's addresses, and two of constant effort to compare them with."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

# What the constant page answers; the benchmark puts the bytes of a real page here.
constant_page = bytearray()


def constant(request: HttpRequest) -> HttpResponse:
    """A page of the same size that nothing is asked for, for somebody who is signed in."""
    return HttpResponse(bytes(constant_page))


@login_not_required
def bare_query(request: HttpRequest) -> HttpResponse:
    """One query and nothing else, for nobody in particular."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return HttpResponse("1", content_type="text/plain")


urlpatterns = [
    path("", include("nvq_portfolio.urls")),
    path("benchmark/constant/", constant, name="constant"),
    path("benchmark/query/", bare_query, name="bare_query"),
]
