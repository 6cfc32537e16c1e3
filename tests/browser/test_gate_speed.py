"""The camera at the door: every frame is read, a queue passes quickly, and the phone stays awake and bright."""

from collections import Counter
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

# Instruments that this machine lacks: a lamp, a lock on the screen, a second camera. They keep a list.
INSTRUMENTS = """
    window.lamps = []; window.locks = [];
    MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true });
    MediaStreamTrack.prototype.applyConstraints = async ({ advanced: [{ torch }] }) => { lamps.push(torch); };
    Object.defineProperty(navigator, "wakeLock", { value: {
        request: async (what) => { const lock = { what, released: false }; locks.push(lock); return lock; },
    } });
    const devices = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
    navigator.mediaDevices.enumerateDevices = async () => [
        ...await devices(), { kind: "videoinput", label: "后置广角", deviceId: "wide" },
    ];
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    window.opened = [];
    navigator.mediaDevices.getUserMedia = (wish) => { opened.push(wish.video.deviceId?.ideal); return open(wish); };
"""
HIDE = """(hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    if (hidden) locks.at(-1).released = true;
    document.dispatchEvent(new Event("visibilitychange"));
}"""
WECHAT = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0"
)
FRAMES_PER_SECOND = 30
AT_LEAST = 15  # frames read in a second
GUESTS = 32
A_MINUTE = 30  # guests let in, at least
STEP = 0.5, 0.2  # seconds: a code is held up, and the next guest steps forward
MAY_TAKE = 60  # seconds
# Every picture that is read goes through a worker; the list says when, and how large it was.
WATCH = """
    window.read = []; window.threads = [];
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (question, ...rest) {
        if (question.wasm) threads.push(this);
        if (question.pixels) read.push([performance.now(), question.width, question.height]);
        return post.call(this, question, ...rest);
    };
"""
BEGUN = """async () => {
    for (let tries = 0; read.length < 2; tries += 1) {
        if (tries > 400) throw new Error("no picture was read within 20 seconds");
        await new Promise((done) => setTimeout(done, 50));
    }
}"""
IN_A_SECOND = """async (seconds) => {
    read.length = 0;
    await new Promise((done) => setTimeout(done, seconds * 1000));
    return read.length / seconds;
}"""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("camera") / "film.mjpeg"


@pytest.fixture(scope="module")
def browser(launch_browser: Callable[..., Browser], film: Path) -> Iterator[Browser]:
    chromium = launch_browser(args=FLAGS + camera.flags(film, FRAMES_PER_SECOND))
    yield chromium
    chromium.close()


@pytest.fixture(scope="module")
def commit(live_database: str) -> Commit[Any]:
    return partial(visitors.commit, live_database)


@pytest.fixture(scope="module")
def union(commit: Commit[Union]) -> Union:
    return commit(lambda: make_union("排队市总工会", organiser="wang-queue", gate="li-queue"))


@pytest.fixture
def session(commit: Commit[Session], union: Union) -> Session:
    return commit(lambda: make_session(union.activity))


@pytest.fixture
def gate(page: Page, context: BrowserContext, live_server: str, union: Union, film: Path) -> Page:
    """Li's browser; nobody stands before the camera yet."""
    show(film, [("", 1)])
    answer = httpx.post(f"{live_server}/login", data={"login": union.li.login, "password": PASSWORD})
    cookies = [{"name": name, "value": value, "url": live_server} for name, value in answer.cookies.items()]
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page.add_init_script(WATCH)
    return page


def show(film: Path, scenes: list[tuple[str, float]]) -> None:
    camera.write_film(film, scenes, FRAMES_PER_SECOND)


def open_gate(page: Page, session: Session) -> None:
    """Until the first picture is read: the reader is there."""
    page.goto(f"/gate/{session.code}")
    page.evaluate(BEGUN)


async def come(session: Session, people: int, first: int = 0) -> list[SeatTaken]:
    return [await register(session, f"赵{n:03}", f"199{n:08}") for n in range(first, first + people)]


def text_of(seat: SeatTaken, of: SeatTaken | None = None) -> str:
    """What the QR on a ticket says; `of` another one the signature is borrowed."""
    return f"http://127.0.0.1/t/{codes.ticket_text(seat.ticket, (of or seat).signature)}"


