"""Somebody without a ticket at a phone-size gate: registered and in, with scripts and without; and taken back."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.visitors import PHONE, Visitors, commit, scan
from tests.gates import make_gate
from tests.people import PASSWORD, make_activity, make_session, make_terms, make_union, register

from events_app.registration.rules.questions import Condition, Option, Question, QuestionKind


@dataclass
class Door:
    """Sessions of a gate without account, and one with a single place."""

    open: str
    small: str


@pytest.fixture(scope="module")
def door(live_database: str) -> Door:
    return commit(live_database, _make_door)


@pytest.fixture(scope="module")
def visitors(browser: Browser, browser_context_args: dict[str, object]) -> Iterator[Visitors]:
    people = Visitors(browser, browser_context_args)
    yield people
    people.leave()


@pytest.fixture
def gate(live_server: str) -> list[Any]:
    return [{"name": "events_gate", "value": "walk-in-device", "url": live_server}]


@pytest.fixture(scope="module")
def organiser(live_server: str, door: Door) -> list[Any]:
    answer = httpx.post(f"{live_server}/login", data={"login": "wang-walks", "password": PASSWORD})
    return [{"name": name, "value": value, "url": live_server} for name, value in answer.cookies.items()]


def fill(page: Page, name: str, phone: str = "199 0000 7777") -> None:
    page.get_by_label("姓名", exact=True).fill(name)
    page.get_by_label("手机号码", exact=True).fill(phone)
    page.get_by_role("radio", name="XL").check()
    page.get_by_label("来人听过或看过上面的告知，并且同意").check()
    page.get_by_role("button", name="登记并签到").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_walk_in_is_in_and_the_next_one_can_come(
    visitors: Visitors, door: Door, gate: list[Any], organiser: list[Any], scripts: bool
) -> None:
    name = "赵敏" if scripts else "钱亮"
    page = visitors.come(PHONE, gate, java_script_enabled=scripts)
    page.goto(f"/gate/{door.open}")

    page.get_by_role("link", name="现场登记").click()
    fill(page, name)

    expect(page.locator("#scan-result")).to_have_attribute("data-kind", "admitted")
    expect(page.locator("#scan-result .holder")).to_have_text(name)
    expect(page.locator("#scan-result")).to_be_in_viewport()
    expect(page.get_by_role("heading", name="登记下一位")).to_be_visible()
    expect(page.get_by_label("姓名", exact=True)).to_have_value("")
    page.get_by_text("给来人入场码").click()
    (ticket,) = scan(page.locator(".walk-in-ticket .qr"))
    assert "/t/" in ticket

    manager = visitors.come(PHONE, organiser, java_script_enabled=scripts)
    manager.goto(f"/manage/sessions/{door.open}")
    manager.get_by_role("link", name=f"撤销{name}的签到").click()
    manager.get_by_label("原因").fill("替别人来的")
    manager.get_by_role("button", name="撤销签到").click()
    expect(manager.get_by_role("link", name=f"撤销{name}的签到")).to_have_count(0)
    assert visitors.complaints == []


def test_wrong_phone_keeps_what_was_typed_and_a_full_hall_says_so(
    visitors: Visitors, door: Door, gate: list[Any]
) -> None:
    page = visitors.come(PHONE, gate)
    page.goto(f"/gate/{door.small}/walk-in")

    fill(page, "孙兰", "123")
    expect(page.get_by_role("alert")).to_contain_text("手机")
    expect(page.get_by_label("姓名", exact=True)).to_have_value("孙兰")
    expect(page.get_by_role("radio", name="XL")).to_be_checked()
    fill(page, "孙兰")

    expect(page.locator("#scan-result")).to_contain_text("没有空余名额")
    expect(page.get_by_label("姓名", exact=True)).to_have_value("孙兰")
    assert visitors.complaints == []


async def _make_door() -> Door:
    union = await make_union("玉溪市江川区总工会", "wang-walks", "li-walks")
    activity = await make_activity(union.organization, title="无人机驾驶员培训", walk_ins=True)
    sizes = [Option("l", "L"), Option("xl", "XL")]
    asked = [
        Question("size", QuestionKind.ONE_OF, "工服尺码", required=True, options=sizes),
        Question("why", QuestionKind.TEXT, "定做说明", only_if=Condition("size", "l")),
    ]
    await make_terms(activity, asked)
    sessions = [await make_session(activity), await make_session(activity, 1)]
    await register(sessions[1], "周杰")
    await make_gate(activity, "东门", "walk-in-device")
    return Door(*(session.code for session in sessions))
