"""A headless Chromium for the tests of the page, and everything that goes wrong in it."""

from __future__ import annotations

import atexit
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome")


def executable() -> str:
    """The browser of the machine. Without one the test is skipped, but fails where CI=true."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        missing = "no Chromium on this machine: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@cache
def running() -> Browser:
    """One browser for all tests of the process; every test has a profile of its own in it."""
    from playwright.sync_api import sync_playwright

    playwright = sync_playwright().start()
    browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
    atexit.register(playwright.stop)
    atexit.register(browser.close)
    return browser


@contextmanager
def opened(file: Path, width: int = 1280, height: int = 900, scheme: str = "light", hash_: str = "") -> Iterator:
    """The page in a window of that size; at the end there must have been no error and no request but for the file."""
    problems: list[str] = []
    with running().new_context(viewport={"width": width, "height": height}, color_scheme=scheme) as context:
        context.set_default_timeout(20_000)
        window = context.new_page()
        window.on(
            "console",
            lambda m: problems.append(f"console {m.type}: {m.text}") if m.type == "error" else None,
        )
        window.on("pageerror", lambda e: problems.append(f"error: {e}"))
        window.on(
            "request",
            lambda r: problems.append(f"request: {r.url}") if not r.url.startswith(("file:", "data:")) else None,
        )
        window.goto(file.as_uri() + hash_)
        window.wait_for_selector("#theme:not([hidden])")
        yield window
    assert not problems, problems


def until(window: Page, expression: str) -> None:
    """Wait for a condition. Playwright's own way evaluates text in the page, which the page's policy forbids."""
    for _ in range(400):
        if window.evaluate(expression):
            return
        window.wait_for_timeout(50)
    pytest.fail(f"never true: {expression}")
