"""Runs a command with a PostgreSQL of its own: python scripts/with_postgres.py COMMAND...

Makes a throwaway cluster that listens on a socket in a temporary folder only (so no port can be taken), sets
DATABASE_URL, runs the command, stops the server and removes everything. Exits with the command's own code. With
--probe it only says where the server's programs are, and exits 1 where there are none.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

# What a test cluster never needs: surviving a power cut, other machines, shared memory beyond a container's allowance.
OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "listen_addresses": "",
    "dynamic_shared_memory_type": "mmap",
    "max_connections": "300",  # tests of 64 at once, on several workers
    "log_min_messages": "fatal",
    "log_min_error_statement": "fatal",
}
SECONDS_TO_START = 60


def find_programs() -> Path | None:
    """The folder that holds both initdb and postgres: the newest of Debian's, or where the path says."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: int(folder.parent.name) if folder.parent.name.isdigit() else 0,
        reverse=True,
    )
    on_path = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    for folder in [*debian, *on_path]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def unprivileged_account() -> pwd.struct_passwd | None:
    """Who runs the server: PostgreSQL refuses to run as root, so root lends it another account."""
    if os.geteuid() != 0:
        return None
    for name in ["postgres", "nobody"]:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    sys.exit("with_postgres: root, but there is no account to run PostgreSQL as")


def run(programs: Path, command: list[str]) -> int:
    """Brings the cluster up, runs the command and takes the cluster down. Returns the command's exit code."""
    account = unprivileged_account()
    lent: dict[str, Any] = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    folder = Path(tempfile.mkdtemp(prefix="nvq-pg-"))
    server = None
    try:
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        data = folder / "data"
        made = subprocess.run(
            [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **lent,
        )
        if made.returncode:
            sys.exit(f"with_postgres: initdb failed\n{made.stdout}")
        options = [word for name, value in OPTIONS.items() for word in ("-c", f"{name}={value}")]
        with (folder / "log").open("w") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", folder, *options],
                cwd=folder,
                stdout=log,
                stderr=log,
                # Ctrl+C is for the command; the server stops when the command has ended.
                start_new_session=True,
                **lent,
            )
        wait_until_ready(server, data / "postmaster.pid", folder / "log")
        # The socket's folder takes the place of the host: postgres://user@//folder/database.
        environment = os.environ | {"DATABASE_URL": f"postgres://postgres@/{folder}/nvq"}
        return subprocess.run(command, env=environment, check=False).returncode
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # a fast shutdown: sessions are cut, nothing is waited for
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def wait_until_ready(server: subprocess.Popen, pid_file: Path, log: Path) -> None:
    """Returns when the server takes connections, which it says in the last line of its pid file."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if server.poll() is not None:
            sys.exit(f"with_postgres: the server did not start\n{log.read_text()}")
        with contextlib.suppress(FileNotFoundError):
            lines = pid_file.read_text().splitlines()
            if len(lines) > 7 and lines[7].strip() == "ready":
                return
        time.sleep(0.05)
    sys.exit(f"with_postgres: the server was not ready after {SECONDS_TO_START} seconds\n{log.read_text()}")


def main() -> int:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    programs = find_programs()
    if programs is None:
        sys.exit("with_postgres: PostgreSQL's server programs (initdb, postgres) are not installed")
    if sys.argv[1] == "--probe":
        print(programs)
        return 0
    # A polite kill must take the server down too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return run(programs, sys.argv[1:])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
