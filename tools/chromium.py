"""Make sure that the browser tests find a Chromium: Debian's package where apt may be used, else Playwright's download.

Never fails: the browser tests themselves say what is missing.
"""

import os
import shutil
import subprocess
import sys

import apt

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Chinese pages need Chinese letters to be looked at and measured.
PACKAGES = ["chromium", "fonts-noto-cjk"]
PLAYWRIGHTS_OWN = """
import os, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(not os.path.exists(playwright.chromium.executable_path))
"""


def main() -> None:
    if os.environ.get("CHROMIUM") or any(map(shutil.which, NAMES)) or _succeeds(["-c", PLAYWRIGHTS_OWN]):
        return
    if apt.install(PACKAGES):
        return
    print("setup: Chromium through Playwright", flush=True)
    if not _succeeds(["-m", "playwright", "install", "chromium"]):
        print(
            "setup: no Chromium could be installed; the browser tests will fail and say how to get one",
            flush=True,
        )


def _succeeds(arguments: list[str]) -> bool:
    return subprocess.run([sys.executable, *arguments], stdin=subprocess.DEVNULL).returncode == 0


if __name__ == "__main__":
    main()