def queue(mine: list[SeatTaken], others: list[SeatTaken]) -> list[tuple[str, str]]:
    """What is held up and what it deserves. Every third one is to stay out: again, forged, or of another session."""
    shown: list[tuple[str, str]] = []
    for n, seat in enumerate(mine):
        shown.append((text_of(seat), "admitted"))
        if n % 6 == 1:
            shown.append((text_of(mine[n - 1], of=seat), "unknown"))
        elif n % 6 == 3:
            shown.append((text_of(others[n // 6]), "wrong_session"))
        elif n % 6 == 5:  # at once it would be the same scan
            again = mine[n - 8] if n > 8 else others[-1]
            shown.append((text_of(again), "already_in" if n > 8 else "wrong_session"))
    return shown


async def verdicts(session: int) -> Counter[str]:
    rows = await database.fetch("SELECT verdict FROM scan WHERE session = $1", session)
    return Counter(row["verdict"] for row in rows)


def test_every_frame_of_a_large_picture_is_read(
    gate: Page, session: Session, film: Path, commit: Commit[list[SeatTaken]]
) -> None:
    [seat] = commit(lambda: come(session, 1))
    show(film, [(text_of(seat), 1), ("", 1)])
    open_gate(gate, session)

    read = max(gate.evaluate(IN_A_SECOND, 3) for _try in range(3))

    assert gate.evaluate("read.at(-1).slice(1)") == [1280, 720]
    assert read >= AT_LEAST


def test_queue_of_thirty_a_minute_comes_in_and_nobody_else(
    gate: Page, session: Session, union: Union, film: Path, commit: Commit[Any]
) -> None:
    mine = commit(lambda: come(session, GUESTS))
    elsewhere = commit(lambda: make_session(union.activity))
    others = commit(lambda: come(elsewhere, GUESTS // 6 + 1, first=500))
    shown = queue(mine, others)
    open_gate(gate, session)
    gate.get_by_role("button", name="关闭摄像头").click()
    held_up = [scene for text, _verdict in shown for scene in ((text, STEP[0]), ("", STEP[1]))]
    show(film, [("", 1), *held_up, ("", 30)])

    gate.get_by_role("button", name="打开摄像头").click()
    began = gate.evaluate("performance.now()")
    expect(gate.locator("#door-count strong")).to_have_text(str(GUESTS), timeout=1000 * MAY_TAKE)
    minutes = (gate.evaluate("performance.now()") - began) / 60_000

    assert GUESTS / minutes >= A_MINUTE
    gate.wait_for_timeout(1000 * sum(STEP) * 2)  # the last one is not to come in
    assert commit(lambda: verdicts(session.id)) == Counter(verdict for _text, verdict in shown)
    assert commit(lambda: database.value("SELECT attended FROM session WHERE id = $1", session.id)) == GUESTS


def test_code_on_the_wall_does_not_hide_the_guests(
    gate: Page, session: Session, film: Path, commit: Commit[list[SeatTaken]]
) -> None:
    seats = commit(lambda: come(session, 3))
    poster = "https://events.example/s/7tcf4n36"
    guests = [camera.jpeg(text_of(seat), behind=poster) for seat in seats]
    nobody = camera.jpeg("", behind=poster)
    film.write_bytes(b"".join(nobody * 15 + guest * 30 for guest in guests))

    open_gate(gate, session)

    expect(gate.locator("#door-count strong")).to_have_text("3", timeout=15_000)


def test_where_no_thread_can_be_had_the_page_reads_by_itself(
    gate: Page, session: Session, film: Path, commit: Commit[list[SeatTaken]]
) -> None:
    [seat] = commit(lambda: come(session, 1))
    show(film, [(text_of(seat), 2)])
    gate.route("**/decode-worker.js*", lambda route: route.abort())

    gate.goto(f"/gate/{session.code}")

    expect(gate.locator("#scan-result")).to_contain_text("赵000", timeout=15_000)


def test_thread_that_ended_is_replaced(
    gate: Page, session: Session, film: Path, commit: Commit[list[SeatTaken]]
) -> None:
    [seat] = commit(lambda: come(session, 1))
    show(film, [("", 4), (text_of(seat), 2)])
    open_gate(gate, session)

    gate.evaluate("threads[0].onerror(new ErrorEvent('error', { message: 'out of memory' }))")

    expect(gate.locator("#scan-result")).to_contain_text("赵000", timeout=15_000)
    assert gate.evaluate("threads.length") == 2


def test_lamp_goes_on_and_off(gate: Page, session: Session) -> None:
    gate.add_init_script(INSTRUMENTS)
    open_gate(gate, session)
    lamp = gate.get_by_role("button", name="手电筒")

    lamp.click()
    expect(lamp).to_have_attribute("aria-pressed", "true")
    lamp.click()
    expect(lamp).to_have_attribute("aria-pressed", "false")

    assert gate.evaluate("lamps") == [True, False]


def test_other_camera_is_opened_and_remembered(gate: Page, session: Session) -> None:
    gate.add_init_script(INSTRUMENTS)
    open_gate(gate, session)

    gate.get_by_label("选择摄像头").select_option(label="后置广角")
    gate.evaluate(BEGUN)
    gate.reload()
    gate.evaluate(BEGUN)

    assert gate.evaluate("opened") == ["wide"]


def test_screen_stays_on_also_after_the_page_was_hidden(gate: Page, session: Session) -> None:
    gate.add_init_script(INSTRUMENTS)
    open_gate(gate, session)
    assert gate.evaluate("locks") == [{"what": "screen", "released": False}]

    gate.evaluate(HIDE, True)
    gate.evaluate(HIDE, False)

    assert gate.evaluate("locks.map((lock) => lock.released)") == [True, False]


def test_camera_that_is_taken_away_says_so(gate: Page, session: Session) -> None:
    open_gate(gate, session)

    gate.evaluate(
        "document.querySelector('video').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))"
    )

    expect(gate.get_by_text("摄像头正被别的程序占用")).to_be_visible()
    expect(gate.get_by_role("button", name="打开摄像头")).to_be_visible()


@pytest.mark.browser_context_args(user_agent=WECHAT)
def test_in_wechat_the_gate_advises_a_browser(gate: Page, session: Session) -> None:
    gate.goto(f"/gate/{session.code}")

    expect(gate.get_by_text("在浏览器打开")).to_be_visible()
