"""The main job from end to end, each step as a person takes it, once with scripts and once without.

A step's test prepares what the steps before it leave behind by taking these steps, so each runs alone as well.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from icalendar import Calendar, Event
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from python_calamine import CalamineWorkbook
from tests.browser.visitors import DESK, PHONE, Visitors, commit, scan
from tests.people import PASSWORD, Union, authorization, make_organization, make_union, moment_field

from events_app.lib import clock, codes, database

SCHOOL, SCHOOL_CODE = "云南机电职业技术学院", "ynmec-walk"
HELPER = "昆明市教育体育局"
DESCRIPTION = "# 匠心进校园\n\n全国劳模**耿家盛**讲述车床边的四十年。\n\n- 现场演示\n- 师生问答"
HALL, ADDRESS = "学术报告厅", "昆明市安宁市宁波路1号"


@dataclass
class Planned:
    """What Wang has published: a large session that begins soon, and next week one with a single place."""

    title: str
    activity: str
    large: str
    single: str
    starts_at: datetime
    ends_at: datetime


@dataclass
class Person:
    name: str
    phone: str
    unit: str = ""


@dataclass
class Ticket:
    """`path` is /t/code.signature; `number` is what is typed at the door, `pin` what finds the ticket again."""

    path: str
    number: str
    pin: str


@pytest.fixture(scope="module")
def union(live_database: str) -> Union:
    async def make() -> Union:
        await make_organization(SCHOOL, "school", code=SCHOOL_CODE)
        await make_organization(HELPER, "agency")
        return await make_union("昆明市总工会", organiser="wang-walk", gate="li-walk")

    return commit(live_database, make)


@pytest.fixture(scope="module", params=[True, False], ids=["scripts", "plain"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(scope="module")
def visitors(browser: Browser, browser_context_args: dict[str, Any], scripts: bool) -> Iterator[Visitors]:
    people = Visitors(browser, browser_context_args | {"java_script_enabled": scripts})
    yield people
    people.leave()


@pytest.fixture(autouse=True)
def nothing_to_complain_about(visitors: Visitors) -> Iterator[None]:
    yield
    assert visitors.complaints == []


@pytest.fixture(scope="module")
def he(scripts: bool) -> Person:
    return Person("何静", f"1990001000{scripts:d}", "昆明机床厂")


@pytest.fixture(scope="module")
def wang(visitors: Visitors, union: Union) -> Page:
    page = visitors.come(DESK)
    page.goto("/manage")
    log_in(page, union.wang.login)
    return page


@pytest.fixture(scope="module")
def planned(wang: Page, visitors: Visitors, scripts: bool) -> Planned:
    """Step 1 without its questions."""
    plan = Planned(
        f"劳模工匠进校园{'' if scripts else '（第二场）'}",
        "",
        "",
        "",
        clock.now() + timedelta(minutes=30),
        clock.now() + timedelta(minutes=150),
    )
    draft_activity(wang, plan)
    add_sessions(wang, plan)
    wang.get_by_role("link", name="预览").click()
    wang.get_by_role("button", name="发布活动").click()
    plan.large, plan.single = session_codes(wang)
    return plan


@pytest.fixture(scope="module")
def ticket(planned: Planned, visitors: Visitors, he: Person) -> Ticket:
    """He's, for the large session."""
    page = visitors.come(PHONE)
    register(page, planned.large, he)
    return ticket_on(page)


@pytest.fixture(scope="module")
def gate(planned: Planned, ticket: Ticket, visitors: Visitors, union: Union) -> Page:
    """Li's phone at the gate of the large session, after He came in."""
    page = visitors.come(PHONE)
    page.goto("/gate")
    log_in(page, union.li.login)
    page.locator(f'a[href="/gate/{planned.large}"]').click()
    type_ticket(page, ticket.number)
    return page


