"""A list for signatures on real paper: as many sheets as pages, nothing cut, each with the code of its own page."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.visitors import DESK, PHONE, Visitors, commit, scan
from tests.people import PASSWORD, make_activity, make_session, make_union, register

from events_app.checkin.queries.sheets import add_sheet
from events_app.lib import database
from events_app.programmes.tables import Session

LONG_NAME = "阿依古丽·买买提·艾合买提江" * 4
LONG_UNIT = "云南省昆明市五华区新能源汽车制造与服务产业链工会联合会第三车间班组" * 3
TITLE = "弘扬劳模精神劳动精神工匠精神走进校园走进车间走进社区，" * 4

# What sticks out of its page, or of its line. A very long unit may end in nothing; a name may not.
CUT = """() => [...document.querySelectorAll(".sign-in")].flatMap((page, n) => {
  const cut = page.scrollHeight > page.clientHeight + 1 ? [`page ${n + 1}`] : [];
  const foot = page.querySelector("footer").getBoundingClientRect().bottom;
  if (foot > page.getBoundingClientRect().bottom) cut.push(`foot ${n + 1}`);
  for (const name of page.querySelectorAll("tbody .name div"))
    if (name.scrollHeight > name.clientHeight + 3) cut.push(name.textContent);
  return cut;
})"""


@pytest.fixture(scope="module")
def sheets(live_database: str) -> dict[str, str]:
    return commit(live_database, _make_sheets)


@pytest.fixture(scope="module")
def visitors(browser: Browser, browser_context_args: dict[str, object]) -> Iterator[Visitors]:
    people = Visitors(browser, browser_context_args)
    yield people
    people.leave()


def come(visitors: Visitors, live_server: str, login: str, device: dict[str, object]) -> Page:
    answer = httpx.post(f"{live_server}/login", data={"login": login, "password": PASSWORD})
    jar = [{"name": name, "value": value, "url": live_server} for name, value in answer.cookies.items()]
    return visitors.come(device, jar)


@pytest.mark.parametrize(("name", "pages"), [("nobody", 1), ("one", 1), ("many", 4), ("long", 2)])
def test_each_page_is_one_sheet_of_paper(
    visitors: Visitors, live_server: str, sheets: dict[str, str], name: str, pages: int
) -> None:
    page = come(visitors, live_server, "wang-sheets", DESK)
    page.goto(sheets[name])

    paper = page.pdf(prefer_css_page_size=True)
    page.set_viewport_size({"width": 794, "height": 1123})  # A4
    page.emulate_media(media="print")

    sizes = [list(map(float, box.split())) for box in re.findall(rb"/MediaBox\s*\[([^\]]*)\]", paper)]
    assert [(round(width), round(height)) for _x, _y, width, height in sizes] == [(595, 842)] * pages
    assert page.evaluate(CUT) == []
    codes = [scan(code) for code in page.locator(".sign-in .qr").all()]
    address = page.url.replace("/manage/sessions/", "/gate/")
    assert codes == [[f"{address}/{n}"] for n in range(1, pages + 1)]
    page.context.close()


def test_code_on_the_paper_opens_its_page_to_be_typed_in(
    visitors: Visitors, live_server: str, sheets: dict[str, str]
) -> None:
    desk = come(visitors, live_server, "wang-sheets", DESK)
    desk.goto(sheets["many"])
    (found,) = scan(desk.locator(".sign-in").nth(1).locator(".qr"))
    phone = come(visitors, live_server, "li-sheets", PHONE)

    phone.goto(found)
    expect(phone.get_by_role("checkbox")).to_have_count(20)
    phone.get_by_role("checkbox", name="赵0021").check()
    phone.get_by_role("checkbox", name="赵0022").check()
    phone.get_by_role("button", name="录入勾选的人").click()

    expect(phone.get_by_text("刚才录入2人。")).to_be_visible()
    expect(phone.get_by_role("checkbox")).to_have_count(18)
    assert visitors.complaints == []


def test_gate_that_scans_a_page_of_signatures_opens_it(
    visitors: Visitors, live_server: str, sheets: dict[str, str]
) -> None:
    address = sheets["one"].replace("/manage/sessions/", "/gate/") + "/1"
    phone = come(visitors, live_server, "li-sheets", PHONE)
    phone.goto(address.partition("/sheets/")[0])
    field = phone.locator("[data-scan-form] [name=ticket]")

    expect(phone.locator("[data-net]")).to_have_text("在线")
    field.fill(f"{live_server}{address}")
    field.press("Enter")

    expect(phone.get_by_role("checkbox", name="赵敏")).to_be_visible()
    assert phone.url.endswith(address)


async def _make_sheets() -> dict[str, str]:
    """The addresses of sheets with so many people."""
    union = await make_union("昆明市五华区总工会", "wang-sheets", "li-sheets")
    activity = await make_activity(union.organization, title=TITLE[:120])
    crowds = {
        "nobody": (union.activity, [], 20),
        "one": (union.activity, [("赵敏", "昆明机床厂")], 0),
        "many": (union.activity, [(f"赵{n:04}", "") for n in range(1, 58)], 23),
        "long": (activity, [(LONG_NAME[: n + 1], LONG_UNIT[: 2 * n + 1]) for n in range(10, 50)], 0),
    }
    addresses = {}
    for name, (of, people, blanks) in crowds.items():
        session = await make_session(of, 500, title="启动仪式" if name == "many" else TITLE[:120])
        for n, (holder, unit) in enumerate(people):
            await register(session, holder, f"1990001{n:04}", unit)
        await _begin(session)
        await add_sheet(f"sheet_{name}", session.id, blanks, union.wang.account)
        addresses[name] = f"/manage/sessions/{session.code}/sheets/sheet_{name}"
    return addresses


async def _begin(session: Session) -> None:
    """Half an hour ago, so that who signed can be typed in."""
    await database.fetch(
        "UPDATE session SET starts_at = now() - interval '30 minutes', closes_at = now() WHERE id = $1",
        session.id,
    )
