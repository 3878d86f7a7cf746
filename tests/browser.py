"""A real browser, for tests of pages: the chromium of this machine, off every network."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page

PICTURES = os.environ.get("CONTEMPLATE_PICTURES")
"""A folder that gets the pictures of the docs, if it is set: docs/pictures."""
LARGEST = 150_000
NARROW = (390, 800)
WIDE = (1180, 760)

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

    def asks(self, dialog: Dialog) -> None:
        """Take down what it wants to ask the reader, and let it go without an answer."""
        self.dialogs.append(dialog.message)
        dialog.dismiss()

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
    browser: Browser, file: Path, address: str = "", *, size: tuple[int, int] = WIDE, scheme: Literal["light", "dark"] = "light"
) -> Iterator[Opened]:
    """A page from disk, watched from its first moment; `address` is what stands behind its name, as "#turn-3"."""
    own = file.resolve().as_uri()
    with _watched(browser, lambda url: url.partition("#")[0] == own, size, scheme, offline=True) as it:
        it.page.goto(own + address)
        yield it


@contextmanager
def visited(
    browser: Browser,
    url: str,
    address: str = "/",
    *,
    size: tuple[int, int] = WIDE,
    scheme: Literal["light", "dark"] = "light",
    before: Callable[[Page], None] | None = None,
) -> Iterator[Opened]:
    """A page of a server, watched from its first moment; what it asks of that server is its own. `before` is done before that."""
    with _watched(browser, lambda asked: asked.startswith((f"{url}/", "blob:")), size, scheme, offline=False) as it:
        if before is not None:
            before(it.page)
        it.page.goto(url + address)
        yield it


@contextmanager
def _watched(
    browser: Browser, own: Callable[[str], bool], size: tuple[int, int], scheme: Literal["light", "dark"], *, offline: bool
) -> Iterator[Opened]:
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, offline=offline)
    page = context.new_page()
    it = Opened(page)
    page.on("console", lambda message: it.said.append(message.text))
    page.on("pageerror", lambda error: it.said.append(str(error)))
    page.on("request", lambda request: None if own(request.url) else it.asked.append(request.url))
    page.on("requestfailed", lambda request: it.refused.update({request.url: request.failure}))
    page.on("dialog", it.asks)
    try:
        yield it
    finally:
        context.close()


def faults(page: Page) -> list[str]:
    """What axe finds on a page that keeps it from somebody: the serious and the critical faults, each with the first place."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page).response["violations"]
    serious = [one for one in found if one["impact"] in {"serious", "critical"}]
    return [f"{one['id']} ({len(one['nodes'])}): {one['nodes'][0]['html'][:200]}" for one in serious]


def photographed(page: Page, file: Path) -> None:
    """A picture of what is on the screen, small."""
    image = pytest.importorskip("PIL.Image")
    image.open(BytesIO(page.screenshot())).convert("RGB").quantize(200, dither=image.Dither.NONE).save(file, optimize=True)


FAINT = """() => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const linear = (part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const light = ([red, green, blue]) => 0.2126 * linear(red / 255) + 0.7152 * linear(green / 255) + 0.0722 * linear(blue / 255);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const under = (text) => {
    const box = text.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const within = ({ x: left, y: top, right, bottom }) => left <= x && x <= right && top <= y && y <= bottom;
    const shapes = [...text.closest("svg.mark, g.node, svg").querySelectorAll("rect, circle, polygon")];
    const below = (one) => one.compareDocumentPosition(text) & 4 && within(one.getBoundingClientRect());
    for (const shape of shapes.filter(below).reverse()) {
      const colour = rgb(getComputedStyle(shape).fill);
      if (colour[3] === 255) return colour;
    }
    return behind(text.closest("svg").parentElement);
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const speaks = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!speaks || !element.checkVisibility() || element.tagName === "title") continue;
    const drawn = element.closest("svg") !== null;
    const ink = light(rgb(getComputedStyle(element)[drawn ? "fill" : "color"]));
    const paper = light(drawn ? under(element) : behind(element));
    const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (contrast < 4.5) found.push(`${element.tagName}.${element.className}: ${contrast.toFixed(2)}`);
  }
  return found;
}"""
"""The texts on a page, those in drawings among them, whose contrast is below WCAG's AA, 4.5 to 1."""
