"""Serve the application: Granian with several worker processes, stopped by SIGTERM or Ctrl-C."""

import gc
import shutil
import socket
from pathlib import Path

from events_app import settings as configuration
from events_app.settings import Settings


def check_port(settings: Settings) -> None:
    """Raises OSError when the port is taken: workers share theirs, so a second server would start in silence."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            message = (
                f"Port {settings.port} on {settings.host} cannot be used ({error.strerror}); set EVENTS_PORT."
            )
            raise OSError(message) from None


def serve(settings: Settings) -> None:
    """Returns when told to stop."""
    configuration.export(settings, PROMETHEUS_MULTIPROC_DIR=str(_fresh(settings.data_dir / "metrics")))
    from granian.constants import Interfaces, Loops
    from granian.http import HTTP1Settings
    from granian.server import Server

    from events_app.app import served

    served()
    gc.collect()
    gc.freeze()  # what is made so far stays shared with the workers, instead of being touched by their collector

    Server(
        target="events_app.app:served",
        factory=True,
        interface=Interfaces.ASGI,
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop=Loops.uvloop,
        websockets=False,
        backlog=2048,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        respawn_failed_workers=True,
        # Without it a SIGTERM that arrives while workers are still importing is lost.
        workers_kill_timeout=10,
        log_enabled=True,
        log_level="warning",  # type: ignore[arg-type]
    ).serve()


def _fresh(directory: Path) -> Path:
    """Empty: the counts of workers that are gone do not belong to this run."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory
