"""The gate without network: it opens, judges, remembers, and brings everything to the server once."""

import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from tests.browser import camera, visitors
from tests.browser.conftest import FLAGS, Axe
from tests.gates import make_gate
from tests.people import PASSWORD, Union, make_session, make_union, register

from events_app.lib import clock, codes, database
from events_app.programmes.tables import Session
from events_app.registration.queries import SeatTaken

T = TypeVar("T")
Commit = Callable[[Callable[[], Awaitable[T]]], T]

# On the disk by the time it is asked for: the page's files, the page, and the list.
READY = """async () => {
    for (let tries = 0; tries < 100; tries += 1) {
        const pages = await caches.open("gate-pages");
        if (await pages.match(location.pathname.replace(/\\/$/, "")) && navigator.serviceWorker.controller) return true;
        await new Promise((done) => setTimeout(done, 100));
    }
    return false;
}"""
COUNT = """(name) => new Promise((done) => {
    const opening = indexedDB.open("gate");
    opening.onsuccess = () => {
        const count = opening.result.transaction(name).objectStore(name).count();
        count.onsuccess = () => done(count.result);
    };
})"""
YESTERDAY = """(closed) => new Promise((done) => {
    const opening = indexedDB.open("gate");
    opening.onsuccess = () => {
        const lists = opening.result.transaction("lists", "readwrite").objectStore("lists");
        lists.put({ code: "old", session: { check_in_closes_at: closed }, seats: [] }).onsuccess = () => done();
    };
})"""
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


@pytest.fixture
def visitor(
    new_context: Callable[..., BrowserContext], cookies: list[Any], base_url: str
) -> Callable[[], Page]:
    """Opens another phone of Li's."""

    def come() -> Page:
        context = new_context()
        context.add_cookies(cookies)
        return context.new_page()

    return come


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


def test_second_scan_is_amber_with_the_first_time_whoever_let_them_in(
    gate: Page, session: Session, seats: list[SeatTaken]
) -> None:
    open_gate(gate, session)
    type_ticket(gate, text_of(seats[0]))  # by the server
    expect_answer(gate, "admitted", "赵敏")
    go_offline(gate)
    type_ticket(gate, text_of(seats[1]))  # by the device
    expect_answer(gate, "admitted", "孙*", "本机判断")
    gate.reload()

    for seat in seats:
        type_ticket(gate, codes.ticket_number(seat.ticket))
        expect_answer(gate, "warning", "重复", "首次签到", "本机判断")


def test_forged_and_edited_tickets_are_red_without_network(
    gate: Page, session: Session, seats: list[SeatTaken]
) -> None:
    open_gate(gate, session)
    go_offline(gate)

    for text in (codes.ticket_text(seats[0].ticket, seats[1].signature), "0000-0000", "x" * 2000):
        gate.evaluate("document.querySelector('[name=ticket]').removeAttribute('maxlength')")
        type_ticket(gate, text)
        expect_answer(gate, "refused", "无效")
        expect(gate.locator("#scan-result")).not_to_contain_text("赵")


def test_who_registered_since_comes_in_on_their_signature_and_is_marked(
    gate: Page, session: Session, commit: Commit[SeatTaken], log: Callable[[], list[Any]]
) -> None:
    open_gate(gate, session)
    go_offline(gate)
    late = commit(lambda: register(session, "钱多", "19900003333"))

    type_ticket(gate, text_of(late))
    expect_answer(gate, "warning", "请进", "不在本机的名单上")
    type_ticket(gate, text_of(late))
    expect_answer(gate, "warning", "重复")
    go_online(gate)

    expect_waiting(gate, 0)
    assert log() == [("in", "admitted", True, True), ("in", "already_in", True, False)]


@pytest.mark.parametrize(
    ("change", "kind", "word"),
    [
        ("UPDATE seat SET state = 'waitlisted', waiting_number = id WHERE session = $1", "warning", "候补中"),
        ("UPDATE session SET called_off_at = now() WHERE id = $1", "refused", "已取消"),
        ("UPDATE session SET postponed_at = now() WHERE id = $1", "warning", "未到时间"),
        (
            "UPDATE session SET check_in_opens_at = now() + interval '1 minute' WHERE id = $1",
            "warning",
            "未到时间",
        ),
    ],
)
def test_who_may_not_come_in_is_told_why_without_network(
    gate: Page,
    session: Session,
    seats: list[SeatTaken],
    commit: Commit[Any],
    change: str,
    kind: str,
    word: str,
) -> None:
    commit(lambda: database.fetch(change, session.id))
    open_gate(gate, session)
    go_offline(gate)

    type_ticket(gate, text_of(seats[0]))

    expect_answer(gate, kind, word, "赵*")


def test_who_leaves_and_comes_back_without_network(
    gate: Page, session: Session, seats: list[SeatTaken], log: Callable[[], list[Any]]
) -> None:
    open_gate(gate, session)
    go_offline(gate)
    type_ticket(gate, text_of(seats[0]))
    expect_answer(gate, "admitted", "请进")
    gate.get_by_label("离场").check()

    type_ticket(gate, text_of(seats[0]))
    expect_answer(gate, "admitted", "已离场")
    type_ticket(gate, text_of(seats[0]))
    expect_answer(gate, "warning", "未入场")
    gate.get_by_label("入场").check()
    type_ticket(gate, text_of(seats[0]))
    expect_answer(gate, "admitted", "请进")
    go_online(gate)

    expect_waiting(gate, 0)
    assert [row[:2] for row in log()] == [
        ("in", "admitted"),
        ("out", "admitted"),
        ("out", "not_in"),
        ("in", "admitted"),
    ]


def test_answer_that_does_not_come_is_given_here_and_the_scan_keeps_its_nonce(
    gate: Page, session: Session, seats: list[SeatTaken], commit: Commit[Any], log: Callable[[], list[Any]]
) -> None:
    open_gate(gate, session)
    asked: list[str] = []

    def swallow(route: Route) -> None:
        asked.append(route.request.post_data or "")
        route.fetch()  # it arrives, and its answer never does

    gate.route("**/scans", swallow)
    type_ticket(gate, text_of(seats[0]))
    expect_answer(gate, "admitted", "请进", "赵*", "本机判断")

    expect_waiting(gate, 0)
    (row,) = commit(lambda: database.fetch("SELECT nonce FROM scan WHERE session = $1", session.id))
    assert row["nonce"] in asked[0]
    assert log() == [("in", "admitted", False, True)]


def test_scans_at_one_ticket_by_two_devices_without_network_differ_afterwards(
    gate: Page,
    session: Session,
    seats: list[SeatTaken],
    cookies: list[Any],
    visitor: Callable[[], Page],
    log: Callable[[], list[Any]],
) -> None:
    other = visitor()
    for door in (gate, other):
        open_gate(door, session)
        go_offline(door)
        type_ticket(door, text_of(seats[0]))
        expect_answer(door, "admitted", "赵*")

    for door in (gate, other):
        go_online(door)
        expect_waiting(door, 0)

    expect(other.get_by_text("有1次扫码与本机的答复不同")).to_be_visible()
    expect(other.locator("#recent li").first).to_contain_text("重复")
    expect(gate.locator("[data-differed]")).to_be_hidden()
    assert log() == [("in", "admitted", True, True), ("in", "already_in", True, True)]


@pytest.mark.parametrize("offline", [False, True])
def test_last_scan_is_taken_back_with_network_and_without(
    gate: Page, session: Session, seats: list[SeatTaken], offline: bool, log: Callable[[], list[Any]]
) -> None:
    open_gate(gate, session)
    expect(gate.locator("[data-undo]")).to_be_hidden()
    if offline:
        go_offline(gate)
    type_ticket(gate, text_of(seats[0]))
    expect_answer(gate, "admitted")
    expect_count(gate, 1, 2)

    gate.get_by_role("button", name="撤销刚才的扫码：赵").click()

    expect_answer(gate, "warning", "已撤销", "赵")
    expect_count(gate, 0, 2)
    expect(gate.locator("[data-undo]")).to_be_hidden()
    if offline:
        type_ticket(gate, text_of(seats[0]))
        expect_answer(gate, "admitted", "本机判断")
        go_online(gate)
    expect_waiting(gate, 0)
    again = [("in", "admitted", True, True)] if offline else []
    assert log() == [("in", "admitted", offline, True), ("undo", "admitted", offline, False), *again]


def test_ended_login_is_said_and_the_scans_wait_for_the_next_one(
    gate: Page, session: Session, seats: list[SeatTaken], cookies: list[Any], log: Callable[[], list[Any]]
) -> None:
    open_gate(gate, session)
    gate.context.clear_cookies()

    type_ticket(gate, text_of(seats[0]))

    expect_answer(gate, "admitted", "赵*", "本机判断")
    expect(gate.get_by_role("link", name="重新登录")).to_have_attribute(
        "href", f"/login?next=/gate/{session.code}"
    )
    expect_waiting(gate, 1)
    gate.context.add_cookies(cookies)
    expect(gate.locator("[data-net]")).to_have_text("在线", timeout=8000)
    expect_waiting(gate, 0)
    assert log() == [("in", "admitted", True, True)]


