"""An operator's browser on the map of a running `make demo`, for what is measured there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spatial.config import settings
from tests.support.browsing import AT_REST, FLAGS

VIEW = {"width": 960, "height": 600}


@contextmanager
def browsing() -> Iterator[Any]:
    """Start a browser with software WebGL."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


def signed_in(browser: Any, url: str) -> Any:
    """Return a page of a browser that holds nothing yet but an operator's sign-in."""
    page = browser.new_context(viewport=VIEW, locale="zh-CN").new_page()
    page.set_default_timeout(120_000)
    lines = (Path(settings(os.environ).home) / "demo-sign-ins.txt").read_text("utf-8").split("\n")
    name, password = next(line.split()[-2:] for line in lines if " operator " in f" {line} ")
    page.goto(f"{url}/sign-in?next=/health")
    page.fill("#username", name)
    page.fill("#password", password)
    page.press("#password", "Enter")
    page.wait_for_url("**/health")
    return page


def show(page: Any, url: str, link: str = "") -> None:
    """Show the map as a link says, until everything is drawn."""
    page.goto(f"{url}/map?plain=1&theme=light&lang=zh#{link}")
    ready(page)


def ready(page: Any) -> None:
    """Wait until the page has started and its map stands still."""
    page.wait_for_function("() => document.documentElement.dataset.ready === 'yes'")
    page.evaluate(AT_REST)
