"""A guest accepts on a phone, and a school proposes another time: each by the link that the organiser passed on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import Axe
from tests.browser.visitors import DESK, PHONE, Visitors, commit, scan
from tests.people import PASSWORD, make_account, make_organization, make_session, make_union, moment_field

from events_app.accounts.tables import Role
from events_app.lib import clock
from events_app.programmes.queries.guests import GuestRow, set_guests

_SEEN: list[int] = []


@dataclass
class Planned:
    """Wang's session next week at a school, with one guest."""

    wang: str
    teacher: str
    session: str
    starts_at: datetime


async def _plan() -> Planned:
    _SEEN.append(1)
    number = len(_SEEN)
    school = await make_organization(f"云南技师学院第{number}校区", "school")
    union = await make_union(f"玉溪市总工会{number}", f"wang-asks-{number}", f"li-asks-{number}")
    teacher = await make_account(f"teacher-{number}", Role.VIEWER, school)
    start = clock.local(clock.now() + timedelta(days=7)).replace(hour=9, minute=0, second=0, microsecond=0)
    end = start + timedelta(hours=2)
    session = await make_session(
        union.activity, site=school.id, starts_at=start, ends_at=end, closes_at=start
    )
    await set_guests(session.id, union.organization.id, [GuestRow("耿家盛", "全国劳动模范", "昆明机床厂")])
    return Planned(union.wang.login, teacher.login, session.code, start)


@pytest.fixture
def planned(live_database: str) -> Planned:
    return commit(live_database, _plan)


@pytest.fixture
def visitors(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Visitors]:
    people = Visitors(browser, browser_context_args)
    yield people
    assert people.complaints == []
    people.leave()


@pytest.fixture
def wang(visitors: Visitors, live_server: str, planned: Planned) -> Page:
    """At the session's page."""
    page = visitors.come(DESK)
    log_in(page, live_server, planned.wang)
    page.goto(f"{live_server}/manage/sessions/{planned.session}")
    return page


def log_in(page: Page, server: str, login: str) -> None:
    page.goto(f"{server}/login")
    page.get_by_label("用户名").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.locator("main button").click()


def link_for(wang: Page, who: str) -> str:
    """Ask, open the page that is sent, and read its code as a phone's camera does."""
    wang.get_by_role("button", name=who).click()
    name = who.removeprefix("邀请").removeprefix("请").removesuffix("确认")
    wang.get_by_role("link", name=f"{name}的邀请链接和二维码").click()
    (address,) = scan(wang.locator(".qr"))
    return address


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_guest_accepts_on_a_phone(
    wang: Page, visitors: Visitors, live_server: str, planned: Planned, axe: Axe, scripts: bool
) -> None:
    address = link_for(wang, "邀请耿家盛")
    phone = visitors.come(PHONE, java_script_enabled=scripts)

    phone.goto(address)
    expect(phone.get_by_role("heading", level=1)).to_have_text("劳模工匠进校园")
    phone.get_by_label("留言").fill("需要接站")
    phone.get_by_role("button", name="参加", exact=True).click()

    expect(phone.get_by_role("heading", name="您的答复")).to_be_visible()
    if scripts:
        assert axe(phone) == []
    wang.goto(f"{live_server}/manage/sessions/{planned.session}")
    row = wang.locator("#invitations tr", has_text="耿家盛")
    expect(row).to_contain_text("已答应")
    expect(row).to_contain_text("需要接站")


def test_school_proposes_another_time_on_its_own_page(
    wang: Page, visitors: Visitors, live_server: str, planned: Planned
) -> None:
    wang.locator("#invitations button", has_text="请对方确认").click()
    other = planned.starts_at + timedelta(days=1)
    teacher = visitors.come(DESK)
    log_in(teacher, live_server, planned.teacher)

    teacher.get_by_role("link", name="待确认的场次").click()
    teacher.get_by_role("link", name="查看和答复").click()
    teacher.get_by_label("开始").fill(moment_field(other))
    teacher.get_by_label("结束").fill(moment_field(other + timedelta(hours=2)))
    teacher.get_by_label("说明").fill("当天考试")
    teacher.get_by_role("button", name="提出这个时间").press("Enter")

    expect(teacher.get_by_text("您建议的时间")).to_contain_text(clock.day_text(other))
    wang.goto(f"{live_server}/manage/invitations?answer=countered")
    wang.get_by_role("link", name="改到这个时间").click()
    expect(wang.get_by_label("开始")).to_have_value(moment_field(other))


def test_answer_to_what_was_moved_meanwhile_is_asked_again(
    wang: Page, visitors: Visitors, live_server: str, planned: Planned
) -> None:
    phone = visitors.come(PHONE)
    phone.goto(link_for(wang, "邀请耿家盛"))
    other = planned.starts_at + timedelta(days=1)
    times = f"starts_at={moment_field(other)}&ends_at={moment_field(other + timedelta(hours=2))}"
    wang.goto(f"{live_server}/manage/sessions/{planned.session}/move?{times}")
    wang.locator("main form[method=post] button").last.click()
    expect(wang.get_by_role("heading", level=1)).to_contain_text(clock.short_day_text(other))

    phone.get_by_role("button", name="参加", exact=True).click()

    expect(phone.get_by_role("alert")).to_contain_text("本场刚刚有变动")
    expect(phone.locator(".facts")).to_contain_text(clock.day_text(other))
    phone.get_by_role("button", name="参加", exact=True).click()
    expect(phone.get_by_role("heading", name="您的答复")).to_be_visible()
