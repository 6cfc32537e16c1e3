"""An organiser whose hall is taken: warned while typing, asked for a tick, and let go on; with scripts and without."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.visitors import DESK, PHONE, Visitors, commit
from tests.people import PASSWORD, Union, in_days, make_activity, make_session, make_union, moment_field

from events_app.programmes.tables import Session

TICK = "知道有冲突，仍然保存"


@pytest.fixture(scope="module")
def union(live_database: str) -> Union:
    async def make() -> Union:
        return await make_union("石门县总工会", organiser="wang-clashes", gate="li-clashes")

    return commit(live_database, make)


@pytest.fixture
def taken(live_database: str, union: Union) -> Session:
    """The only session of a new activity."""

    async def make() -> Session:
        start = in_days(30)
        end = start + timedelta(hours=2)
        times: dict[str, Any] = {
            "starts_at": start,
            "ends_at": end,
            "check_in_opens_at": start,
            "check_in_closes_at": end,
        }
        return await make_session(await make_activity(union.organization), **times, closes_at=start)

    return commit(live_database, make)


@pytest.fixture
def visitors(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Visitors]:
    people = Visitors(browser, browser_context_args)
    yield people
    people.leave()
    assert people.complaints == []


def new_session(page: Page, server: str, union: Union, taken: Session) -> None:
    """The form of a further session, with the times of the one that is there."""
    answer = httpx.post(f"{server}/login", data={"login": union.wang.login, "password": PASSWORD})
    page.context.add_cookies([{"name": n, "value": v, "url": server} for n, v in answer.cookies.items()])
    page.goto(f"/manage/sessions/{taken.code}")
    page.locator(".trail a, nav a[href^='/manage/activities/']").last.click()
    page.get_by_role("link", name="添加场次").click()
    page.get_by_label("开始", exact=True).fill(moment_field(taken.starts_at))
    page.get_by_label("结束", exact=True).fill(moment_field(taken.ends_at))
    page.get_by_label("结束", exact=True).blur()


def test_warning_comes_while_typing_and_the_tick_saves(
    visitors: Visitors, live_server: str, union: Union, taken: Session
) -> None:
    page = visitors.come(DESK)

    new_session(page, live_server, union, taken)
    warning = page.locator(f".clashes a[href='/manage/sessions/{taken.code}']")
    expect(warning).to_contain_text("场地“大礼堂”同时有另一场")
    page.get_by_label("场地", exact=True).fill("体育馆")
    page.get_by_label("地址").fill("")
    page.get_by_label("地址").blur()
    expect(warning).to_have_count(0)
    page.get_by_label("场地", exact=True).fill("大礼堂")
    page.get_by_label("场地", exact=True).blur()
    expect(warning).to_have_count(1)
    page.get_by_label(TICK).check()
    page.get_by_label("场次名称").fill("加场")
    page.get_by_label("场次名称").blur()
    expect(page.get_by_label(TICK)).to_be_checked()
    page.get_by_role("button", name="保存场次").click()

    expect(page.get_by_role("heading", level=1)).not_to_have_text("添加场次")
    expect(page.get_by_role("main")).to_contain_text("加场")


def test_without_scripts_the_form_comes_back_with_the_warning(
    visitors: Visitors, live_server: str, union: Union, taken: Session
) -> None:
    page = visitors.come(PHONE, java_script_enabled=False)

    new_session(page, live_server, union, taken)
    expect(page.locator(".clashes")).to_have_count(0)
    page.get_by_role("button", name="保存场次").click()
    expect(page.get_by_role("alert")).to_contain_text("安排有冲突")
    page.get_by_label(TICK).check()
    page.get_by_role("button", name="保存场次").click()

    expect(page.get_by_role("heading", level=1)).not_to_have_text("添加场次")
