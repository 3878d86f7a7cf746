"""The page at `/` of a real server, open in a real browser, on which a cast can be asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from browser import WIDE, Opened, visited
from contemplate import Price, Settings
from contemplate.models.retry import Retry
from serving import MODEL, served_apart
from speaking import Speaking
from stage import Stage
from viewed import CASTS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Scheme = Literal["light", "dark"]
PRICED = Settings(retry=Retry(attempts=1), prices={MODEL: Price(prompt=0.4, completion=1.6)})


@dataclass
class Asked:
    """A page of a server whose agents play a cast, open in a browser."""

    it: Opened
    agents: Speaking

    @property
    def page(self) -> Page:
        """The page."""
        return self.it.page

    def ask(self, name: str) -> None:
        """Fill in the form for the question of a cast, and ask."""
        strategy, question, parameters, _ = CASTS[name]
        self.page.fill("#question", question.text)
        self.page.select_option("#strategy", strategy)
        self.page.select_option("#kind", question.kind)
        self.page.click("#more summary")
        for one, value in parameters.items():
            self.page.fill("#seats" if one == "seats" else f"#set-{one}", str(value))
        self.page.click("#more summary")
        self.page.click("#go")

    def answer(self) -> str:
        """The answer, once there is one."""
        self.page.locator("#answered").wait_for()
        return self.page.locator("#answered").inner_text()

    def held(self, name: str, words: str) -> None:
        """Ask, and wait until somebody has said these words, and nobody goes on."""
        self.agents.held.set()
        self.ask(name)
        self.page.locator(".cell.speaking", has_text=words).first.wait_for()


@contextmanager
def room(
    browser: Browser, name: str, *, role: str | None = None, scheme: Scheme = "light", size: tuple[int, int] = WIDE
) -> Iterator[Asked]:
    """A page on which the cast of that name can be asked, at a server of its own; all agents have that role, or each its own."""
    agents = Speaking(CASTS[name][3], Stage().role_of if role is None else lambda _: role)
    with served_apart(agents, calls=PRICED) as url, visited(browser, url, scheme=scheme, size=size) as it:
        it.page.locator("#question").wait_for()
        yield Asked(it, agents)
