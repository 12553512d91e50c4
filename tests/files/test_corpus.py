"""Whatever is handed in: a clear refusal or a safe file; never an error page, a script of ours, or half an item.

The whole corpus goes through the form that a candidate uses, many files at a time, and what is taken comes back through
the addresses that pages use.
"""

import hashlib
import io
from collections.abc import Iterator
from itertools import batched
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from evidence.models import Evidence, EvidenceFile, EvidenceVersion
from files import sandbox
from files.kinds import ALLOWED
from files.models import Blob, PageImage, Preparation
from files.sniffing import Refused, clean_name, sniff
from tests.evidence.builders import World
from tests.evidence.conftest import stage, world, world_of_module  # noqa: F401 - fixtures
from tests.evidence.pages import add_url, typed
from tests.files.conftest import stored_files
from tests.files.corpus import EITHER, FAMILIES, REFUSED, Case

# Pillow warns of notes in a photograph that it cannot read; in earnest that is a line in the log.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

BOUNDARY = "corpus-of-hostile-uploads"
AT_ONCE = django_settings.DATA_UPLOAD_MAX_NUMBER_FILES
MEDIA_TYPES = {kind.media_type for kind in ALLOWED}
PLAYED = {kind.media_type for kind in ALLOWED if kind.is_playable}


def form_of(cases: tuple[Case, ...]) -> bytes:
    """The form as a browser sends it, with the files' names as they are: Django's own client would tidy them."""
    parts = []
    for name, value in typed().items():
        for one in value if isinstance(value, list) else [value]:
            parts.append((f'name="{name}"', str(one).encode()))
    for case in cases:
        quoted = case.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        parts.append((f'name="files"; filename="{quoted}"\r\nContent-Type: text/html', case.content))
    body = b"".join(
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in parts
    )
    return body + f"--{BOUNDARY}--\r\n".encode()


def send(client: Client, url: str, cases: tuple[Case, ...]) -> HttpResponseBase:
    return client.post(url, form_of(cases), content_type=f"multipart/form-data; boundary={BOUNDARY}")


def is_refused(case: Case) -> bool:
    if case.expected != EITHER:
        return case.expected == REFUSED
    try:
        sniff(io.BytesIO(case.content), case.name)
    except Refused:
        return True
    return False


def rows() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Evidence, EvidenceVersion, EvidenceFile, Blob, PageImage))


def speaks_of(folder: Path) -> list[Path]:
    """Every object that a row speaks of."""
    names = [name for blob in Blob.objects.all() for name in (blob.stored_as, blob.display_as, blob.thumbnail_as)]
    names += PageImage.objects.values_list("stored_as", flat=True)
    return sorted(folder / name for name in names if name)


def test_the_corpus_is_large_enough() -> None:
    """Each case counts once, by its name and bytes."""
    cases = {(case.name, case.content) for make in FAMILIES.values() for case in make()}
    assert len(cases) >= 500


@pytest.mark.parametrize("family", FAMILIES)
def test_a_clear_refusal_or_a_safe_file(
    world: World,  # noqa: F811
    folder: Path,
    settings,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks,
    family: str,
) -> None:
    settings.PREPARATION_SECONDS = 8
    monkeypatch.setattr(sandbox, "MAX_PAGES", 3)
    client, url = world.client(world.candidate), add_url(world)
    cases = FAMILIES[family]()
    kept_out = [case for case in cases if is_refused(case)]
    for batch in batched(kept_out, AT_ONCE, strict=False):
        response = send(client, url, batch)
        assert response.status_code == 422
        reasons = response.context["form"].errors["files"]
        for case in batch:
            reason = next((reason for reason in reasons if f"“{clean_name(case.name)}”" in reason), "")
            assert reason, f"nothing is said about {case.name}"
            assert case.says in reason
        assert typed()["what_happened"] in response.content.decode()
        assert rows() == (0, 0, 0, 0, 0)
        assert stored_files(folder) == []
    taken = [case for case in cases if case not in kept_out]
    for batch in batched(taken, AT_ONCE, strict=False):
        # Names are all that differs there: forty previews of alike texts would take seconds and show nothing.
        with django_capture_on_commit_callbacks(execute=family != "names"):
            response = send(client, url, batch)
        assert response.status_code == 302, response.context["form"].errors
        evidence = Evidence.objects.latest("pk")
        assert client.get(reverse("evidence", args=[evidence.pk])).status_code == 200
        check_safe(client, evidence, batch)
    assert stored_files(folder) == [] or sorted(stored_files(folder)) == speaks_of(folder)
    assert list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir()) == []


def check_safe(client: Client, evidence: Evidence, cases: tuple[Case, ...]) -> None:
    files = list(evidence.current_version.files.select_related("blob"))
    assert [file.blob.sha256 for file in files] == [hashlib.sha256(case.content).hexdigest() for case in cases]
    for file, case in zip(files, cases, strict=True):
        assert file.blob.preparation != Preparation.WAITING or case.content.startswith(b"text ")
        assert file.name.isprintable()
        assert "/" not in file.name
        for ours, response in every_view(client, file):
            headers = response.headers
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
            body = b"".join(response)
            if ours:
                assert headers["Content-Type"] == "image/webp"
                assert body[:4] + body[8:12] == b"RIFFWEBP"
                assert not any(mark in body for mark in (b"<script", b"SecretMaker", b"EXIF", b"XMP ")), case.name
            else:
                assert headers["Content-Type"] in MEDIA_TYPES
                kind = "inline" if headers["Content-Type"] in PLAYED else "attachment"
                assert headers["Content-Disposition"].startswith(f"{kind};")
                assert body == case.content


def every_view(client: Client, file: EvidenceFile) -> Iterator[tuple[bool, HttpResponseBase]]:
    """What each address of a file answers, and whether it is a picture of ours; one that is not there is 404."""
    addresses = [(False, reverse("evidence_file", args=[file.pk]))]
    addresses += [
        (variant != "media", reverse("evidence_file_variant", args=[file.pk, variant]))
        for variant in ("display", "thumbnail", "media")
    ]
    # The first pages will do: all are made alike.
    addresses += [(True, reverse("evidence_file_page", args=[file.pk, number])) for number in (1, 2)]
    for ours, address in addresses:
        response = client.get(address)
        assert response.status_code in (200, 404), address
        if response.status_code == 200:
            yield ours, response


@pytest.mark.parametrize("ending", [".jpg", ".heic"])
def test_photographs_are_upright_however_they_were_held(ending: str) -> None:
    for case in FAMILIES["photographs"]():
        if case.name.startswith("turned") and case.name.endswith(ending):
            found = sniff(io.BytesIO(case.content), case.name)
            lies_on_its_side = int(case.name[6]) > 4
            assert (found.width, found.height) == ((48, 64) if lies_on_its_side else (64, 48)), case.name