def test_revoked_gate_loses_its_list_and_keeps_what_was_not_sent(
    page: Page,
    context: BrowserContext,
    live_server: str,
    session: Session,
    seats: list[SeatTaken],
    commit: Commit[Any],
) -> None:
    gate = commit(lambda: make_gate(session, device="secret-of-this-phone"))
    context.add_cookies([{"name": "events_gate", "value": "secret-of-this-phone", "url": live_server}])
    open_gate(page, session)
    go_offline(page)
    type_ticket(page, text_of(seats[0]))
    expect_answer(page, "admitted", "赵*")
    commit(lambda: database.fetch("UPDATE gate SET revoked_at = now() WHERE id = $1", gate.id))

    page.context.set_offline(False)

    expect(page.locator("[data-net]")).to_have_text("不能签到")
    expect(page.get_by_text("本机的名单已经删除")).to_be_visible()
    expect(page.locator("[data-list]")).to_have_text("本机还没有名单")
    assert page.evaluate(COUNT, "lists") == 0


def test_kept_pages_name_nobody_and_the_choice_of_sessions_opens_too(
    gate: Page, session: Session, seats: list[SeatTaken]
) -> None:
    open_gate(gate, session)
    type_ticket(gate, text_of(seats[0]))
    expect_answer(gate, "admitted", "赵敏")
    gate.reload()
    expect(gate.locator("#recent")).to_contain_text("赵敏")
    gate.goto("/gate/")
    assert gate.evaluate(READY)
    gate.context.set_offline(True)

    gate.reload()
    gate.locator(f'a[href="/gate/{session.code}"]').click()
    expect(gate.locator("[data-net]")).to_have_text("离线")
    expect(gate.get_by_text("赵敏")).to_have_count(0)
    expect_count(gate, 1, 2)
    gate.get_by_role("link", name="名单签到").click()

    expect(gate.get_by_text("刚才要打开的页面需要网络")).to_be_visible()


def test_wrong_clock_and_the_name_of_the_place_are_put_right(
    gate: Page, session: Session, seats: list[SeatTaken], commit: Commit[Any]
) -> None:
    gate.clock.set_fixed_time(clock.now() - timedelta(hours=5))
    open_gate(gate, session)
    gate.get_by_label("签到点").fill("西门")
    go_offline(gate)

    type_ticket(gate, text_of(seats[0]))
    expect_answer(gate, "admitted", "本机判断")
    go_online(gate)
    expect_waiting(gate, 0)

    (row,) = commit(lambda: database.fetch("SELECT at, place FROM scan WHERE session = $1", session.id))
    assert (clock.now() - row["at"] < timedelta(minutes=1), row["place"]) == (True, "西门")


def test_lists_of_yesterday_leave_the_device(gate: Page, session: Session) -> None:
    open_gate(gate, session)
    gate.evaluate(YESTERDAY, (clock.now() - timedelta(hours=25)).isoformat())
    assert gate.evaluate(COUNT, "lists") == 2

    gate.reload()
    expect(gate.locator("[data-list]")).to_contain_text("本机名单：")

    assert gate.evaluate(COUNT, "lists") == 1


def test_browser_that_keeps_nothing_works_with_network(
    gate: Page, session: Session, seats: list[SeatTaken]
) -> None:
    gate.add_init_script("indexedDB.open = () => { throw new DOMException('', 'SecurityError'); };")
    gate.goto(f"/gate/{session.code}")

    type_ticket(gate, text_of(seats[0]))

    expect_answer(gate, "admitted", "赵敏")
    expect(gate.get_by_text("断网后不能签到")).to_be_visible()
    expect(gate.locator("[data-undo]")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_without_network(
    gate: Page, session: Session, seats: list[SeatTaken], axe: Axe, width: int, scheme: Any
) -> None:
    gate.set_viewport_size({"width": width, "height": 844})
    gate.emulate_media(color_scheme=scheme)
    open_gate(gate, session)
    go_offline(gate)
    gate.locator("summary").click()

    for text, kind in ((text_of(seats[0]), "admitted"), (text_of(seats[0]), "warning"), ("x", "refused")):
        type_ticket(gate, text)
        expect_answer(gate, kind)
        assert axe(gate) == []
    assert gate.evaluate("document.documentElement.scrollWidth") <= width
