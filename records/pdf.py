"""HTML to PDF, reading nothing but our own static files and what it is handed (HOUSE, habit 17)."""

from collections.abc import Mapping
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

# Relative addresses in the template and its stylesheet resolve against this; the host is reserved and never asked.
_STATIC = "https://static.invalid/"
# Pictures that a print is handed stand under this, by a name of the caller's.
_HANDED = f"{_STATIC}handed/"


class _OwnFiles(URLFetcher):
    """Serves our static files and the pictures handed in, and refuses everything else as an error, so that nothing
    leaks in or out unseen."""

    def __init__(self, pictures: Mapping[str, bytes]) -> None:
        super().__init__()
        self._pictures = pictures

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if picture := self._pictures.get(url.removeprefix(_HANDED)):
            return URLFetcherResponse(url, picture, {"Content-Type": "image/png"})
        name = unquote(urlsplit(url).path).lstrip("/")
        found = finders.find(name) if url.startswith(_STATIC) else None
        if not found:
            raise FatalURLFetchingError(f"A PDF reads our own static files only, not {url}")
        kind = guess_type(name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, Path(found).read_bytes(), {"Content-Type": kind})


def make_pdf(template: str, context: dict[str, object], *, pictures: Mapping[str, bytes] | None = None) -> bytes:
    """Render a template to a tagged PDF (PDF/UA-1).

    The template links its stylesheet relative to the static files ("css/print-record.css"). ``pictures``: PNGs by the
    name that the template asks for them under, as "handed/NAME". Raises
    weasyprint.urls.FatalURLFetchingError when it asks for anything that is not ours, and whatever the template raises.
    """
    page = HTML(string=render_to_string(template, context), base_url=_STATIC, url_fetcher=_OwnFiles(pictures or {}))
    made: bytes = page.write_pdf(font_config=FontConfiguration(), pdf_variant="pdf/ua-1")
    return made
