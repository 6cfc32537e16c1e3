"""A tour of twelve schools out of a workbook: under a minute and five clicks, with scripts and without."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import xlsxwriter
from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import Axe
from tests.browser.visitors import DESK, Visitors, commit
from tests.people import PASSWORD, make_activity, make_organization, make_union

from events_app.lib import clock
from events_app.programmes.rules.workdays import Workdays

SCHOOLS = [f"巡回第{n}中学" for n in range(1, 13)]
KNOWN = 8
HEADER = ["序号", "日期", "学校", "地点", "时间", "人数", "劳模"]
# What people write into one column of one table.
FORMS = (
    "{0:%Y-%m-%d}",
    "{0:%Y/%m/%d}",
    "{0.year}年{0.month}月{0.day}日",
    "{0.month}月{0.day}日",
    "{0:%Y.%m.%d}",
)


@dataclass
class Tour:
    """A draft without sessions, and the login of who plans it."""

    login: str
    activity: str


class Hand:
    """Counts what an organiser does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def click(self, role: str, name: str) -> None:
        self.clicks += 1
        self.page.get_by_role(role, name=name).click()  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def tours(live_database: str) -> dict[bool, Tour]:
    """One for a browser with scripts, one for a browser without."""
    return commit(live_database, _make_tours)


@pytest.fixture(scope="module")
def visitors(browser: Browser, browser_context_args: dict[str, object]) -> Iterator[Visitors]:
    people = Visitors(browser, browser_context_args)
    yield people
    people.leave()


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tour") / "巡回安排.xlsx"
    coming = (clock.today() + timedelta(days=n) for n in range(20, 200))
    days = [day for day in coming if not Workdays([]).holiday(day)]
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.merge_range(0, 0, 0, 6, "劳模工匠进校园巡回安排表")
    sheet.write_row(1, 0, HEADER)
    for n, (school, day) in enumerate(zip(SCHOOLS, days, strict=False)):
        written = FORMS[n % len(FORMS)].format(day)
        sheet.write_row(n + 2, 0, [n + 1, written, school, f"{school}礼堂", "9:00-11:00", 300, "耿家盛"])
    book.close()
    return path


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_twelve_schools_are_planned_in_five_clicks(
    visitors: Visitors, live_server: str, tours: dict[bool, Tour], workbook: Path, axe: Axe, *, scripts: bool
) -> None:
    hand = Hand(arrive(visitors, live_server, tours[scripts], scripts=scripts))
    page = hand.page

    hand.click("link", "批量添加")
    hand.clicks += 1  # the file is chosen in the system's own window
    page.get_by_label("上传Excel或CSV").set_input_files(workbook)
    hand.click("button", "检查")
    expect(page.get_by_text("共12行", exact=True)).to_be_visible()
    if scripts:  # four schools are new to the first of the two
        assert axe(page) == []
        hand.click("button", "登记勾选的，再检查")
    expect(page.get_by_text("可以保存12行")).to_be_visible()
    hand.click("button", "保存没有问题的场次")

    expect(page.get_by_text("已添加12个场次。")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(12)
    assert hand.clicks <= 5
    assert visitors.complaints == []


def test_bad_row_is_put_right_by_keyboard(
    visitors: Visitors, live_server: str, tours: dict[bool, Tour]
) -> None:
    page = arrive(visitors, live_server, tours[True], scripts=True)
    page.get_by_role("link", name="批量添加").press("Enter")
    table = f"学校\t日期\t时间\t名额\n{SCHOOLS[0]}\t2月31日\t9:00-11:00\t很多"
    page.get_by_label("或者从表格里复制").fill(table)
    page.get_by_role("button", name="检查").press("Enter")

    expect(page.get_by_text("没有2月31日这一天。")).to_be_visible()
    page.locator("[name='day-2']").fill("2月28日")
    page.locator("[name='capacity-2']").fill("80")
    page.locator("[name='capacity-2']").press("Enter")

    expect(page.get_by_text("第2行", exact=True)).to_be_visible()
    expect(page.get_by_text("80个名额")).to_be_visible()
    page.get_by_role("button", name="清除，一行也不保存").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("劳模工匠进校园")
    assert visitors.complaints == []


def arrive(visitors: Visitors, server: str, tour: Tour, *, scripts: bool) -> Page:
    """On the page where the activity is planned."""
    answer = httpx.post(f"{server}/login", data={"login": tour.login, "password": PASSWORD})
    cookies = [{"name": name, "value": value, "url": server} for name, value in answer.cookies.items()]
    page = visitors.come(DESK, cookies, java_script_enabled=scripts)
    page.goto(f"/manage/activities/{tour.activity}")
    return page


async def _make_tours() -> dict[bool, Tour]:
    for name in SCHOOLS[:KNOWN]:
        await make_organization(name, "school")
    tours = {}
    for scripts, name in ((True, "city"), (False, "county")):
        union = await make_union(f"巡回{name}总工会", f"wang-{name}", f"li-{name}")
        activity = await make_activity(union.organization, published_at=None)
        tours[scripts] = Tour(union.wang.login, activity.code)
    return tours
