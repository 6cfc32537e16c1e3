"""A certificate from the ticket to the paper: made by a button, printed on one sheet, found again by its code."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect
from tests.browser.visitors import DESK, PHONE, Visitors, commit, scan
from tests.certified import certify
from tests.people import make_union

# What the longest names and titles look like.
WORDS = "弘扬劳模精神劳动精神工匠精神走进校园走进车间走进社区，" * 8


@pytest.fixture(scope="module")
def codes(live_database: str) -> dict[str, str]:
    return commit(live_database, _make_codes)


@pytest.fixture(scope="module")
def visitors(browser: Browser, browser_context_args: dict[str, object]) -> Iterator[Visitors]:
    people = Visitors(browser, browser_context_args)
    yield people
    people.leave()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_holder_makes_the_certificate_and_anybody_verifies_it(
    visitors: Visitors, codes: dict[str, str], *, scripts: bool
) -> None:
    page = visitors.come(PHONE, java_script_enabled=scripts)
    page.goto(f"/t/{codes['graduate']}")
    page.get_by_role("link", name="学时和证书").click()
    page.locator("main .button.wide").click()
    expect(page.get_by_text("证书有效")).to_be_visible()

    (found,) = scan(page.get_by_role("img", name="核验二维码"))
    stranger = visitors.come(PHONE, java_script_enabled=scripts)
    stranger.goto(found)

    assert found == page.url
    expect(stranger.get_by_text("证书有效")).to_be_visible()
    expect(stranger.locator(".certificate-name")).to_have_text("周杰")


@pytest.mark.parametrize("name", ["certificate", "certificate-long"])
def test_certificate_is_one_sheet_across(visitors: Visitors, codes: dict[str, str], name: str) -> None:
    page = visitors.come(DESK)
    page.goto(f"/certificates/{codes[name]}")

    paper = page.pdf(prefer_css_page_size=True)
    page.set_viewport_size({"width": 1123, "height": 794})  # A4 across
    page.emulate_media(media="print")

    sizes = [list(map(float, box.split())) for box in re.findall(rb"/MediaBox\s*\[([^\]]*)\]", paper)]
    assert [(round(width), round(height)) for _x, _y, width, height in sizes] == [(842, 595)]
    assert page.locator(".certificate").evaluate("paper => paper.scrollHeight - paper.clientHeight") == 0
    assert bottom(page.locator(".certificate footer")) < bottom(page.locator(".certificate-frame"))
    assert scan(page.get_by_role("img", name="核验二维码")) == [page.url]


def bottom(part: Locator) -> float:
    """How far down the page it reaches."""
    box = part.bounding_box()
    assert box
    return box["y"] + box["height"]


async def _make_codes() -> dict[str, str]:
    union = await make_union("玉溪市红塔区总工会", "wang-certificate", "li-certificate")
    plain = await certify(union, "无人机驾驶培训", ["周杰", "郑洁", "王芳", "冯涛"], "玉溪卷烟厂")
    names = ["周杰", WORDS[:50], "王芳", "冯涛"]
    long = await certify(union, WORDS[:120], names, WORDS[:100])
    return plain | {"certificate-long": long["certificate"]}
