"""A real server in processes of its own, on the database of the tests, and a client that sends as it likes."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

BOUNDARY = "a-form-with-a-film"
MEGABYTE = 1024 * 1024
MP4_HEAD = b"\0\0\0\x18ftypisom\0\0\0\0isommp42"
PATIENCE = 60
# The web process of the Procfile, but with one worker, so that one process answers.
GUNICORN = ["-m", "gunicorn", "tests.files.server:application", "--workers", "1", "--threads", "4"]


def database_url() -> str:
    """The address of the database that the tests are connected to."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", os.environ["DATABASE_URL"])


@dataclass(frozen=True)
class RealServer:
    """Where it listens, its data folder, and the first of its processes."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """As a power cut does: every process at once, and no time for anything."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def wait_until(self, path: str) -> Path:
        """Wait for a file in its folder that matches a pattern and has something in it, or is the mark of a pause."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for found in self.folder.glob(path):
                if found.name == "paused" or found.stat().st_size:
                    return found
            time.sleep(0.01)
        raise TimeoutError(f"the server never made {path}")

    def memory(self, field: str) -> int:
        """A line of the processes' status, such as VmRSS or VmHWM, summed up, in bytes."""
        total = 0
        for pid in self._processes():
            status = Path(f"/proc/{pid}/status").read_text()
            total += int(re.search(rf"^{field}:\s+(\d+) kB", status, re.M)[1]) * 1024  # type: ignore[index]
        return total

    def forget_peak(self) -> None:
        """From now on VmHWM is the peak since now."""
        for pid in self._processes():
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def _processes(self) -> list[int]:
        found = [self.process.pid]
        for pid in found:
            found += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return found


@contextmanager
def serving(folder: Path, *, database: str, **environment: str) -> Iterator[RealServer]:
    """A server with this data folder; killed at the end, whatever has become of it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, *GUNICORN, "--bind", f"127.0.0.1:{port}", "--log-level", "error"],
        cwd=settings.BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "tests.files.server_settings",
            "DATABASE_URL": database,
            "DATA_DIR": str(folder),
            "SECRET_KEY": settings.SECRET_KEY,
            **environment,
        },
        start_new_session=True,
    )
    server = RealServer(port, folder, process)
    try:
        _wait_for_port(server)
        yield server
    finally:
        if process.poll() is None:
            server.kill()


def _wait_for_port(server: RealServer) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("the server does not listen")


class Form:
    """A form with one file, as a browser sends it, in pieces: the file need not exist anywhere."""

    def __init__(self, fields: Mapping[str, object], *, name: str, size: int, block: bytes) -> None:
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{one}\r\n'
            for field, value in fields.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        file = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        self._head = "".join([*parts, file]).encode()
        self._size, self._block = size, block
        self._tail = f"\r\n--{BOUNDARY}--\r\n".encode()

    def __len__(self) -> int:
        return len(self._head) + self._size + len(self._tail)

    def pieces(self) -> Iterator[bytes]:
        yield self._head
        left = self._size
        if self._block.startswith(b"\0\0\0\x18ftyp"):
            first, rest = self._block, b"\7" * len(self._block)
        else:
            first = rest = self._block
        block = first
        while left > 0:
            yield block[:left]
            left -= len(block)
            block = rest
        yield self._tail


def film(fields: Mapping[str, object], size: int) -> Form:
    """A form with a film of this many bytes."""
    return Form(fields, name="film.mp4", size=size, block=MP4_HEAD.ljust(MEGABYTE, b"\7"))


def note(fields: Mapping[str, object], size: int) -> Form:
    """A form with a text of this many bytes."""
    return Form(fields, name="note.txt", size=size, block=b"I served a customer.\n" * 4096)


def send(server: RealServer, path: str, form: Form, *, session: str, share: float = 1) -> http.client.HTTPConnection:
    """Send a form, or a share of it; the answer is for the caller to read."""
    browser = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE * 5)
    browser.putrequest("POST", path)
    token = "a" * 32
    for header, value in {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(len(form)),
        "Cookie": f"sessionid={session}; csrftoken={token}",
        "X-CSRFToken": token,
    }.items():
        browser.putheader(header, value)
    browser.endheaders()
    left = int(len(form) * share)
    for piece in form.pieces():
        if left <= 0:
            break
        browser.send(piece[:left])
        left -= len(piece)
    return browser


def upload(server: RealServer, path: str, form: Form, *, session: str) -> int:
    """Send a whole form; the status of the answer."""
    browser = send(server, path, form, session=session)
    try:
        response = browser.getresponse()
        response.read()
        return response.status
    finally:
        browser.close()
