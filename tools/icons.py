"""Draw the installable gate's icons from the platform's mark; run it again when img/mark.svg changes.

Telephones cut their own shape out of a maskable icon and leave its inner circle, 80 % wide, alone (W3C Web App
Manifest): its ground is the mark's own red, so that no edge shows, and the sign stands well inside.
"""

import base64
import os
import shutil
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).resolve().parents[1] / "static" / "img"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
RED = "#b3262a"
# File, pixels, ground, and the mark's size in parts of the side.
ICONS = [
    ("gate-192.png", 192, "transparent", 1.0),
    ("gate-512.png", 512, "transparent", 1.0),
    ("gate-maskable-512.png", 512, RED, 1.15),
    ("gate-touch-180.png", 180, RED, 1.15),
]


def main() -> None:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(args=["--no-sandbox"], executable_path=found)
        for name, pixels, ground, part in ICONS:
            page = browser.new_page(viewport={"width": pixels, "height": pixels})
            (IMAGES / name).write_bytes(_draw(page, pixels, ground, part))
            page.close()
        browser.close()


def _draw(page: Page, pixels: int, ground: str, part: float) -> bytes:
    mark = base64.b64encode((IMAGES / "mark.svg").read_bytes()).decode()
    edge = round((1 - part) / 2 * pixels)
    page.set_content(
        f"<style>body {{ margin: 0; background: {ground}; overflow: hidden }}"
        f"img {{ position: absolute; left: {edge}px; top: {edge}px; width: {pixels - 2 * edge}px }}</style>"
        f"<img src='data:image/svg+xml;base64,{mark}'>"
    )
    return page.screenshot(omit_background=True)


if __name__ == "__main__":
    main()
