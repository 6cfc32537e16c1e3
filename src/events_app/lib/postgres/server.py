"""Start the server or find the one that runs; the last user to leave stops it."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, MappingProxyType
from typing import IO, NoReturn

from events_app.lib.postgres.cluster import Cluster, locate, prepare
from events_app.lib.postgres.errors import PostgresError, from_output, in_plain_words
from events_app.lib.postgres.watch import watched

READY_WITHIN = 120.0  # seconds; replaying the log after a crash takes a while
LOG_KEPT = 5_000_000  # bytes
# Orphans of a killed server hold its memory for a moment; a free port may be taken before we use it.
PASSING = ("pre-existing shared memory block", "Address already in use")

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
THROW_AWAY = dict.fromkeys(DURABLE, "off")
NONE: Mapping[str, str] = MappingProxyType({})
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "jit": "off",
    "shared_buffers": "128MB",
    "max_connections": "100",
}


@contextmanager
def embedded(data_dir: Path, *, durable: bool = True, settings: Mapping[str, str] = NONE) -> Iterator[str]:
    """Serve the cluster in `data_dir`/postgres and give its DSN; raises PostgresError.

    A server that runs already is shared, whoever started it, and keeps its settings; the last to leave stops it. One
    that dies meanwhile is started again at the same port.
    """
    with ExitStack() as stack:
        stack.enter_context(_stopping_in_order())
        with in_plain_words(data_dir):
            cluster = locate(data_dir)
            with cluster.alone():
                users = stack.enter_context(cluster.joined())
                server = _find(cluster) or _start(cluster, durable, settings)
                dsn = cluster.dsn(server.port)
        running = _Running(cluster, server, durable, settings)
        try:
            with watched(running.is_gone, running.revive):
                yield dsn
        finally:
            _leave(cluster, running.server, users)


class _Running:
    """The server that a user of the cluster relies on, whichever process it is by now."""

    def __init__(
        self, cluster: Cluster, server: "Server", durable: bool, settings: Mapping[str, str]
    ) -> None:
        self.server = server
        self._cluster, self._durable, self._settings = cluster, durable, settings

    def is_gone(self) -> bool:
        return _gone(self.server, self._cluster.data)

    def revive(self) -> None:
        """Raises PostgresError. Another user of the cluster may have been quicker."""
        with self._cluster.alone():
            port = self.server.port
            self.server = _find(self._cluster) or _start(self._cluster, self._durable, self._settings, port)


@contextmanager
def _stopping_in_order() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind the stack instead of ending us at once, unless somebody handles them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = [
        number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_DFL
    ]
    for number in ours:
        signal.signal(number, _exit)
    try:
        yield
    finally:
        for number in ours:
            if signal.getsignal(number) is _exit:
                signal.signal(number, signal.SIG_DFL)


def _exit(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


@dataclass(frozen=True)
class Server:
    """A running postmaster; `process` is set when it is our child."""

    pid: int
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    def leave_running(self) -> None:
        if self.process:
            self.process.returncode = 0  # Popen would warn of a child that outlives it


@dataclass(frozen=True)
class PidFile:
    """What the postmaster writes about itself: one item a line, the state last."""

    pid: int
    port: int
    ready: bool

    @classmethod
    def read(cls, data: Path) -> "PidFile | None":
        try:
            lines = (data / "postmaster.pid").read_text().splitlines()
            return cls(int(lines[0]), int(lines[3]), len(lines) > 7 and lines[7].strip() == "ready")
        except (FileNotFoundError, IndexError, ValueError):
            return None


def _find(cluster: Cluster) -> Server | None:
    """The live server on this data, waiting for one that is just starting or stopping."""
    give_up = time.monotonic() + READY_WITHIN
    while (file := PidFile.read(cluster.data)) and _is_postmaster(file, cluster.data):
        if file.ready and _answers(file.port):
            return Server(file.pid, file.port)
        if time.monotonic() > give_up:
            raise PostgresError(
                f"The PostgreSQL on {cluster.data} (process {file.pid}) does not answer: stop it and start again."
            )
        time.sleep(0.05)
    return None


def _is_postmaster(file: PidFile, data: Path) -> bool:
    """Whether that process works on this data: after a reboot its number may belong to any other program."""
    if not Path("/proc/self").exists():
        return _answers(file.port)
    try:
        return Path(f"/proc/{file.pid}/cwd").samefile(data)  # a postmaster works in its data directory
    except OSError:
        return False


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
        return True
    return False


def _start(cluster: Cluster, durable: bool, settings: Mapping[str, str], port: int | None = None) -> Server:
    """At `port`, or at one that is free."""
    prepare(cluster, durable=durable)
    options = SETTINGS | (DURABLE if durable else THROW_AWAY) | dict(settings)
    give_up = time.monotonic() + READY_WITHIN
    while True:
        _release_pid_file(cluster)
        server, output = _try_to_start(cluster, options, port or _free_port())
        if server:
            return server
        if not any(reason in output for reason in PASSING) or time.monotonic() > give_up:
            raise from_output("start", output, cluster.data)
        time.sleep(0.2)


def _release_pid_file(cluster: Cluster) -> None:
    """Make a dead server's pid file harmless.

    PostgreSQL refuses to start while the process named there lives, even if it is another program by now, but takes
    its parent's number for a leftover. Deleting the file would delete the key by which it finds orphaned backends.
    """
    file = cluster.data / "postmaster.pid"
    if not file.exists():
        return
    if PidFile.read(cluster.data) is None:
        file.unlink()
        return
    lines = file.read_text().splitlines()
    file.write_text("\n".join([str(os.getpid()), *lines[1:], ""]))


def _try_to_start(cluster: Cluster, options: Mapping[str, str], port: int) -> tuple[Server | None, str]:
    """Start once; without a server, what PostgreSQL wrote about it."""
    with _open_log(cluster.log) as log:
        begin = log.tell()
        process = cluster.account.spawn(_command(cluster, port, options), log)
    try:
        if _wait_until_ready(process, cluster):
            return Server(process.pid, port, process), ""
    except BaseException:
        _stop(Server(process.pid, port, process), cluster.data)
        raise
    return None, cluster.log.read_bytes()[begin:].decode(errors="replace")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _open_log(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > LOG_KEPT:
        path.replace(path.with_suffix(".log.1"))
    path.touch(mode=0o600)
    log = path.open("ab")
    log.seek(0, os.SEEK_END)
    return log


def _command(cluster: Cluster, port: int, options: Mapping[str, str]) -> list[str | Path]:
    command: list[str | Path] = [cluster.programs / "postgres", "-D", cluster.data, "-p", str(port)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    return command


def _wait_until_ready(process: "subprocess.Popen[bytes]", cluster: Cluster) -> bool:
    give_up = time.monotonic() + READY_WITHIN
    while process.poll() is None:
        file = PidFile.read(cluster.data)
        if file and file.pid == process.pid and file.ready:
            return True
        if time.monotonic() > give_up:
            raise PostgresError(
                f"PostgreSQL was not ready after {READY_WITHIN:.0f} seconds: {cluster.log} says why."
            )
        time.sleep(0.01)
    return False


def _leave(cluster: Cluster, server: Server, users: IO[str]) -> None:
    """Stop the server unless others still use it."""
    with cluster.alone(), users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            server.leave_running()
        else:
            _stop(_latest(server, cluster.data), cluster.data)


def _latest(server: Server, data: Path) -> Server:
    """What runs on the data by now: our own server may have died and been replaced."""
    file = PidFile.read(data)
    return Server(file.pid, file.port) if file and file.pid != server.pid else server


def _stop(server: Server, data: Path) -> None:
    """Fast shutdown; if that takes too long, ever harder ways, which the next start recovers from."""
    for number, patience in ((signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
        if _gone(server, data):
            return
        with suppress(ProcessLookupError):
            os.kill(server.pid, number)
        give_up = time.monotonic() + patience
        while not _gone(server, data) and time.monotonic() < give_up:
            time.sleep(0.01)


def _gone(server: Server, data: Path) -> bool:
    if server.process:
        return server.process.poll() is not None
    return not _is_postmaster(PidFile(server.pid, server.port, ready=True), data)