def test_1_wang_plans_two_sessions_looks_at_them_and_publishes(
    wang: Page, visitors: Visitors, union: Union, scripts: bool
) -> None:
    at = clock.now() + timedelta(days=1)
    plan = Planned(f"走进{'职校' if scripts else '技校'}", "", "", "", at, at + timedelta(hours=2))
    stranger = visitors.come(PHONE)

    draft_activity(wang, plan)
    expect(wang.locator("h1 + p")).to_contain_text("草稿")
    add_sessions(wang, plan)
    large, single = session_codes(wang)
    expect(wang.locator("tbody")).to_contain_text(f"{clock.day_text(clock.local(at).date())}")
    expect(wang.locator("tbody")).to_contain_text(SCHOOL)

    wang.get_by_role("link", name="预览").click()
    main = wang.get_by_role("main")
    expect(main).to_contain_text("这是预览，参与者看到的就是这样。活动还没有发布。")
    expect(main.locator(".prose strong")).to_have_text("耿家盛")
    expect(main.locator(".prose li")).to_have_text(["现场演示", "师生问答"])
    expect(main.locator("dl.facts dt")).to_have_text(["主办", "承办", "协办"])
    expect(main.locator("dl.facts dd")).to_have_text([union.organization.name, SCHOOL, HELPER])
    assert main.get_by_role("img", name="活动图片").evaluate("async i => (await i.decode(), i.naturalWidth)")
    expect(main.locator(".session-row")).to_have_count(2)
    for code in (plan.activity, large, single):
        assert status(stranger, f"/{'activities' if code == plan.activity else 's'}/{code}") == 404

    wang.get_by_role("button", name="发布活动").click()

    expect(wang.locator("h1 + p")).to_contain_text("已发布")
    wang.get_by_role("link", name="公开页面").click()
    expect(wang.get_by_role("main")).not_to_contain_text("预览")
    for code in (plan.activity, large, single):
        assert status(stranger, f"/{'activities' if code == plan.activity else 's'}/{code}") == 200


def test_2_poster_fills_one_sheet_of_a4_and_leads_to_its_session(
    wang: Page, planned: Planned, live_server: str
) -> None:
    wang.goto(f"/activities/{planned.activity}")
    wang.get_by_role("link", name="打印海报").first.click()

    expect(wang.get_by_role("heading", level=1)).to_have_text(planned.title)
    assert scan(wang.get_by_role("img", name="报名二维码")) == [f"{live_server}/s/{planned.large}"]
    assert sheets_of(wang.pdf(prefer_css_page_size=True)) == [(210, 297)]


def test_3_zhao_registers_on_a_phone_and_holds_a_ticket(
    planned: Planned, visitors: Visitors, scripts: bool, live_server: str, tmp_path: Path
) -> None:
    zhao = Person("赵敏", f"1990000000{scripts:d}", "昆明机床厂")
    page = visitors.come(PHONE, accept_downloads=True)
    page.goto(f"/s/{planned.large}")
    main = page.get_by_role("main")
    expect(main.get_by_role("heading", level=1)).to_have_text(planned.title)
    expect(main).to_contain_text(clock.day_text(clock.local(planned.starts_at).date()))
    expect(main).to_contain_text(clock.hours_text(planned.starts_at, planned.ends_at))
    expect(main).to_contain_text(HALL)
    expect(main).to_contain_text(ADDRESS)
    expect(main.locator(".register .places")).to_contain_text(re.compile(r"还剩(50|49)个名额\s*共50个"))

    page.get_by_role("link", name="立即报名").click()
    fill_in(page, zhao)

    expect(main).to_contain_text("报名成功")
    expect(main).to_contain_text(zhao.name)
    expect(main).to_contain_text(zhao.unit)
    expect(main).to_contain_text(ADDRESS)
    assert scan(page.get_by_role("img", name="入场二维码")) == [page.url]
    assert re.fullmatch(rf"{live_server}/t/[0-9A-Z]{{26}}\.[\w-]{{86}}", page.url)
    with page.expect_download() as download:
        page.get_by_role("link", name="加入日历").click()
    download.value.save_as(tmp_path / "ticket.ics")
    event = only_event((tmp_path / "ticket.ics").read_bytes())
    assert event["SUMMARY"] == planned.title
    assert event["LOCATION"] == f"{HALL} {ADDRESS}"
    assert event.decoded("DTSTART") == to_the_minute(planned.starts_at)
    assert event["URL"] == page.url


def test_3_same_name_and_phone_get_the_ticket_they_have(
    planned: Planned, visitors: Visitors, scripts: bool
) -> None:
    qian = Person("钱程", f"1990002000{scripts:d}")
    page = visitors.come(PHONE)
    register(page, planned.large, qian)
    first = ticket_on(page)
    before = places_left(page, planned.large)

    register(page, planned.large, qian)

    assert ticket_on(page) == first
    assert places_left(page, planned.large) == before


