"""A school's whole class: from the link to the printed tickets, with scripts and without; and a very long list."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Browser, expect
from tests.browser.visitors import PHONE, Visitors, commit, scan
from tests.people import make_activity, make_session, make_union

from events_app.registration.actions import rosters
from events_app.registration.forms import UnitForm

ROWS = [
    ("姓名", "手机"),
    ("张三", "１３９０００００００１"),
    ("李四", "1.39E+10"),
    ("王五", "13900000003"),
    ("王五", "13900000003"),
]


@pytest.fixture(scope="module")
def links(live_database: str) -> dict[str, str]:
    """By test, the link that the leader was sent."""
    return commit(live_database, _make_lists)


@pytest.fixture(scope="module")
def visitors(browser: Browser, browser_context_args: dict[str, object]) -> Iterator[Visitors]:
    people = Visitors(browser, browser_context_args)
    yield people
    people.leave()


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("class") / "初二3班.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    for number, row in enumerate(ROWS):
        sheet.write_row(number, 0, row)
    book.close()
    return path


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_leader_brings_a_class(
    visitors: Visitors, links: dict[str, str], workbook: Path, *, scripts: bool
) -> None:
    page = visitors.come(PHONE, java_script_enabled=scripts)
    page.goto(links["scripts" if scripts else "no scripts"])

    page.get_by_role("link", name="上传名单").click()
    page.get_by_label("上传Excel或CSV").set_input_files(workbook)
    page.get_by_role("button", name="检查").click()
    expect(page.get_by_text("后几位已经丢失")).to_be_visible()
    page.locator("[name='phone-3']").fill("13900000002")
    page.get_by_label(re.compile("名单上的人都看过告知并同意")).check()
    page.get_by_role("button", name="保存2行").click()
    expect(page.get_by_text("已保存3人。")).to_be_visible()

    page.get_by_role("listitem").filter(has_text="李四").get_by_role("link", name="换人").click()
    page.get_by_label("姓名").fill("赵六")
    page.get_by_label(re.compile("手机号码")).fill("13900000004")
    page.get_by_label(re.compile("换上的人看过告知并同意")).check()
    page.get_by_role("button", name="换人").click()
    expect(page.get_by_text("接替李四")).to_be_visible()

    page.get_by_role("link", name="打印入场码").click()
    expect(page.locator(".unit-tickets li")).to_have_count(3)
    assert "/t/" in scan(page.locator(".unit-tickets li").first)[0]
    assert visitors.complaints == []


def test_very_long_list_shows_how_far_it_is(
    visitors: Visitors, links: dict[str, str], tmp_path: Path
) -> None:
    page = visitors.come(PHONE)
    file = tmp_path / "全厂.csv"
    file.write_text("姓名,手机\n" + "\n".join(f"职工{n},{13_800_000_000 + n}" for n in range(3_000)))
    page.goto(f"{links['long']}/imports/new")

    page.get_by_label("上传Excel或CSV").set_input_files(file)
    page.get_by_role("button", name="检查").click()
    expect(page.get_by_text("新报名3000行")).to_be_visible()
    page.get_by_label(re.compile("名单上的人都看过告知并同意")).check()
    page.get_by_role("button", name="保存3000行").click()

    expect(page.get_by_role("progressbar").or_(page.get_by_text("全部保存好了"))).to_be_visible()
    expect(page.get_by_text("全部保存好了：3000人。")).to_be_visible(timeout=20_000)
    assert visitors.complaints == []


async def _make_lists() -> dict[str, str]:
    union = await make_union("名单总工会", "wang-lists", "li-lists")
    links = {}
    for name in ("scripts", "no scripts", "long"):
        activity = await make_activity(union.organization)
        await make_session(activity, capacity=5_000)
        form = UnitForm(unit="昆明一中", leader_name="孙老师", leader_phone="13700001111")
        id = await rosters.invite_unit(union.wang, activity.code, form)
        links[name] = f"/rosters/{(await rosters.own_roster(union.wang, activity.code, id)).secret}"
    return links
