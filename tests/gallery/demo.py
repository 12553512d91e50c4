"""The demo centre, made and served for the gallery as `make demo` does it, in a folder and on a port of its own."""

import fcntl
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# While it is made, nobody asks for it.
SITE_URL = "http://localhost"


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def seed(folder: Path) -> None:
    """Make the demo centre in ``folder``, as `make demo` does. Raises CalledProcessError when a step of it fails."""
    for command in (["migrate", "--verbosity", "0"], ["load_standard"], ["seed_demo"]):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=_environment(folder, SITE_URL),
            check=True,
            stdout=subprocess.DEVNULL,
        )


def seed_once(folder: Path) -> None:
    """Make the demo centre in ``folder`` unless it is there. Whoever comes while it is being made waits for it."""
    folder.mkdir(parents=True, exist_ok=True)
    done = folder.with_suffix(".seeded")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            seed(folder)
            done.touch()


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve the demo centre that lies in ``folder``; gives its address. The server ends with the block.

    Raises TimeoutError when the server does not answer.
    """
    port = free_port()
    address = f"http://localhost:{port}"
    with subprocess.Popen(
        [sys.executable, "manage.py", "runserver", "--noreload", "--nostatic", str(port)],
        cwd=ROOT,
        env=_environment(folder, address),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _wait_for(f"{address}/accounts/login/", server)
            yield address
        finally:
            server.terminate()


@contextmanager
def demo_centre(folder: Path) -> Iterator[str]:
    """Make the demo centre in ``folder`` and serve it, for the block; gives its address."""
    seed(folder)
    with serve(folder) as address:
        yield address


def _environment(folder: Path, address: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", str(folder)),
        "DATA_DIR": str(folder),
        "SITE_URL": address,
        "LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "tests.gallery.settings",
    }


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if server.poll() is not None:
            raise TimeoutError("The demo centre's server ended before it answered.")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise TimeoutError(f"{address} does not answer.")
