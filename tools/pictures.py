"""Take the pictures of README.md and docs/ from a demo of our own: fresh data, fixed sizes, nothing left behind.

The dates on the pages are those of the day, since the demo's are.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import qrcode
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
EVENTS = ROOT / ".venv" / "bin" / "events"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Chromium's own sandbox does not work for root, and /dev/shm is small in containers.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=zh-CN"]
FLAGS += ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=fps=10"]
DESK = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=780)
PAPER = ViewportSize(width=794, height=1123)  # A4 at 96 dots an inch
CAMERA = (640, 480)
QUIETLY: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
READY_WITHIN = 120.0  # seconds; the demo is loaded first
LARGEST = 150_000  # bytes
CAMP = "寒假研学营"
TOUR = "劳模工匠进校园·全省巡回专场"
SCHOOL = "云南机电职业技术学院"
_TABLE = """学校\t场地\t日期\t开始\t结束\t名额
云南国防工业职业技术学院\t云南国防工业职业技术学院学术厅\t{taken}\t10:00\t11:30\t200
云南交通职业技术学院\t云南交通职业技术学院报告厅\t2027年2月31日\t9:30\t11:30\t300
曲靖技师学院\t曲靖技师学院体育馆\t2027-03-16\t14:30\t16:30\t500
大理农林职业技术学院\t大理农林职业技术学院礼堂\t3月18日\t9点半\t11点半\t400
"""


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as film, demo() as (url, facts), sync_playwright() as playwright:
        camera = Path(film) / "camera.mjpeg"
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={camera}"]
        browser = playwright.chromium.launch(args=flags, executable_path=_chromium())
        Studio(browser, url, facts, camera).take_all()
        browser.close()


class Studio:
    """Walks once through what people do, with the demo's people, and takes a picture at each stop."""

    def __init__(self, browser: Browser, url: str, facts: dict[str, Any], camera: Path) -> None:
        self._browser = browser
        self._camera = camera
        self._url = url
        self._passwords = {account["login"]: account["password"] for account in facts["accounts"]}
        self._open_doors = facts["tickets"][0]["session"]

    def take_all(self) -> None:
        self._plan()
        ticket = self._register()
        self._let_in(ticket)
        self._look()

    def _plan(self) -> None:
        """What an organiser sees: a tour's sessions, a poster to print, the figures."""
        page = self._page(DESK, login="wang")
        page.goto("/manage")
        page.click(f"text={TOUR}")
        _take(page, "plan")
        page.locator("tr", has_text="报名中").locator("a[href$='/poster']").click()
        page.emulate_media(media="print")
        page.set_viewport_size(PAPER)
        _save(page.screenshot(), "poster")
        page.emulate_media(media="screen")
        page.set_viewport_size(DESK)
        page.goto("/manage/statistics")
        _take(page, "statistics")
        page.goto("/manage/calendar?view=week")
        page.click("a[rel=next]")
        page.wait_for_url("**date=**")
        _take(page, "calendar")
        self._plan_many(page)
        page.goto("/manage")
        page.click(f"text={CAMP}")
        page.click("text=问题")
        _take(page, "questions")
        self._receive(page)

    def _receive(self, page: Page) -> None:
        """The day itself: who is in, and a phone that is going to be a gate."""
        page.goto(f"/manage/sessions/{self._open_doors}/check-in")
        _take(page, "room")
        page.goto(f"/manage/sessions/{self._open_doors}/gates")
        page.click("main table a >> text=东门")
        page.set_viewport_size(PHONE)
        _take(page, "gate-link")

    def _plan_many(self, page: Page) -> None:
        """The dry run of a table in which one row is wrong and one meets a session that is there already."""
        page.goto("/manage")
        page.click(f"text={TOUR}")
        taken = page.locator("tr", has_text="报名中").locator("th a").inner_text().partition("（")[0]
        page.click("text=批量添加")
        page.fill("[name=table]", _TABLE.format(taken=taken))
        page.get_by_role("button", name="检查").click()
        page.wait_for_url("**/manage/batches/*")
        _take(page, "table")

    def _register(self) -> str:
        """What a participant sees; returns the address of the ticket."""
        page = self._page(PHONE)
        page.goto(f"/s/{self._open_doors}")
        page.fill("[name=name]", "赵敏")
        page.fill("[name=phone]", "19900001234")
        page.fill("[name=unit]", "云南机电职业技术学院")
        page.check("[name=consent]")
        page.locator("#register").evaluate("form => form.scrollIntoView()")
        _take(page, "register")
        page.click("#register button.button")
        page.wait_for_url("**/t/*")
        _take(page, "ticket")
        return page.url

    def _let_in(self, ticket: str) -> None:
        """What gate staff see when the camera has read a ticket."""
        self._camera.write_bytes(_held_up(ticket) * 10)
        page = self._page(PHONE, login="li")
        page.goto(f"/gate/{self._open_doors}")
        page.wait_for_selector("[data-kind=admitted]")
        page.wait_for_timeout(500)  # the answer comes in with a movement
        _take(page, "gate")

    def _look(self) -> None:
        """What a school sees of what comes to it, and what everybody sees, at night."""
        page = self._page(DESK)
        page.goto("/")
        page.click(f"a:text('{SCHOOL}') >> nth=0")
        _take(page, "school")
        leader = self._page(DESK, login="he")
        leader.goto("/rosters")
        leader.click("main a[href^='/rosters/'] >> nth=0")
        leader.click("a[href*='/imports/']:not([href$='/new']) >> nth=0")
        _take(leader, "roster")
        night = self._page(DESK, "dark")
        night.goto("/")
        _take(night, "schedule-dark")

    def _page(self, size: ViewportSize, scheme: Literal["light", "dark"] = "light", login: str = "") -> Page:
        context = self._browser.new_context(
            base_url=self._url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport=size,
            color_scheme=scheme,
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.set_default_timeout(10_000)
        if login:
            page.goto("/login?next=/gate" if login == "li" else "/login")
            page.fill("[name=login]", login)
            page.fill("[name=password]", self._passwords[login])
            page.press("[name=password]", "Enter")
            page.wait_for_selector(".top-me")
        return page


def _held_up(ticket: str) -> bytes:
    """What the camera sees, as one JPEG: a phone that shows the ticket, held a little askew."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_Q, border=4)
    code.add_data(ticket)
    image = code.make_image().get_image().convert("RGB")
    side = CAMERA[1] * 3 // 4
    phone = image.resize((side, side)).rotate(6, expand=True, fillcolor=(110, 100, 94))
    scene = Image.new("RGB", CAMERA, (110, 100, 94))
    scene.paste(phone, ((CAMERA[0] - phone.width) // 2, (CAMERA[1] - phone.height) // 2))
    out = BytesIO()
    scene.save(out, "JPEG", quality=90)
    return out.getvalue()


def _take(page: Page, name: str) -> None:
    _save(page.screenshot(animations="disabled"), name)


def _save(png: bytes, name: str) -> None:
    """As WebP, in the best quality that stays small enough for a page that many people load."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    for quality in (90, 80, 70, 60):
        out = BytesIO()
        picture.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= LARGEST:
            break
    (PICTURES / f"{name}.webp").write_bytes(out.getvalue())
    print(
        f"docs/pictures/{name}.webp  {picture.width} x {picture.height}  {out.tell() // 1000} kB", flush=True
    )


@contextmanager
def demo() -> Iterator[tuple[str, dict[str, Any]]]:
    """A demo on a port and in a directory of its own: its address and what `events demo --json` says."""
    with tempfile.TemporaryDirectory(prefix="events-pictures-") as directory:
        Path(directory).chmod(0o755)  # PostgreSQL's account must be able to enter when we are root
        port = _free_port()
        environment = _settings(directory, port)
        server = subprocess.Popen([EVENTS, "run"], env=environment, **QUIETLY)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, server)
            said = subprocess.run(
                [EVENTS, "demo", "--json"], env=environment, capture_output=True, check=True
            )
            yield url, json.loads(said.stdout)
        finally:
            server.terminate()
            server.wait(30)


def _settings(directory: str, port: int) -> dict[str, str]:
    """Nothing of the caller's own settings; the address is what a poster would carry."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("EVENTS_")}
    return others | {
        "EVENTS_DATA_DIR": directory,
        "EVENTS_PORT": str(port),
        "EVENTS_BASE_URL": "http://events.example.org",
    }


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    give_up = time.monotonic() + READY_WITHIN
    while time.monotonic() < give_up and server.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/readyz", timeout=2).close()  # noqa: S310
            return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"pictures: the demo did not answer at {url}.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _chromium() -> str | None:
    """The one that is installed; None lets Playwright take its own."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


if __name__ == "__main__":
    main()
