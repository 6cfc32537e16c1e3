"""An organiser's calendar in the hand: by mouse, by keyboard, and on a phone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.browser.conftest import Axe
from tests.browser.visitors import DESK, PHONE, Visitors, commit
from tests.people import PASSWORD, Union, make_session, make_union

from events_app.lib import clock
from events_app.lib.clock import ZONE
from events_app.programmes.queries.venues import find_or_add_venue
from events_app.programmes.tables import Session

WEEK = "/manage/calendar?view=week&date=2027-03-10"
VENUES = "/manage/calendar?view=venues&date=2027-03-10"
# A line of a week's column is a quarter of an hour.
LINE = "slots => parseFloat(getComputedStyle(slots).gridAutoRows)"


@dataclass
class Planned:
    union: Union
    moved: Session
    called_off: Session
    over: Session


@pytest.fixture(scope="module")
def planned(live_database: str) -> Planned:
    return commit(live_database, _plan)


@pytest.fixture(scope="module")
def visitors(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Visitors]:
    people = Visitors(browser, browser_context_args)
    yield people
    people.leave()


@pytest.fixture(scope="module")
def cookies(live_server: str, planned: Planned) -> list[dict[str, str]]:
    answer = httpx.post(
        f"{live_server}/login", data={"login": planned.union.wang.login, "password": PASSWORD}
    )
    return [{"name": name, "value": value, "url": live_server} for name, value in answer.cookies.items()]


@pytest.fixture(scope="module")
def desk(visitors: Visitors, cookies: list[dict[str, str]]) -> Page:
    # Elsewhere on earth, because a browser's own zone must not matter.
    return visitors.come(DESK, cookies, timezone_id="America/Los_Angeles")


@pytest.fixture(scope="module")
def phone(visitors: Visitors, cookies: list[dict[str, str]]) -> Page:
    return visitors.come(PHONE, cookies)


@pytest.fixture(autouse=True)
def nothing_to_complain_about(visitors: Visitors) -> Iterator[None]:
    yield
    complaints = visitors.complaints.copy()
    visitors.complaints.clear()
    assert complaints == []


def test_letting_go_over_another_time_opens_the_form_with_it(desk: Page, planned: Planned) -> None:
    desk.goto(WEEK)
    thursday = desk.locator(".week-slots[data-day='2027-03-11']")

    drag(entry(desk, planned.moved), thursday, lines=(14 - 8) * 4)

    form = panel(desk)
    expect(form.get_by_label("新的开始时间")).to_have_value("2027-03-11T14:00")
    expect(form.get_by_label("新的结束时间")).to_have_value("2027-03-11T15:30")
    expect(form.get_by_label("场地", exact=True)).to_have_value("一号教室")


def test_nothing_is_moved_by_dragging_alone(desk: Page, planned: Planned) -> None:
    desk.goto(WEEK)
    drag(entry(desk, planned.moved), desk.locator(".week-slots[data-day='2027-03-12']"), lines=8)
    expect(panel(desk)).to_be_visible()

    desk.get_by_role("button", name="不改了").click()

    expect(desk.get_by_role("dialog")).to_have_count(0)
    desk.reload()
    expect(
        desk.locator(f".week-slots[data-day='2027-03-10'] [data-code='{planned.moved.code}']")
    ).to_be_visible()


def test_letting_go_in_another_row_asks_for_that_venue(desk: Page, planned: Planned) -> None:
    desk.goto(VENUES)
    cell = desk.locator("tr[data-venue='二号教室'] td[data-day='2027-03-12']")

    entry(desk, planned.moved).drag_to(cell)

    form = panel(desk)
    expect(form.get_by_label("新的开始时间")).to_have_value("2027-03-12T09:00")
    expect(form.get_by_label("新的结束时间")).to_have_value("2027-03-12T10:30")
    expect(form.get_by_label("场地", exact=True)).to_have_value("二号教室")


def test_what_was_dragged_is_moved_by_its_form(desk: Page, planned: Planned) -> None:
    desk.goto(WEEK)
    drag(entry(desk, planned.moved), desk.locator(".week-slots[data-day='2027-03-09']"), lines=4)
    expect(panel(desk).get_by_label("新的开始时间")).to_have_value("2027-03-09T09:00")

    panel(desk).get_by_role("button", name="保存并通知").click()

    expect(desk).to_have_url(re.compile(re.escape(WEEK) + "$"))
    expect(desk.get_by_role("dialog")).to_have_count(0)
    tuesday = desk.locator(".week-slots[data-day='2027-03-09']")
    expect(tuesday.locator(f"[data-code='{planned.moved.code}']")).to_be_visible()


def test_what_is_off_or_over_cannot_be_taken(desk: Page, planned: Planned) -> None:
    desk.goto(WEEK)
    off = desk.locator(".entry", has=desk.locator(f"a[href$='{planned.called_off.code}']"))
    expect(off).to_be_visible()
    expect(off).not_to_have_attribute("draggable", "true")

    day = clock.local(planned.over.starts_at).date().isoformat()
    desk.goto(f"/manage/calendar?view=week&date={day}")
    over = desk.locator(".entry", has=desk.locator(f"a[href$='{planned.over.code}']"))
    expect(over).to_be_visible()
    expect(over).not_to_have_attribute("draggable", "true")


def test_entries_at_once_lie_side_by_side(desk: Page, planned: Planned) -> None:
    desk.goto(WEEK)
    boxes = [
        box
        for item in desk.locator(".week-slots[data-day='2027-03-11'] .entry").all()
        if (box := item.bounding_box())
    ]

    assert len(boxes) == 2
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    assert boxes[0]["y"] < boxes[1]["y"] < boxes[0]["y"] + boxes[0]["height"]


def test_keys_lead_through_the_calendar(desk: Page, planned: Planned) -> None:
    desk.goto(WEEK)

    for key, address in (
        ("ArrowRight", "view=week&date=2027-03-17"),
        ("ArrowLeft", "view=week&date=2027-03-10"),
        ("1", "view=month&date=2027-03-10"),
        ("ArrowRight", "view=month&date=2027-04-01"),
        ("3", "view=agenda&date=2027-04-01"),
        ("4", "view=venues&date=2027-04-01"),
        ("5", "view=guests&date=2027-04-01"),
        ("6", "view=sites&date=2027-04-01"),
        ("2", "view=week&date=2027-04-01"),
        ("t", f"view=week&date={clock.today()}"),
    ):
        desk.keyboard.press(key)
        expect(desk).to_have_url(re.compile(re.escape(address) + "$"))
        expect(desk.get_by_role("heading", level=2).first).to_be_visible()


def test_keys_are_letters_where_one_writes(desk: Page, planned: Planned) -> None:
    desk.goto(WEEK)
    box = desk.get_by_label("查找")

    box.press_sequentially("t12")
    box.press("ArrowLeft")

    expect(box).to_have_value("t12")
    expect(desk).to_have_url(re.compile(re.escape(WEEK) + "$"))


def test_keys_can_be_switched_off(desk: Page, planned: Planned) -> None:
    desk.goto(WEEK)
    desk.get_by_role("button", name="关闭快捷键").click()
    desk.locator("h2").first.click()
    try:
        desk.keyboard.press("1")
        desk.reload()
        desk.keyboard.press("1")
        expect(desk.get_by_role("button", name="打开快捷键")).to_be_visible()
        expect(desk).to_have_url(re.compile(re.escape(WEEK) + "$"))
    finally:
        desk.get_by_role("button", name="打开快捷键").click()


def test_the_keyboard_comes_to_the_form_too(desk: Page, planned: Planned) -> None:
    desk.goto(WEEK)
    link = entry(desk, planned.moved).get_by_role("link", name="改期")

    link.focus()
    expect(link).to_have_css("opacity", "1")
    desk.keyboard.press("Enter")

    expect(desk).to_have_url(re.compile(f"/manage/sessions/{planned.moved.code}/move$"))


def test_a_phone_has_lists_and_a_link_to_move(phone: Page, planned: Planned) -> None:
    phone.goto(WEEK)
    item = entry(phone, planned.moved)
    expect(phone.locator(".week-hours")).to_be_hidden()
    expect(item).not_to_have_attribute("draggable", "true")
    box = item.bounding_box()
    assert box is not None
    assert box["width"] > 300

    item.get_by_role("link", name="改期").tap()

    expect(phone).to_have_url(re.compile(f"/manage/sessions/{planned.moved.code}/move$"))


def test_a_month_on_a_phone_leads_to_a_days_list(phone: Page, planned: Planned) -> None:
    phone.goto("/manage/calendar?view=month&date=2027-03-10")

    phone.get_by_role("link", name=re.compile("^11 2场$")).tap()

    expect(phone).to_have_url(re.compile("view=agenda&date=2027-03-11$"))
    expect(phone.locator("#day-2027-03-11 .planned-row")).to_have_count(2)


@pytest.mark.parametrize("view", ["month", "week", "agenda", "venues", "guests", "sites"])
def test_axe_finds_nothing(desk: Page, planned: Planned, axe: Axe, view: str) -> None:
    desk.goto(f"/manage/calendar?view={view}&date=2027-03-10")

    assert axe(desk) == []


def test_axe_finds_nothing_in_the_form_beside(desk: Page, planned: Planned, axe: Axe) -> None:
    desk.goto(WEEK)
    drag(entry(desk, planned.moved), desk.locator(".week-slots[data-day='2027-03-12']"), lines=8)
    expect(panel(desk)).to_be_visible()

    assert axe(desk) == []


def entry(page: Page, session: Session) -> Locator:
    return page.locator(f"[data-code='{session.code}']")


def panel(page: Page) -> Locator:
    return page.get_by_role("dialog", name="改期")


def drag(taken: Locator, slots: Locator, lines: int) -> None:
    """By its upper edge, to so many lines below the column's."""
    line = slots.evaluate(LINE)
    taken.drag_to(slots, source_position={"x": 20, "y": 3}, target_position={"x": 20, "y": lines * line + 5})


async def _plan() -> Planned:
    union = await make_union("玉溪市总工会", "wang-calendar", "li-calendar")
    venue = await find_or_add_venue(union.organization.id, "一号教室", "玉溪市")
    await find_or_add_venue(union.organization.id, "二号教室", "玉溪市")

    async def make(day: int, hour: int, minute: int = 0, **columns: Any) -> Session:
        at = datetime(2027, 3, day, hour, minute, tzinfo=ZONE)
        times = {
            "starts_at": at,
            "ends_at": at + timedelta(minutes=90),
            "closes_at": at,
            "check_in_opens_at": at - timedelta(hours=1),
            "check_in_closes_at": at + timedelta(minutes=90),
        }
        return await make_session(union.activity, venue=venue, **times | columns)

    moved = await make(10, 9, title="第一课")
    called_off = await make(12, 16, called_off_at=clock.now(), called_off_reason="暴雨")
    await make(11, 9)
    await make(11, 10)
    past = clock.now() - timedelta(days=14)
    over = await make_session(
        union.activity,
        starts_at=past,
        ends_at=past + timedelta(hours=1),
        opens_at=past - timedelta(days=1),
        closes_at=past,
    )
    return Planned(union, moved, called_off, over)