def test_3_ticket_is_found_again_from_another_phone(
    ticket: Ticket, planned: Planned, visitors: Visitors, he: Person
) -> None:
    other = visitors.come(PHONE)
    register(other, planned.large, he)  # knowing a name and a phone number is not enough
    expect(other.get_by_role("main")).to_contain_text("这个姓名和手机号码已经报过名")
    wrong = f"{(int(ticket.pin) + 1) % 1_000_000:06}"

    find_ticket(other, he, wrong)
    expect(other.get_by_role("alert")).to_contain_text("没有找到")
    expect(other.get_by_label("姓名")).to_have_value(he.name)
    find_ticket(other, he, ticket.pin)

    assert ticket_on(other) == ticket


def test_3_second_person_waits_in_line_and_moves_up_when_the_first_cancels(
    planned: Planned, visitors: Visitors, scripts: bool
) -> None:
    sun, zhou = visitors.come(PHONE), visitors.come(PHONE)
    register(sun, planned.single, Person("孙丽", f"1990003000{scripts:d}"))
    zhou.goto(f"/s/{planned.single}")
    expect(zhou.locator("#register")).to_contain_text("名额已满，现在报名会排在候补名单第1位。")
    fill_in(zhou, Person("周杰", f"1990004000{scripts:d}"))
    expect(zhou.locator(".ticket")).to_contain_text("第1位")
    assert scan(zhou) == []

    sun.get_by_role("link", name="取消报名").click()
    expect(sun.get_by_role("heading", level=1)).to_have_text("取消报名？")
    sun.get_by_role("link", name="保留报名").click()
    expect(sun.locator(".ticket .badge")).to_have_text("报名成功")
    sun.get_by_role("link", name="取消报名").click()
    sun.get_by_role("button", name="确定取消").click()

    expect(sun.locator(".ticket .badge")).to_have_text("已取消")
    assert scan(sun) == []
    zhou.reload()
    expect(zhou.locator(".ticket .badge")).to_have_text("报名成功")
    assert scan(zhou.get_by_role("img", name="入场二维码")) == [zhou.url]


def test_4_li_types_a_ticket_number_and_sees_green_then_amber(
    planned: Planned, visitors: Visitors, gate: Page, scripts: bool
) -> None:
    page = visitors.come(PHONE)
    register(page, planned.large, Person("吴桐", f"1990005000{scripts:d}", "滇池学院"))
    wu = ticket_on(page)
    answer = gate.locator("#scan-result")

    type_ticket(gate, wu.number)
    expect(answer).to_have_attribute("data-kind", "admitted")
    expect(answer).to_contain_text("请进")
    expect(answer).to_contain_text("吴桐")
    expect(answer).to_contain_text("滇池学院")
    expect(gate.locator("#recent li").first).to_contain_text("吴桐")
    green, first_at = colour(answer), gate.locator("#recent time").first.inner_text()
    type_ticket(gate, wu.number)

    expect(answer).to_have_attribute("data-kind", "warning")
    expect(answer).to_contain_text(f"首次签到 {first_at}")
    assert colour(answer) != green


def test_5_school_sees_what_comes_to_it_and_subscribes(planned: Planned, visitors: Visitors) -> None:
    page = visitors.come(DESK)
    page.goto(f"/o/{SCHOOL_CODE}")
    expect(page.get_by_role("heading", level=1)).to_have_text(SCHOOL)
    for code in (planned.large, planned.single):
        expect(page.locator(f'.session-row a[href="/s/{code}"]')).to_have_text(planned.title)

    page.get_by_role("link", name="月历").click()
    expect(page.locator("table.month")).to_be_visible()
    page.goto(f"/o/{SCHOOL_CODE}?view=month&month={clock.local(planned.starts_at):%Y-%m}")
    expect(page.locator(f'table.month a[href="/s/{planned.large}"]')).to_contain_text(planned.title)

    feed = page.locator("#subscribe").get_by_role("link", name=".ics").get_attribute("href")
    assert feed is not None
    calendar = Calendar.from_ical(httpx.get(feed).text)
    events = {str(event["UID"]).partition("@")[0]: event for event in calendar.walk("VEVENT")}
    assert {planned.large, planned.single} <= set(events)
    assert events[planned.large]["SUMMARY"] == planned.title
    assert events[planned.large].decoded("DTSTART") == to_the_minute(planned.starts_at)
    webcal = page.get_by_role("link", name="用日历程序打开").get_attribute("href")
    assert scan(page.get_by_role("img", name="订阅地址的二维码")) == [webcal]


