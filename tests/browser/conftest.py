"""A real server with two workers, one Chromium, and pages that fail on script errors and policy violations."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserType, ConsoleMessage, Page
from tests import postgres
from tests.conftest import RUN_DIRECTORY

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome")
# Chromium's own sandbox does not work for root, and /dev/shm is small in containers.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--lang=zh-CN",
]
NO_BROWSER = (
    "No Chromium was found: run “apt-get install chromium fonts-noto-cjk” or “.venv/bin/playwright install chromium”, "
    "or say where one is with CHROMIUM=/path/to/chromium."
)
READY_WITHIN = 30.0  # seconds

Axe = Callable[[Page], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], browser_type: BrowserType
) -> dict[str, Any]:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    executable = found or browser_type.executable_path
    if not Path(executable).exists():
        pytest.fail(NO_BROWSER, pytrace=False)
    return {**browser_type_launch_args, "args": FLAGS, "executable_path": executable}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 1280, "height": 800},
        "reduced_motion": "reduce",
    }


@pytest.fixture(scope="session")
def live_database(database_server: str) -> Iterator[str]:
    """The database behind `live_server`: what is committed there is what the pages show."""
    with postgres.clone(database_server) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def live_server(live_database: str) -> Iterator[str]:
    """The address of `events serve` with two worker processes."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    log = Path(os.environ[RUN_DIRECTORY]) / f"server-{port}.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [Path(sys.executable).with_name("events"), "serve"],
            env=os.environ | _settings(live_database, url, port),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        _wait_for(url, server, log)
        yield url
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="session")
def base_url(live_server: str) -> str:
    """What pytest-playwright puts before the addresses that the tests go to."""
    return live_server


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page that fails its test when a script breaks or the content security policy forbids something."""
    errors: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            errors.append(message.text)

    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", listen)
    page.set_default_timeout(5000)
    yield page
    assert errors == []


@pytest.fixture(scope="session")
def axe() -> Axe:
    """What axe finds wrong on a page, shortened to what a person needs: rule, help, and where."""
    source = AXE.read_text()

    def violations(page: Page) -> list[dict[str, Any]]:
        page.evaluate(
            source
        )  # evaluated by the debugger, which our policy does not bind; a script tag would be
        found = page.evaluate("async () => (await axe.run()).violations")
        return [
            {"rule": v["id"], "help": v["help"], "where": [node["target"] for node in v["nodes"]]}
            for v in found
        ]

    return violations


def _settings(dsn: str, url: str, port: int) -> dict[str, str]:
    return {
        "EVENTS_DATABASE_URL": dsn,
        "EVENTS_DATA_DIR": str(Path(os.environ[RUN_DIRECTORY]) / "live"),
        "EVENTS_BASE_URL": url,
        "EVENTS_SECRET_KEY": "0" * 64,
        "EVENTS_HOST": "127.0.0.1",
        "EVENTS_PORT": str(port),
        "EVENTS_WORKERS": "2",
        "EVENTS_ENV": "development",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    give_up = time.monotonic() + READY_WITHIN
    while time.monotonic() < give_up and server.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/readyz", timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"events serve did not answer at {url}:\n{log.read_text()[-3000:]}", pytrace=False)
