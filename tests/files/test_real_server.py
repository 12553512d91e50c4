"""With a real server: killed at any point of an upload it leaves nothing half done, and a film does not fill it."""

from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse

from evidence.models import Evidence, EvidenceFile
from files.actions import digest_of
from files.models import Blob
from tests.evidence.builders import World, make_world
from tests.evidence.pages import typed
from tests.files.conftest import stored_files
from tests.files.real_server import MEGABYTE, database_url, film, note, send, serving, upload

# What a test asks of the server, it asks of processes that read the same database: so it must be committed.
pytestmark = pytest.mark.django_db(transaction=True)

ANSWERED = "answered"
# While it arrives; half stored; stored, and no row yet; its row written, not committed; the item written, the same;
# all done.
POINTS = ["arriving", "storing", "stored", "row", "item", ANSWERED]


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def server_folder(settings, tmp_path: Path) -> Path:
    """The server's data folder, which the tests' storage and sweep look into as well."""
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files"},
        }
    }
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    return tmp_path


def session_of(world: World) -> str:
    return world.client(world.candidate).cookies["sessionid"].value


def check_nothing_is_half_done(folder: Path) -> None:
    """Each row speaks of a whole file, and each item has its version and its file."""
    for blob in Blob.objects.all():
        with (folder / "files" / blob.stored_as).open("rb") as file:
            assert digest_of(file) == blob.sha256
    for evidence in Evidence.objects.all():
        assert evidence.current_version.files.count() == 1
    assert EvidenceFile.objects.count() == Evidence.objects.count()


def test_a_server_killed_at_any_point_of_an_upload_leaves_no_orphan(world: World, server_folder: Path) -> None:
    path, session = reverse("add_evidence", args=[world.portfolio.pk]), session_of(world)
    (server_folder / "files").mkdir()
    for point in POINTS:
        pause_at = "" if point in ("arriving", ANSWERED) else point
        with serving(server_folder, database=database_url(), PAUSE_AT=pause_at) as server:
            if point == ANSWERED:
                assert upload(server, path, note(typed(), MEGABYTE), session=session) == 302
                server.kill()
            elif point == "arriving":
                with closing(send(server, path, film(typed(), 6 * MEGABYTE), session=session, share=0.7)):
                    server.wait_until("uploads/*.upload*")
                    server.kill()
            else:
                with closing(send(server, path, note(typed(), MEGABYTE), session=session)):
                    server.wait_until("paused")
                    server.kill()
        (server_folder / "paused").unlink(missing_ok=True)

        check_nothing_is_half_done(server_folder)
        assert Evidence.objects.count() == (point == ANSWERED), point
        if point in ("arriving", "storing", "stored", "row"):
            assert not Blob.objects.exists(), point
            left = [*stored_files(server_folder / "files"), *stored_files(server_folder / "uploads")]
            assert left, f"{point}: the server was to be killed in the middle of it"
        call_command("tidy_files", days=0, hours=0, verbosity=0)
        assert all(blob.attached for blob in Blob.objects.all()), point
        spoken_of = [server_folder / "files" / name for name in Blob.objects.values_list("stored_as", flat=True)]
        assert stored_files(server_folder / "files") == spoken_of, point
        assert stored_files(server_folder / "uploads") == [], point
        check_nothing_is_half_done(server_folder)


def test_a_film_of_200_mb_does_not_fill_the_servers_memory(world: World, server_folder: Path) -> None:
    path, session = reverse("add_evidence", args=[world.portfolio.pk]), session_of(world)
    with serving(server_folder, database=database_url()) as server:
        assert upload(server, path, note(typed(), 1000), session=session) == 302
        idle = server.memory("VmRSS")
        server.forget_peak()
        assert upload(server, path, film(typed(), 200 * MEGABYTE), session=session) == 302
        grown = server.memory("VmHWM") - idle
    assert grown < 50 * MEGABYTE
    assert Blob.objects.latest("pk").size == 200 * MEGABYTE
    check_nothing_is_half_done(server_folder)
