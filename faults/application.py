"""The application as it is installed on one machine, with its own database server, to be killed."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

PORT = 8513
ADDRESS = f"http://127.0.0.1:{PORT}"
SECRET = "f" * 64
_COMMAND = [sys.executable, "-c", "from events_app.cli import main; main()", "serve"]
_UP_WITHIN = 60.0  # seconds


@dataclass
class Application:
    """`directory` holds its data; `process` leads the group of its workers."""

    directory: Path
    process: "subprocess.Popen[bytes]"

    def kill(self) -> None:
        """All of its processes at once, without a word. The database server is none of them."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def start(self) -> None:
        self.process = _spawn(self.directory)

    def kill_database(self, chance: random.Random) -> str:
        """Its first process, or one that answers us: then all the others fall with it. Says which."""
        first = postmaster(self.directory)
        backends = _children(first)
        victim = chance.choice([first, chance.choice(backends)]) if backends else first
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
        return "server" if victim == first else "backend"


@contextmanager
def running(directory: Path) -> Iterator[Application]:
    application = Application(directory, _spawn(directory))
    try:
        wait_until_up()
        yield application
    finally:
        application.process.send_signal(signal.SIGTERM)
        try:
            application.process.wait(30)
        except subprocess.TimeoutExpired:
            application.kill()


def wait_until_up() -> None:
    give_up = time.monotonic() + _UP_WITHIN
    while time.monotonic() < give_up:
        with suppress(httpx.TransportError):
            if httpx.get(f"{ADDRESS}/readyz").status_code == 200:
                return
        time.sleep(0.02)
    raise SystemExit(f"faults: {ADDRESS} does not answer")


def postmaster(directory: Path) -> int:
    return int((directory / "postgres" / "postmaster.pid").read_text().split()[0])


def environment(directory: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EVENTS_")}
    return kept | {
        "EVENTS_SECRET_KEY": SECRET,
        "EVENTS_DATA_DIR": str(directory),
        "EVENTS_PORT": str(PORT),
        "EVENTS_WORKERS": "2",
    }


def _spawn(directory: Path) -> "subprocess.Popen[bytes]":
    with (directory / "application.log").open("ab") as log:
        return subprocess.Popen(
            _COMMAND, env=environment(directory), stdout=log, stderr=log, start_new_session=True
        )


def _children(pid: int) -> list[int]:
    """Server processes that answer clients; what serves PostgreSQL itself is not among them."""
    with suppress(OSError):
        pids = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(child) for child in pids if b"127.0.0.1" in _command_line(child)]
    return []


def _command_line(pid: str) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
