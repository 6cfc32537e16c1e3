"""Scans that waited are brought through a connection that keeps breaking: all arrive, each once."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any, TypeVar

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.browser import visitors
from tests.browser.cutting import Cutter, cutter
from tests.crowds import Guest, make_crowd
from tests.people import PASSWORD, Union, make_session, make_union

from events_app.lib import clock, database
from events_app.programmes.tables import Session

T = TypeVar("T")
Commit = Callable[[Callable[[], Awaitable[T]]], T]
BATCH = 20
# What the page would have written down without network; the store's own words for it stand in store.js.
WAIT = """(scans) => new Promise((done) => {
    const opening = indexedDB.open("gate");
    opening.onsuccess = () => {
        const work = opening.result.transaction("scans", "readwrite");
        for (const scan of scans) work.objectStore("scans").add({ ...scan, waiting: 1 });
        work.oncomplete = () => done();
    };
})"""


# Of the whole run, for pytest sorts the tests by browser, and so this module falls in two.
@pytest.fixture(scope="session")
def commit(live_database: str) -> Commit[Any]:
    return partial(visitors.commit, live_database)


@pytest.fixture(scope="session")
def union(commit: Commit[Union]) -> Union:
    return commit(lambda: make_union("峡谷县总工会", organiser="wang-gorge", gate="li-gorge"))


@pytest.fixture(scope="session")
def cookies(live_server: str, union: Union) -> dict[str, str]:
    answer = httpx.post(f"{live_server}/login", data={"login": union.li.login, "password": PASSWORD})
    return dict(answer.cookies)


@pytest.fixture
def session(commit: Commit[Session], union: Union) -> Session:
    return commit(lambda: make_session(union.activity, 1000))


@pytest.fixture
def crowd(commit: Commit[list[Guest]], session: Session) -> list[Guest]:
    return commit(lambda: make_crowd(session, 400))


def waiting(guests: list[Guest], rounds: int) -> list[dict[str, Any]]:
    """Everybody in, out, in …: as one device wrote it down, the first the longest ago."""
    began, number = clock.now() - timedelta(minutes=50), count()
    return [
        {
            "ticket": guest.text,
            "nonce": f"{turn}-{guest.ticket}",
            "direction": "out" if turn % 2 else "in",
            "device_at": (began + next(number) * timedelta(seconds=1)).isoformat(),
            "offline": True,
            "shown": "admitted",
        }
        for turn in range(rounds)
        for guest in guests
    ]


def bring(client: httpx.Client, session: Session, queue: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As static/js/queue.js does it: in order, and again as long as there was no answer."""
    heard: list[dict[str, Any]] = []
    while queue:
        body = {"sent_at": clock.now().isoformat(), "scans": queue[:BATCH]}
        try:
            answer = client.post(f"/gate/{session.code}/sync", json=body)
        except httpx.TransportError:
            continue
        assert answer.status_code == 200, answer.text
        heard += answer.json()["answers"]
        queue = queue[BATCH:]
    return heard


async def _known(session: int) -> tuple[Any, ...]:
    sql = """
        SELECT (SELECT attended FROM session WHERE id = $1),
               (SELECT count(*) FROM seat WHERE session = $1 AND inside),
               (SELECT count(*) FROM scan WHERE session = $1 AND let_in),
               (SELECT count(*) FROM audit_entry JOIN session s ON s.id = $1
                 WHERE action = 'scan.admitted' AND subject LIKE s.code || '/%')
    """
    (row,) = await database.fetch(sql, session)
    return tuple(row)


def test_two_thousand_scans_arrive_once_though_every_tenth_request_is_cut(
    live_server: str,
    cookies: dict[str, str],
    commit: Commit[Any],
    session: Session,
    crowd: list[Guest],
) -> None:
    queue = waiting(crowd, 5)

    with (
        cutter(live_server, b"/sync", lambda number: number % 10 == 0) as network,
        httpx.Client(base_url=network.address, cookies=cookies, timeout=20) as client,
    ):
        heard = bring(client, session, queue)

    assert [(answer["nonce"], answer["verdict"]) for answer in heard] == [
        (s["nonce"], "admitted") for s in queue
    ]
    assert (len(queue), network.cut) == (2000, 11)
    assert commit(lambda: _known(session.id)) == (400, 400, 2000, 2000)


def test_the_pages_own_queue_arrives_once_through_cuts(
    live_server: str,
    cookies: dict[str, str],
    context: BrowserContext,
    page: Page,
    commit: Commit[Any],
    session: Session,
    crowd: list[Guest],
) -> None:
    """Only every fourth request gets through: three batches, each of them at its fourth try.

    Chromium itself asks again when a connection breaks that it used before, so one cut would prove nothing.
    """
    order = count(1)
    queue = [
        scan | {"code": session.code, "seat": scan["ticket"], "order": next(order)}
        for scan in waiting(crowd[:150], 3)
    ]

    def passes(network: Cutter) -> None:
        context.add_cookies([{"name": n, "value": v, "url": network.address} for n, v in cookies.items()])
        page.goto(f"{network.address}/gate/{session.code}")
        expect(page.locator("[data-list]")).to_contain_text("本机名单：")
        page.evaluate(WAIT, queue)
        for _moment in range(100):
            page.evaluate("dispatchEvent(new Event('online'))")  # or it would wait five seconds
            if network.asked == 12:
                break
            page.wait_for_timeout(100)
        expect(page.locator("[data-queue]")).to_be_hidden()
        expect(page.locator("[data-net]")).to_have_text("在线")

    with cutter(live_server, b"/sync", lambda number: number % 4 != 0) as network:
        passes(network)

    assert (network.asked, network.cut) == (12, 9)
    assert commit(lambda: _known(session.id)) == (150, 150, 450, 450)
