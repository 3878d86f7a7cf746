"""A real browser, for tests of pages: the chromium of this machine, off every network."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, started; the test is skipped where there is none, and fails under CI."""
    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if program is None or find_spec("playwright") is None:
        missing = "chromium is" if program is None else "playwright is"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing} not installed")
        pytest.skip(f"{missing} not installed")
    from playwright.sync_api import sync_playwright

    sandboxed = [] if os.geteuid() else ["--no-sandbox"]  # which chromium refuses to a superuser
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*sandboxed, "--enable-precise-memory-info"])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Opened:
    """A page that is open, and what it did besides.

    Attributes:
        said: what stands in its console, errors among it.
        asked: the addresses that it asked for, its own file's not among them.
        refused: those of them that it was not given, each with the reason.
        dialogs: what it wanted to ask the reader.
    """

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    refused: dict[str, str | None] = field(default_factory=dict)
    dialogs: list[str] = field(default_factory=list)

    def quiet(self) -> bool:
        """Whether it did nothing besides, and no word in it ran."""
        return (self.said, self.asked, self.dialogs, self.page.evaluate("window.ran ?? null")) == ([], [], [], None)

    def view(self, name: str) -> Any:
        """A view of the page, chosen by its tab."""
        self.page.click(f"#tab-{name}")
        return self.page.locator(f"#view-{name}")

    def until(self, condition: str) -> None:
        """Wait until an expression is true; the page's policy forbids playwright's own waiting for one."""
        ends = time.monotonic() + 10
        while not self.page.evaluate(condition):
            assert time.monotonic() < ends, f"waited in vain for {condition}"
            self.page.wait_for_timeout(20)

    @property
    def views(self) -> list[str]:
        """The names of the views."""
        return [tab.get_attribute("data-view") or "" for tab in self.page.query_selector_all("[role=tab]")]


@contextmanager
def opened(
    browser: Browser,
    file: Path,
    address: str = "",
    *,
    size: tuple[int, int] = (1180, 760),
    scheme: Literal["light", "dark"] = "light",
) -> Iterator[Opened]:
    """A page from disk, watched from its first moment; `address` is what stands behind its name, as "#turn-3"."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, offline=True)
    page = context.new_page()
    it = Opened(page)
    own = file.resolve().as_uri()
    page.on("console", lambda message: it.said.append(message.text))
    page.on("pageerror", lambda error: it.said.append(str(error)))
    page.on("request", lambda request: it.asked.append(request.url) if request.url.partition("#")[0] != own else None)
    page.on("requestfailed", lambda request: it.refused.update({request.url: request.failure}))
    page.on("dialog", lambda dialog: (it.dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(own + address)
    try:
        yield it
    finally:
        context.close()
