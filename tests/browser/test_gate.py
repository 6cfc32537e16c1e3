"""At the door: camera, typed numbers, photos, scanners that type, and answers that get lost on their way."""

import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from tests import postgres
from tests.browser import camera
from tests.browser.conftest import FLAGS, Axe
from tests.people import PASSWORD, Union, make_session, make_union, register

from events_app.lib import codes, database
from events_app.programmes.tables import Session
from events_app.registration.queries import SeatTaken

T = TypeVar("T")
Commit = Callable[[Callable[[], Awaitable[T]]], T]

NO_CAMERA = (
    "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); };"
)
# Tones and shakes leave no trace in a page, so the instruments keep a list.
LISTEN = """
    window.heard = []; window.felt = [];
    const Tone = OscillatorNode;
    window.OscillatorNode = class extends Tone { constructor(c, o) { super(c, o); heard.push(o.frequency); } };
    navigator.vibrate = (pattern) => felt.push(pattern.length);
"""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the fake camera shows; write it before the page opens."""
    return tmp_path_factory.mktemp("camera") / "film.mjpeg"


@pytest.fixture(scope="module")
def browser(launch_browser: Callable[..., Browser], film: Path) -> Iterator[Browser]:
    """In place of the usual one: a Chromium whose camera is a file."""
    chromium = launch_browser(args=FLAGS + camera.flags(film))
    yield chromium
    chromium.close()


@pytest.fixture(scope="module")
def commit(live_database: str) -> Commit[Any]:
    """Runs makers on the live server's database."""

    def run(work: Callable[[], Awaitable[T]]) -> T:
        usual, config = database.engine.pool, database.engine.config
        database.engine.pool = None  # it belongs to another loop
        database.configure(live_database)
        try:
            return postgres.run(work)
        finally:
            database.engine.pool, database.engine.config = usual, config

    return run


@pytest.fixture(scope="module")
def union(commit: Commit[Union]) -> Union:
    return commit(lambda: make_union(organiser="wang-gate", gate="li-gate"))


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
def gate(page: Page, context: BrowserContext, cookies: list[Any], film: Path, session: Session) -> Page:
    """Li's browser; nobody stands before the camera yet."""
    camera.write_film(film, [("", 1)])
    context.add_cookies(cookies)
    return page


def text_of(seat: SeatTaken) -> str:
    return f"http://127.0.0.1/t/{codes.ticket_text(seat.ticket, seat.signature)}"


def open_gate(page: Page, session: Session) -> None:
    page.goto(f"/gate/{session.code}")
    if page.evaluate("typeof document.body.dataset") == "string":
        expect(page.locator("[data-tools]")).to_be_visible()


def type_ticket(page: Page, text: str) -> None:
    page.get_by_label("票号").fill(text)
    page.get_by_role("button", name="查验").click()


def expect_answer(page: Page, kind: str, *words: str) -> None:
    panel = page.locator("#scan-result")
    expect(panel).to_have_attribute("data-kind", kind)
    for word in words:
        expect(panel).to_contain_text(word)


def expect_count(page: Page, attended: int, expected: int) -> None:
    expect(page.locator("#door-count")).to_have_text(re.compile(rf"已入场\s*{attended}\s*/\s*{expected}"))


async def _nonces() -> list[str]:
    return [row["nonce"] for row in await database.fetch("SELECT nonce FROM scan")]