def test_6_wang_shows_who_came(
    planned: Planned, gate: Page, wang: Page, he: Person, live_database: str, tmp_path: Path
) -> None:
    commit(live_database, partial(let_pass, planned.large))
    came = int(gate.locator("#door-count strong").inner_text())

    wang.goto("/manage")
    wang.get_by_role("link", name="统计").click()
    wang.get_by_label("活动", exact=True).select_option(planned.activity)
    wang.get_by_role("button", name="计算").click()

    names, numbers = (wang.locator(f".totals {tag}").all_inner_texts() for tag in ("dt", "dd:nth-of-type(1)"))
    totals = dict(zip(names, numbers, strict=True))
    assert list(totals) == ["场次", "报名人次", "签到人次", "人数", "到场率"]
    assert (totals["场次"], totals["签到人次"], totals["人数"]) == ("1场", f"{came}人次", f"{came}人")
    expect(wang.get_by_role("img", name="每月报名与签到")).to_be_visible()
    wang.get_by_text("数据表", exact=True).click()
    month = f"{clock.local(planned.starts_at - timedelta(hours=4)):%Y-%m}"
    expect(wang.get_by_role("row", name=month)).to_contain_text(f"{came}")
    for table in ("按活动", "按场次", "按单位"):
        expect(wang.get_by_role("table", name=table)).to_be_visible()
    expect(wang.get_by_role("table", name="按单位")).to_contain_text(he.unit)

    wang.get_by_role("table", name="按场次").locator(f'a[href="/manage/sessions/{planned.large}"]').click()
    with wang.expect_download() as download:
        wang.get_by_role("link", name="下载名单").click()
    download.value.save_as(tmp_path / "list.xlsx")
    rows = CalamineWorkbook.from_path(tmp_path / "list.xlsx").get_sheet_by_index(0).to_python()
    seat = dict(zip(rows[0], next(row for row in rows if he.name in row), strict=True))
    assert (seat["电话"], seat["单位"], seat["状态"]) == (he.phone, he.unit, "报名成功")
    assert seat["签到时间"]


def test_7_script_registers_checks_in_and_reads_with_a_token(
    union: Union, live_database: str, live_server: str, scripts: bool
) -> None:
    session = union.session.code
    token = commit(live_database, partial(authorization, union.wang))
    with httpx.Client(base_url=live_server, headers=token) as api:
        body = {"session": session, "name": "郑爽", "phone": f"1990006000{scripts:d}", "consent": True}
        key = {"idempotency-key": f"walk-{scripts}"}
        registered = api.post("/api/v1/registrations", json=body, headers=key)
        again = api.post("/api/v1/registrations", json=body, headers=key)
        assert (registered.status_code, registered.json()["state"]) == (201, "confirmed")
        assert again.json() == registered.json()

        scanned = {"session": session, "ticket": registered.json()["ticket"], "direction": "in"}
        first = api.post("/api/v1/check-ins", json=scanned | {"nonce": f"first-{scripts}"})
        replayed = api.post("/api/v1/check-ins", json=scanned | {"nonce": f"first-{scripts}"})
        second = api.post("/api/v1/check-ins", json=scanned | {"nonce": f"second-{scripts}"})
        assert (first.status_code, first.json()["verdict"], first.json()["holder"]) == (
            201,
            "admitted",
            "郑爽",
        )
        assert (replayed.status_code, replayed.json()) == (200, first.json())
        assert (second.status_code, second.json()["reason"]) == (409, "already_in")

        assert session in {item["code"] for item in api.get("/api/v1/sessions").json()["items"]}
        assert api.get(f"/api/v1/sessions/{session}").json()["code"] == session
        seats = api.get(f"/api/v1/sessions/{session}/seats").json()["items"]
        assert "郑爽" in {seat["name"] for seat in seats if seat["attended_at"]}

    described = httpx.get(f"{live_server}/schema/openapi.json").json()["paths"]
    assert {"/api/v1/registrations", "/api/v1/check-ins", "/api/v1/sessions"} <= set(described)


def log_in(page: Page, login: str) -> None:
    page.get_by_label("用户名").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录").click()
    expect(page.get_by_role("button", name="退出")).to_be_visible()


