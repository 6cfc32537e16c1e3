"""The list at the door under a thumb and by keys, with scripts and without; a unit by its leader's code."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect
from tests.browser.visitors import PHONE, Visitors, commit, scan
from tests.people import PASSWORD, SIGNER, make_session, make_union, register

from events_app.registration.actions import imports, rosters
from events_app.registration.forms import ImportForm, UnitForm


@dataclass
class Door:
    """By test, a session of three people with names; and one to which a unit comes."""

    sessions: list[str]
    unit: str
    roster: str


@pytest.fixture(scope="module")
def door(live_database: str) -> Door:
    return commit(live_database, _make_door)


@pytest.fixture(scope="module")
def visitors(browser: Browser, browser_context_args: dict[str, object]) -> Iterator[Visitors]:
    people = Visitors(browser, browser_context_args)
    yield people
    people.leave()


@pytest.fixture(scope="module")
def cookies(live_server: str, door: Door) -> list[Any]:
    answer = httpx.post(f"{live_server}/login", data={"login": "li-ticks", "password": PASSWORD})
    return [{"name": name, "value": value, "url": live_server} for name, value in answer.cookies.items()]


def test_tick_changes_its_row_and_the_count_and_leaves_the_page(
    visitors: Visitors, door: Door, cookies: list[Any]
) -> None:
    page = visitors.come(PHONE, cookies)
    page.goto(f"/gate/{door.sessions[0]}/roster")
    page.evaluate("() => { window.stayed = true; }")

    page.get_by_role("button", name="为赵敏签到").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#door-count strong")).to_have_text("1")
    expect(page.get_by_role("link", name="撤销赵敏的签到")).to_be_focused()
    assert page.evaluate("() => window.stayed")
    page.get_by_label("找人").fill("zgf")
    page.keyboard.press("Enter")
    expect(page.locator(".tick-name")).to_have_text(["曾国藩"])
    assert visitors.complaints == []


def test_list_works_without_scripts(visitors: Visitors, door: Door, cookies: list[Any]) -> None:
    page = visitors.come(PHONE, cookies, java_script_enabled=False)
    page.goto(f"/gate/{door.sessions[1]}/roster")

    page.get_by_role("button", name="为赵敏签到").click()
    page.get_by_role("link", name="撤销赵敏的签到").click()
    page.get_by_label("原因").fill("同名")
    page.get_by_role("button", name="撤销签到").click()

    expect(page.get_by_role("button", name="为赵敏签到")).to_be_visible()
    assert "0" in page.locator("#door-count").inner_text()


def test_leaders_code_opens_the_unit_at_the_gate(visitors: Visitors, door: Door, cookies: list[Any]) -> None:
    leader = visitors.come(PHONE)
    leader.goto(f"/rosters/{door.roster}")
    (code,) = scan(leader.locator(".unit-qr"))
    page = visitors.come(PHONE, cookies)
    page.goto(f"/gate/{door.unit}")

    page.locator("#field-ticket").fill(code)
    page.locator("#field-ticket").press("Enter")
    page.get_by_label("林二").uncheck()
    page.get_by_role("button", name="勾选的都签到").click()

    expect(page.get_by_text("刚才签到1人。")).to_be_visible()
    assert visitors.complaints == []


async def _make_door() -> Door:
    union = await make_union("楚雄州总工会", "wang-ticks", "li-ticks")
    sessions = [await make_session(union.activity) for _ in range(2)]
    for session in sessions:
        for n, name in enumerate(("赵敏", "曾国藩", "单雄信")):
            await register(session, name, f"1990000000{n}")
    form = UnitForm(unit="昆明一中", leader_name="孙老师", leader_phone="13700001111")
    id = await rosters.invite_unit(union.wang, union.activity.code, form)
    roster = await rosters.own_roster(union.wang, union.activity.code, id)
    table = "姓名\t手机\n陈一\t19900000011\n林二\t19900000012"
    file = await imports.create_import(roster, ImportForm(table=table, session=[union.session.code]), b"")
    terms = (await rosters.asking_of(roster, [])).terms.number
    await imports.save_import(None, roster.secret, file, terms, SIGNER)
    await rosters.set_headcounts(None, roster, {union.session.code: 40})
    return Door([session.code for session in sessions], union.session.code, roster.secret)