def test_gate_staff_log_in_choose_a_session_and_stand_at_its_gate(
    page: Page, union: Union, session: Session
) -> None:
    page.goto(f"/gate/{session.code}")
    page.get_by_label("用户名").fill(union.li.login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").click()
    expect(page).to_have_url(re.compile(f"/gate/{session.code}$"))

    page.get_by_role("link", name="全部场次").click()
    page.locator(f'a[href="/gate/{session.code}"]').click()

    expect_answer(page, "", "等待扫码")


def test_camera_admits_two_guests_and_counts_each_once(
    gate: Page, film: Path, session: Session, seats: list[SeatTaken]
) -> None:
    zhao, sun = (text_of(seat) for seat in seats)
    camera.write_film(film, [(zhao, 1.2), ("", 0.3), (sun, 1.2), ("", 0.3)])

    open_gate(gate, session)

    expect_count(gate, 2, 2)
    expect(gate.locator("#recent li")).to_have_count(2)
    gate.wait_for_timeout(3500)  # the film begins again, and nobody is scanned twice
    expect(gate.locator("#recent li")).to_have_count(2)
    expect(gate.locator("#recent")).not_to_contain_text("重复")


def test_camera_can_be_put_away_and_stays_away(gate: Page, session: Session) -> None:
    open_gate(gate, session)
    expect(gate.locator("video")).to_be_visible()

    gate.get_by_role("button", name="关闭摄像头").click()
    expect(gate.locator("video")).to_be_hidden()
    gate.reload()

    expect(gate.get_by_role("button", name="打开摄像头")).to_be_visible()
    expect(gate.locator("video")).to_be_hidden()


def test_without_camera_the_page_says_what_to_do(
    gate: Page, session: Session, seats: list[SeatTaken]
) -> None:
    gate.add_init_script(NO_CAMERA)

    open_gate(gate, session)

    expect(gate.get_by_text("没有使用摄像头的权限")).to_be_visible()
    expect(gate.locator("video")).to_be_hidden()
    type_ticket(gate, text_of(seats[0]))
    expect_answer(gate, "admitted", "请进")


def test_typed_number_admits_with_name_and_unit(gate: Page, session: Session, seats: list[SeatTaken]) -> None:
    open_gate(gate, session)

    type_ticket(gate, codes.ticket_number(seats[0].ticket).lower())

    expect_answer(gate, "admitted", "请进", "赵敏", "昆明机床厂")
    expect_count(gate, 1, 2)
    expect(gate.get_by_label("票号")).to_have_value("")
    expect(gate.get_by_label("票号")).to_be_focused()


def test_second_scan_is_amber_with_the_first_time(
    gate: Page, session: Session, seats: list[SeatTaken]
) -> None:
    open_gate(gate, session)
    type_ticket(gate, text_of(seats[0]))
    expect_answer(gate, "admitted")
    first = gate.locator("#recent time").first.inner_text()

    type_ticket(gate, text_of(seats[0]))

    expect_answer(gate, "warning", "重复", "赵敏", f"首次签到 {first}")
    expect_count(gate, 1, 2)


def test_forged_ticket_is_red_and_names_nobody(gate: Page, session: Session, seats: list[SeatTaken]) -> None:
    open_gate(gate, session)

    type_ticket(gate, codes.ticket_text(seats[0].ticket, seats[1].signature))

    expect_answer(gate, "refused", "无效")
    expect(gate.locator("#scan-result")).not_to_contain_text("赵敏")


def test_code_far_too_long_is_red_not_an_error(gate: Page, session: Session) -> None:
    open_gate(gate, session)

    gate.evaluate("document.querySelector('[name=ticket]').removeAttribute('maxlength')")
    type_ticket(gate, "x" * 2000)

    expect_answer(gate, "refused", "不能识别", "最多500个字")


def test_photo_is_read_and_admits(gate: Page, session: Session, seats: list[SeatTaken]) -> None:
    open_gate(gate, session)
    photo = camera.jpeg(text_of(seats[0]), (3000, 4000))

    gate.get_by_label("拍照识别").set_input_files(
        {"name": "ticket.jpg", "mimeType": "image/jpeg", "buffer": photo}
    )

    expect_answer(gate, "admitted", "赵敏")


@pytest.mark.parametrize("picture", [camera.jpeg(""), b"no picture at all"])
def test_photo_without_a_code_says_so(gate: Page, session: Session, picture: bytes) -> None:
    open_gate(gate, session)

    gate.get_by_label("拍照识别").set_input_files(
        {"name": "wall.jpg", "mimeType": "image/jpeg", "buffer": picture}
    )

    expect(gate.get_by_text("照片里没有找到二维码")).to_be_visible()
    expect_answer(gate, "", "等待扫码")


def test_scanner_that_types_works_wherever_the_focus_is(
    gate: Page, session: Session, seats: list[SeatTaken]
) -> None:
    open_gate(gate, session)
    gate.get_by_role("button", name="声音").focus()

    for seat in seats:  # the second one does not wait for the first one's answer
        gate.keyboard.type(text_of(seat))
        gate.keyboard.press("Enter")

    expect_count(gate, 2, 2)
    expect(gate.locator("#recent strong")).to_have_text(["孙丽", "赵敏"])


@pytest.mark.browser_context_args(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
def test_phone_shows_no_keyboard_over_the_answer_and_takes_a_scanner(
    gate: Page, session: Session, seats: list[SeatTaken]
) -> None:
    open_gate(gate, session)
    type_ticket(gate, text_of(seats[0]))
    expect_answer(gate, "admitted")
    expect(gate.get_by_label("票号")).not_to_be_focused()

    gate.keyboard.type(text_of(seats[1]))
    gate.keyboard.press("Enter")

    expect_answer(gate, "admitted", "孙丽")
    expect(gate.locator("#scan-result")).to_be_in_viewport()


def test_each_verdict_has_its_sound_and_its_shake(
    gate: Page, session: Session, seats: list[SeatTaken]
) -> None:
    gate.add_init_script(LISTEN)
    open_gate(gate, session)
    gate.get_by_role("button", name="打开声音").click()
    expect(gate.get_by_role("button", name="声音已开")).to_be_visible()
    gate.evaluate("heard.length = 0")

    for text, kind in ((text_of(seats[0]), "admitted"), (text_of(seats[0]), "warning"), ("x", "refused")):
        type_ticket(gate, text)
        expect_answer(gate, kind)

    assert gate.evaluate("heard") == [880, 1320, 560, 560, 560, 185]
    assert gate.evaluate("felt") == [1, 3, 3]


def test_sound_can_be_switched_off_for_good(gate: Page, session: Session, seats: list[SeatTaken]) -> None:
    gate.add_init_script(LISTEN)
    open_gate(gate, session)
    gate.get_by_role("button", name="打开声音").click()
    gate.get_by_role("button", name="声音已开").click()
    gate.reload()
    expect(gate.get_by_role("button", name="声音已关")).to_be_visible()

    type_ticket(gate, text_of(seats[0]))
    expect_answer(gate, "admitted")

    assert (gate.evaluate("heard"), gate.evaluate("felt")) == ([], [1])


def test_without_a_list_a_lost_answer_is_asked_for_again_with_the_same_nonce(
    gate: Page, session: Session, seats: list[SeatTaken], commit: Commit[list[str]]
) -> None:
    gate.route("**/list.json", lambda route: route.abort())
    open_gate(gate, session)
    sent: list[str] = []

    def lose_twice(route: Route) -> None:
        sent.append(route.request.post_data or "")
        if len(sent) == 1:
            route.fetch()  # it arrives, and its answer does not
            return route.abort()
        return route.fulfill(status=503) if len(sent) == 2 else route.continue_()

    gate.route("**/scans", lose_twice)

    type_ticket(gate, text_of(seats[0]))

    expect_answer(gate, "admitted", "赵敏")
    assert len(sent) == 3
    assert len(set(sent)) == 1
    assert sum(nonce in sent[0] for nonce in commit(_nonces)) == 1


def test_without_list_and_network_scans_wait_and_go_out_in_order(
    gate: Page, session: Session, seats: list[SeatTaken]
) -> None:
    gate.route("**/list.json", lambda route: route.abort())
    open_gate(gate, session)
    gate.context.set_offline(True)
    for seat in [*seats, seats[0]]:  # who holds the code up again is still the same scan
        type_ticket(gate, text_of(seat))
    expect(gate.get_by_text("没有网络，接通后自动重发。")).to_be_visible()
    expect(gate.locator("[data-delay]")).to_contain_text("共2个码在等答复")
    expect(gate.locator("[data-net]")).to_have_text("离线")
    expect(gate.locator("#recent li")).to_have_count(0)

    gate.context.set_offline(False)

    expect_count(gate, 2, 2)
    expect(gate.locator("#recent strong")).to_have_text(["孙丽", "赵敏"])
    expect(gate.locator("[data-delay]")).to_be_hidden()
    expect(gate.locator("[data-net]")).to_have_text("在线")


def test_answer_before_is_dimmed_while_the_next_one_is_awaited(
    gate: Page, session: Session, seats: list[SeatTaken]
) -> None:
    open_gate(gate, session)
    type_ticket(gate, text_of(seats[0]))
    expect_answer(gate, "admitted")
    held: list[Route] = []
    gate.route("**/scans", lambda route: held.append(route))

    type_ticket(gate, text_of(seats[1]))
    expect(gate.locator("[data-answer]")).to_have_attribute("aria-busy", "true")
    held[0].continue_()

    expect_answer(gate, "admitted", "孙丽")
    expect(gate.locator("[data-answer]")).not_to_have_attribute("aria-busy", "true")


def test_answer_loses_its_colour_when_the_guest_is_gone(
    gate: Page, session: Session, seats: list[SeatTaken]
) -> None:
    gate.add_init_script(NO_CAMERA)
    gate.clock.install()
    open_gate(gate, session)
    type_ticket(gate, text_of(seats[0]))
    expect_answer(gate, "admitted")

    gate.clock.run_for(13_000)

    expect(gate.locator("[data-answer]")).to_have_attribute("data-old", "")
    type_ticket(gate, text_of(seats[1]))
    expect_answer(gate, "admitted", "孙丽")
    expect(gate.locator("[data-answer]")).not_to_have_attribute("data-old", "")


def test_count_follows_the_other_gates(
    gate: Page, session: Session, seats: list[SeatTaken], live_server: str, cookies: list[Any]
) -> None:
    gate.add_init_script(NO_CAMERA)
    gate.clock.install()
    open_gate(gate, session)
    httpx.post(
        f"{live_server}/gate/{session.code}/scans",
        data={"ticket": text_of(seats[0])},
        cookies={cookie["name"]: cookie["value"] for cookie in cookies},
    )

    gate.clock.run_for(31_000)

    expect_count(gate, 1, 2)
    expect_answer(gate, "", "等待扫码")


def test_without_a_list_an_ended_login_says_so_and_leads_back_here(gate: Page, session: Session) -> None:
    gate.route("**/list.json", lambda route: route.abort())
    open_gate(gate, session)
    gate.context.clear_cookies()

    type_ticket(gate, "7KQ2-M9XD")

    expect(gate.get_by_text("登录已过期，请重新登录后再扫一次")).to_be_visible()
    expect(gate.locator("[data-delay]").get_by_role("link", name="重新登录")).to_have_attribute(
        "href", f"/login?next=/gate/{session.code}"
    )


def test_gate_that_was_taken_away_turns_the_scan_down(gate: Page, session: Session) -> None:
    open_gate(gate, session)
    gate.route("**/scans", lambda route: route.fulfill(status=403, body="<h1>403</h1>"))

    type_ticket(gate, "7KQ2-M9XD")

    expect_answer(gate, "refused", "没有受理")


def test_gate_name_is_remembered_and_sent(
    gate: Page, session: Session, seats: list[SeatTaken], commit: Commit[Any]
) -> None:
    open_gate(gate, session)
    gate.get_by_label("签到点").fill("东门")
    gate.keyboard.press("Enter")  # no scan
    gate.reload()
    expect(gate.get_by_label("签到点")).to_have_value("东门")

    type_ticket(gate, text_of(seats[0]))
    expect_answer(gate, "admitted")

    assert commit(lambda: database.value("SELECT place FROM scan WHERE session = $1", session.id)) == "东门"


def test_who_leaves_is_told_apart_from_who_comes(
    gate: Page, session: Session, seats: list[SeatTaken]
) -> None:
    open_gate(gate, session)
    type_ticket(gate, text_of(seats[0]))
    expect_answer(gate, "admitted", "请进")

    gate.get_by_label("离场").check()
    type_ticket(gate, text_of(seats[0]))

    expect_answer(gate, "admitted", "已离场")
    expect_count(gate, 1, 2)


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_javascript_the_gate_works(gate: Page, session: Session, seats: list[SeatTaken]) -> None:
    gate.goto(f"/gate/{session.code}")
    expect(gate.locator("[data-tools]")).to_be_hidden()

    type_ticket(gate, codes.ticket_number(seats[0].ticket))
    expect_answer(gate, "admitted", "赵敏")
    expect_count(gate, 1, 2)
    type_ticket(gate, text_of(seats[0]))

    expect_answer(gate, "warning", "首次签到")
    expect(gate.locator("#recent li")).to_have_count(2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_at_the_gate(
    gate: Page, session: Session, seats: list[SeatTaken], axe: Axe, width: int, scheme: Any
) -> None:
    gate.set_viewport_size({"width": width, "height": 844})
    gate.emulate_media(color_scheme=scheme)
    gate.goto("/gate")
    assert axe(gate) == []
    open_gate(gate, session)
    assert axe(gate) == []

    for text, kind in ((text_of(seats[0]), "admitted"), (text_of(seats[0]), "warning"), ("x", "refused")):
        type_ticket(gate, text)
        expect_answer(gate, kind)
        assert axe(gate) == []