def draft_activity(page: Page, plan: Planned) -> None:
    """Ends on the planning page of the draft, and notes its code."""
    page.goto("/manage")
    page.get_by_role("link", name="新建活动").first.click()
    page.get_by_label("名称", exact=True).fill(plan.title)
    page.get_by_label("类型").select_option(label="劳模工匠进校园")
    page.get_by_label("介绍").fill(DESCRIPTION)
    page.get_by_label("活动图片").set_input_files(
        {"name": "海报.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    for number, (name, role) in enumerate([(SCHOOL, "承办"), (HELPER, "协办")], start=2):
        page.get_by_label(f"单位{number}").fill(name)
        page.get_by_label(f"角色{number}").select_option(label=role)
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(plan.title)
    plan.activity = urlsplit(page.url).path.rpartition("/")[2]


def add_sessions(page: Page, plan: Planned) -> None:
    week = timedelta(days=7)
    add_session(page, plan.starts_at, plan.ends_at, 50)
    add_session(page, plan.starts_at + week, plan.ends_at + week, 1)


def add_session(page: Page, starts_at: datetime, ends_at: datetime, capacity: int) -> None:
    page.get_by_role("link", name="添加场次").click()
    page.get_by_label("开始", exact=True).fill(moment_field(starts_at))
    page.get_by_label("结束", exact=True).fill(moment_field(ends_at))
    page.get_by_label("场地", exact=True).fill(HALL)
    page.get_by_label("地址").fill(ADDRESS)
    page.get_by_label("接待学校或企业").fill(SCHOOL)
    page.get_by_label("名额", exact=True).fill(str(capacity))
    page.get_by_label("报名开始").fill(moment_field(clock.now() - timedelta(hours=1)))
    page.get_by_label("报名截止").fill(moment_field(ends_at))
    page.get_by_role("button", name="保存场次").click()
    heading = page.get_by_role("heading", level=1)
    if heading.inner_text() == "添加场次":  # the same hall for the other walk, or a public holiday
        page.get_by_label("知道有冲突，仍然保存").check()
        page.get_by_role("button", name="保存场次").click()
    expect(heading).not_to_have_text("添加场次")


def session_codes(page: Page) -> list[str]:
    """On the planning page, by time."""
    links = page.locator("tbody th a").all()
    return [str(link.get_attribute("href")).rpartition("/")[2] for link in links]


def register(page: Page, session: str, person: Person) -> None:
    page.goto(f"/s/{session}")
    fill_in(page, person)


def fill_in(page: Page, person: Person) -> None:
    page.get_by_label("姓名").fill(person.name)
    page.get_by_label("手机号码").fill(person.phone)
    page.get_by_label("单位").fill(person.unit)
    page.get_by_label("我已阅读并同意").check()
    page.locator("#register").get_by_role("button").click()
    expect(page.locator("#register")).to_have_count(0)


def find_ticket(page: Page, person: Person, pin: str) -> None:
    page.get_by_label("姓名").fill(person.name)
    page.get_by_label("手机号码").fill(person.phone)
    page.get_by_label("六位查询码").fill(pin)
    page.get_by_role("button", name="打开入场码").click()


def ticket_on(page: Page) -> Ticket:
    expect(page.locator(".ticket")).to_be_visible()
    path = urlsplit(page.url).path
    number = codes.ticket_number(path.removeprefix("/t/"))
    expect(page.locator(".ticket")).to_contain_text(f"票号 {number}")
    return Ticket(path, number, page.locator(".ticket-number").inner_text())


def places_left(page: Page, session: str) -> str:
    page.goto(f"/s/{session}")
    return page.locator(".register .places b").inner_text()


def type_ticket(page: Page, number: str) -> None:
    page.get_by_label("票号").fill(number)
    page.get_by_role("button", name="查验").click()
    expect(page.locator("#scan-result")).not_to_have_attribute("data-kind", "")


def colour(panel: Locator) -> str:
    return str(panel.evaluate("panel => getComputedStyle(panel).backgroundColor"))


def status(page: Page, path: str) -> int:
    return page.request.get(path).status


async def let_pass(session: str) -> None:
    """Four hours go by for one session."""
    await database.fetch(
        """UPDATE session SET starts_at = starts_at - $2::interval, ends_at = ends_at - $2::interval,
                  closes_at = closes_at - $2::interval, opens_at = opens_at - $2::interval
            WHERE code = $1""",
        session,
        timedelta(hours=4),
    )


def only_event(feed: bytes) -> Event:
    [event] = Calendar.from_ical(feed).walk("VEVENT")
    assert isinstance(event, Event)
    return event


def to_the_minute(moment: datetime) -> datetime:
    """What is left of a moment after it was typed into a form."""
    return clock.local(moment).replace(second=0, microsecond=0)


def photo() -> bytes:
    out = BytesIO()
    Image.radial_gradient("L").resize((1200, 800)).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def sheets_of(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height of each page in whole millimetres."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [(round(float(w) / 72 * 25.4), round(float(h) / 72 * 25.4)) for w, h in boxes]
