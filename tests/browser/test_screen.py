"""The screen in the hall, and the phones that are held up to it."""

import re
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser import visitors
from tests.browser.visitors import PHONE, Visitors, scan
from tests.gates import make_gate
from tests.people import Union, make_session, make_union, register

from events_app.checkin.tables import Gate
from events_app.lib import clock, codes
from events_app.programmes.tables import Session

T = TypeVar("T")
Commit = Callable[[Callable[[], Awaitable[T]]], T]
HALL: dict[str, Any] = {"viewport": {"width": 1920, "height": 1080}}
QR_CHANGES_WITHIN = 25_000  # milliseconds
ALARM_WITHIN = 20_000


@pytest.fixture(scope="module")
def commit(live_database: str) -> Commit[Any]:
    return partial(visitors.commit, live_database)


@pytest.fixture(scope="module")
def union(commit: Commit[Union]) -> Union:
    return commit(lambda: make_union("大屏县总工会", organiser="wang-screen", gate="li-screen"))


@pytest.fixture
def session(commit: Commit[Session], union: Union) -> Session:
    return commit(lambda: make_session(union.activity, 100))


@pytest.fixture
def people(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Visitors]:
    come = Visitors(browser, browser_context_args)
    yield come
    come.leave()


@pytest.fixture
def gate(commit: Commit[Any], session: Session) -> str:
    """The secret of the device that drives the screen."""
    secret = codes.new_secret()
    commit(lambda: make_gate(session, device=secret))
    return secret


@pytest.fixture
def screen(people: Visitors, live_server: str, session: Session, gate: str) -> Page:
    page = people.come(HALL, [{"name": "events_gate", "value": gate, "url": live_server}])
    page.goto(f"/screen/{session.code}")
    return page


def test_code_can_be_read_from_the_last_row_and_changes(screen: Page) -> None:
    box = screen.locator(".screen-qr").bounding_box()
    assert box
    first = scan(screen)

    assert box["width"] >= 860  # its white border is a fifth of that
    assert screen.evaluate("document.documentElement.scrollHeight") == 1080
    screen.wait_for_function(
        "(old) => document.querySelector('.screen-qr').innerHTML !== old",
        arg=screen.locator(".screen-qr").inner_html(),
        timeout=QR_CHANGES_WITHIN,
    )
    assert len(first) == 1
    assert len(scan(screen)) == 1
    assert scan(screen) != first


def test_phone_that_registered_scans_the_screen_and_is_in_by_one_tap(
    people: Visitors, screen: Page, live_server: str, session: Session, commit: Commit[Any]
) -> None:
    commit(lambda: register(session))
    expect(screen.locator(".screen-count dd").first).to_contain_text("0")
    (address,) = scan(screen)
    phone = people.come(PHONE, [{"name": "events_phone", "value": "a-phone", "url": live_server}])

    phone.goto(address)
    phone.get_by_role("button", name=re.compile("赵敏")).click()

    expect(phone.get_by_role("heading", level=1)).to_have_text("签到成功")
    expect(screen.locator(".screen-count dd").first).to_contain_text("1 /")
    assert people.complaints == []


def test_screen_without_network_says_so_after_a_while_and_recovers(screen: Page) -> None:
    alarm = screen.locator("[data-screen-off]")
    screen.context.set_offline(True)

    screen.wait_for_timeout(6_000)
    expect(alarm).to_be_hidden()
    expect(alarm).to_be_visible(timeout=ALARM_WITHIN)
    expect(alarm).to_contain_text("网络断了")
    expect(screen.locator(".screen-qr")).to_be_hidden()

    screen.context.set_offline(False)
    expect(screen.locator(".screen-qr")).to_be_visible(timeout=ALARM_WITHIN)
    expect(alarm).to_be_hidden()


def test_screen_of_a_revoked_gate_stops_with_a_sentence(
    screen: Page, session: Session, commit: Commit[Any]
) -> None:
    commit(lambda: Gate.update({Gate.revoked_at: clock.now()}).where(Gate.session == session.id).run())

    expect(screen.locator(".screen-qr")).to_have_count(0, timeout=ALARM_WITHIN)
    expect(screen.locator("main")).to_contain_text("已被组织者作废")
    assert scan(screen) == []
