"""What every answer under /check/ says to browsers, caches and search engines, whoever gives it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

_CHECKING = "/check"


class CheckPagesMiddleware:
    """Keeps the pages that confirm a print out of every list and cache, and tells their codes to no other site.

    Stands first, so that it also reaches the answers that no view gives: other methods, the address without its slash,
    an address that is none, a fault.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info == _CHECKING or request.path_info.startswith(f"{_CHECKING}/"):
            add_never_cache_headers(response)
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
            response.headers["Referrer-Policy"] = "strict-origin"
        return response
