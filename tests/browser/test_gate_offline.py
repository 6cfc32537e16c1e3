"""The gate without network: it opens, judges, remembers, and brings everything to the server once."""

import re
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.browser import camera, visitors
from tests.browser.conftest import FLAGS
from tests.people import PASSWORD, Union, make_session, make_union, register

from events_app.lib import codes, database
from events_app.programmes.tables import Session
from events_app.registration.queries import SeatTaken

T = TypeVar("T")
Commit = Callable[[Callable[[], Awaitable[T]]], T]

# On the disk by the time it is asked for: the page's files, the page, and the list.
READY = """async () => {
    for (let tries = 0; tries < 100; tries += 1) {
        const pages = await caches.open("gate-pages");
        if (await pages.match(location.pathname) && navigator.serviceWorker.controller) return true;
        await new Promise((done) => setTimeout(done, 100));
    }
    return false;
}"""
WORKERS = """
    window.threads = 0; window.pictures = 0;
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (question, ...rest) {
        if (question.pixels) pictures += 1;
        this.addEventListener("message", ({ data }) => { if (data.texts) threads += 1; }, { once: true });
        return post.call(this, question, ...rest);
    };
"""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("camera") / "film.mjpeg"


@pytest.fixture(scope="module")
def browser(launch_browser: Callable[..., Browser], film: Path) -> Iterator[Browser]:
    chromium = launch_browser(args=FLAGS + camera.flags(film))
    yield chromium
    chromium.close()


@pytest.fixture(scope="module")
def commit(live_database: str) -> Commit[Any]:
    return partial(visitors.commit, live_database)


@pytest.fixture(scope="module")
def union(commit: Commit[Union]) -> Union:
    return commit(lambda: make_union("山区县总工会", organiser="wang-hills", gate="li-hills"))


@pytest.fixture(scope="module")
def cookies(live_server: str, union: Union) -> list[Any]:
    answer = httpx.post(f"{live_server}/login", data={"login": union.li.login, "password": PASSWORD})
    return [{"name": name, "value": value, "url": live_server} for name, value in answer.cookies.items()]


@pytest.fixture
def session(commit: Commit[Session], union: Union) -> Session:
    return commit(lambda: make_session(union.activity))


@pytest.fixture
def seats(commit: Commit[list[SeatTaken]], session: Session) -> list[SeatTaken]:
    """Zhao's and Sun's."""

    async def make() -> list[SeatTaken]:
        zhao = await register(session, "赵敏", "19900001111", "昆明机床厂")
        return [zhao, await register(session, "孙丽", "19900002222", "滇池学院")]

    return commit(make)


@pytest.fixture
def gate(page: Page, context: BrowserContext, cookies: list[Any], film: Path, seats: list[SeatTaken]) -> Page:
    """Li's browser; nobody stands before the camera yet."""
    camera.write_film(film, [("", 1)])
    context.add_cookies(cookies)
    return page


def text_of(seat: SeatTaken) -> str:
    return f"http://127.0.0.1/t/{codes.ticket_text(seat.ticket, seat.signature)}"


def open_gate(page: Page, session: Session) -> None:
    """Until everything is on the device that it needs without network."""
    page.goto(f"/gate/{session.code}")
    expect(page.locator("[data-list]")).to_contain_text("本机名单：")
    assert page.evaluate(READY)


def go_offline(page: Page) -> None:
    page.context.set_offline(True)
    expect(page.locator("[data-net]")).to_have_text("离线")


def go_online(page: Page) -> None:
    page.context.set_offline(False)
    expect(page.locator("[data-net]")).to_have_text("在线")


def type_ticket(page: Page, text: str) -> None:
    page.get_by_label("票号").fill(text)
    page.get_by_role("button", name="查验").click()


def expect_answer(page: Page, kind: str, *words: str) -> None:
    panel = page.locator("#scan-result")
    expect(panel).to_have_attribute("data-kind", kind)
    for word in words:
        expect(panel).to_contain_text(word)


def expect_waiting(page: Page, number: int) -> None:
    queue = page.locator("[data-queue]")
    if number:
        expect(queue).to_have_text(f"{number}次扫码等待上传")
    else:
        expect(queue).to_be_hidden()


def expect_count(page: Page, attended: int, expected: int) -> None:
    expect(page.locator("#door-count")).to_have_text(re.compile(rf"已入场\s*{attended}\s*/\s*{expected}"))


async def _log(session: int) -> list[tuple[Any, ...]]:
    rows = await database.fetch(
        "SELECT direction, verdict, offline, let_in FROM scan WHERE session = $1 ORDER BY at, id", session
    )
    return [tuple(row) for row in rows]


@pytest.fixture
def log(commit: Commit[Any], session: Session) -> Callable[[], list[tuple[Any, ...]]]:
    """The session's scans in their order: direction, verdict, whether made without network, whether they let in."""
    return lambda: commit(lambda: _log(session.id))


def test_gate_opens_and_scans_without_network_and_brings_each_scan_once(
    gate: Page, session: Session, seats: list[SeatTaken], film: Path, log: Callable[[], list[Any]]
) -> None:
    gate.add_init_script(WORKERS)
    open_gate(gate, session)
    gate.context.set_offline(True)
    camera.write_film(film, [(text_of(seats[0]), 1.5), ("", 0.5)])

    gate.reload()
    expect_answer(gate, "admitted", "请进", "赵*", "昆明机床厂", "本机判断")
    expect(gate.locator("[data-net]")).to_have_text("离线")
    type_ticket(gate, codes.ticket_number(seats[1].ticket))
    expect_answer(gate, "admitted", "孙*")
    expect_waiting(gate, 2)
    expect_count(gate, 2, 2)
    assert gate.evaluate("threads") > 0  # the reader's worker came from the device, too
    assert log() == []

    go_online(gate)

    expect_waiting(gate, 0)
    expect_count(gate, 2, 2)
    assert log() == [("in", "admitted", True, True)] * 2
