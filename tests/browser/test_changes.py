"""Two organisers at one session, each in a browser of their own, and a move from a phone; with scripts and without."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.visitors import DESK, PHONE, Visitors, commit
from tests.people import (
    PASSWORD,
    SIGNER,
    Union,
    make_account,
    make_activity,
    make_session,
    make_union,
    register,
)

from events_app.accounts.tables import Role
from events_app.lib import clock
from events_app.lib.codes import ticket_text
from events_app.programmes.tables import Session


@pytest.fixture(scope="module")
def union(live_database: str) -> Union:
    async def make() -> Union:
        union = await make_union("安宁市总工会", organiser="wang-changes", gate="li-changes")
        await make_account("chen-changes", Role.ORGANIZER, union.organization)
        return union

    return commit(live_database, make)


@pytest.fixture(params=[True, False], ids=["scripts", "plain"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def visitors(browser: Browser, browser_context_args: dict[str, Any], scripts: bool) -> Iterator[Visitors]:
    people = Visitors(browser, browser_context_args | {"java_script_enabled": scripts})
    yield people
    people.leave()
    assert people.complaints == []


@pytest.fixture
def session(live_database: str, union: Union) -> Session:
    """A session of its own, with one person in it."""

    async def make() -> Session:
        return await make_session(await make_activity(union.organization))

    return commit(live_database, make)


def come(visitors: Visitors, device: dict[str, Any], server: str, login: str) -> Page:
    answer = httpx.post(f"{server}/login", data={"login": login, "password": PASSWORD})
    cookies = [{"name": name, "value": value, "url": server} for name, value in answer.cookies.items()]
    page = visitors.come(device, cookies, base_url=server)
    page.set_default_timeout(10_000)
    return page


def save(page: Page) -> None:
    """Also in spite of what stands in the way: the hall of these tests is a busy one."""
    page.locator(".save-bar button, .move .button:not(.quiet)").last.click()
    if page.locator("#field-accept_clashes").count():
        page.locator("#field-accept_clashes").check()
        page.locator(".save-bar button, .move .button:not(.quiet)").last.click()


def test_two_browsers_edit_one_session(
    visitors: Visitors, live_server: str, union: Union, session: Session
) -> None:
    wang, chen = (come(visitors, DESK, live_server, f"{name}-changes") for name in ("wang", "chen"))
    for page in (wang, chen):
        page.goto(f"/manage/sessions/{session.code}/edit")
    wang.get_by_label("名额", exact=True).fill("80")
    save(wang)
    expect(wang).to_have_url(f"{live_server}/manage/sessions/{session.code}")

    chen.get_by_label("名额", exact=True).fill("60")
    chen.get_by_label("场次名称").fill("启动仪式")
    save(chen)

    capacity = chen.get_by_role("row").filter(has=chen.get_by_role("rowheader", name="名额", exact=True))
    expect(capacity).to_contain_text("50")
    expect(capacity.get_by_label("用对方的：")).not_to_be_checked()
    expect(capacity).to_contain_text("wang-changes")
    capacity.get_by_label("用我的：60").check()
    save(chen)
    expect(chen).to_have_url(f"{live_server}/manage/sessions/{session.code}")
    chen.get_by_text("改动记录（2条）").click()
    expect(chen.locator(".history")).to_contain_text("名额：由“80”改为“60”")
    expect(chen.locator(".history")).to_contain_text("场次名称：由“（空）”改为“启动仪式”")


def test_session_is_moved_on_a_phone_and_the_ticket_says_so(
    visitors: Visitors, scripts: bool, live_server: str, live_database: str, union: Union, session: Session
) -> None:
    seat = commit(live_database, lambda: register(session))
    wang = come(visitors, PHONE, live_server, "wang-changes")
    wang.goto(f"/manage/sessions/{session.code}")
    wang.get_by_role("link", name="改期或换场地").click()
    for name, label in (("starts_at", "新的开始时间"), ("ends_at", "新的结束时间")):
        later = clock.local(getattr(session, name) + timedelta(days=364))
        wang.get_by_label(label).fill(f"{later:%Y-%m-%dT%H:%M}")
    wang.get_by_label("原因").fill("停电")

    if scripts:
        wang.get_by_label("原因").press("Tab")  # what comes of it appears by itself
    else:
        wang.get_by_role("button", name="看看会通知谁").click()
    expect(wang.locator(".touched blockquote").first).to_contain_text("停电")
    words = wang.locator(".touched blockquote").first.inner_text()
    save(wang)

    expect(wang).to_have_url(f"{live_server}/manage/sessions/{session.code}")
    zhao = visitors.come(PHONE, base_url=live_server)
    zhao.goto(f"/t/{ticket_text(seat.ticket, SIGNER.sign(seat.ticket))}")
    expect(zhao.locator(".messages")).to_contain_text(words)
    expect(zhao.locator(".messages")).to_contain_text("停电")
