"""People with browsers of their own, the codes they scan, and what is there before they come."""

from collections.abc import Awaitable, Callable, Sequence
from io import BytesIO
from typing import Any, TypeVar

import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page
from tests import postgres

from events_app.lib import database

T = TypeVar("T")

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}


class Visitors:
    """Opens browsers that share nothing, and keeps what their consoles complain about."""

    def __init__(self, browser: Browser, arguments: dict[str, Any]) -> None:
        self._browser, self._arguments = browser, arguments
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def come(self, device: dict[str, Any], cookies: Sequence[Any] = (), **more: Any) -> Page:
        context = self._browser.new_context(**self._arguments | device | more)
        self._contexts.append(context)
        context.set_default_timeout(5000)
        context.add_cookies(cookies)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._listen(page, message))
        return page

    def leave(self) -> None:
        for context in self._contexts:
            context.close()

    def _listen(self, page: Page, message: ConsoleMessage) -> None:
        """Errors, but not Chromium's remark that the page itself came with a 4xx: that may be on purpose."""
        refused = message.text.startswith("Failed to load resource") and message.location["url"] == page.url
        if message.type in ("error", "warning") and not refused:
            self.complaints.append(f"{page.url}: {message.text}")


def scan(seen: Page | Locator) -> list[str]:
    """The texts of all the codes that a camera would find in what is on the screen."""
    picture = Image.open(BytesIO(seen.screenshot()))
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def commit(dsn: str, work: Callable[[], Awaitable[T]]) -> T:
    """Run makers on the live server's database."""
    usual, config = database.engine.pool, database.engine.config
    database.engine.pool = None  # it belongs to another loop
    database.configure(dsn)
    try:
        return postgres.run(work)
    finally:
        database.engine.pool, database.engine.config = usual, config
