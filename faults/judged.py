"""What the gate's script makes of forged tickets while it is without network: a browser verifies them all."""

import base64
import mimetypes
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from playwright.sync_api import Page, Route, sync_playwright

from events_app.lib.codes import Signer

HOST = "http://localhost"  # where browsers give pages their cryptography without https
_STATIC = Path(__file__).resolve().parents[1] / "static"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ROUND = 5000
_JUDGE = """async ([spki, texts]) => {
    const { importKey, isGenuine, readTicket } = await import("/static/js/ticket.js");
    const key = await importKey(spki);
    const believed = async (text) => {
        const ticket = readTicket(text);
        return Boolean(ticket) && await isGenuine(key, ticket);
    };
    return Promise.all(texts.map(believed));
}"""


def serve_scripts(page: Page) -> None:
    """A page that has our scripts and nothing else, without a server."""

    def answer(route: Route) -> None:
        path = _STATIC / route.request.url.partition("/static/")[2].partition("?")[0]
        if path.is_file():
            kind = "text/javascript" if path.suffix == ".js" else mimetypes.guess_type(path.name)[0]
            return route.fulfill(body=path.read_bytes(), content_type=kind)
        return route.fulfill(body="<!doctype html><title>Gate</title>", content_type="text/html")

    page.route(f"{HOST}/**", answer)
    page.goto(f"{HOST}/")


def believed(page: Page, signer: Signer, shown: Iterable[tuple[str, str]]) -> Counter[str]:
    """How many of each kind it took for genuine."""
    spki = base64.b64encode(signer.public_key()).decode()
    tally: Counter[str] = Counter()
    shown = iter(shown)
    while part := list(islice(shown, _ROUND)):
        answers: Sequence[bool] = page.evaluate(_JUDGE, [spki, [text for _kind, text in part]])
        tally.update(kind for (kind, _text), answer in zip(part, answers, strict=True) if answer)
    return tally


def judge_all(signer: Signer, shown: Iterable[tuple[str, str]]) -> Counter[str]:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(args=["--no-sandbox"], executable_path=found)
        page = browser.new_page()
        serve_scripts(page)
        tally = believed(page, signer, shown)
        browser.close()
    return tally
