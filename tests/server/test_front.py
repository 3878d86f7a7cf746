"""What the page is made of, as it is sent."""

from __future__ import annotations

import re

import pytest

from contemplate.server.front import asset_response, front_page
from contemplate.server.refused import RefusedError
from contemplate.server.settings import Token
from serving import served

TOKEN = "a-token-of-mine-0123"


async def test_the_page_loads_its_own_and_nothing_else() -> None:
    """Its policy says so, and no address in it leads elsewhere; no script and no style stands in it."""
    async with served() as client:
        _, page, headers = await client.get("/")
        policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
        loaded = [await client.get(path) for path in re.findall(r'(?:src|href)="(/[^"]*)"', page)]

    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert policy["require-trusted-types-for"] == "'script'"
    assert [status for status, _, _ in loaded] == [200, 200, 200]
    assert not re.search(r"<style|\son[a-z]+=|style=|https?://|<script>", page)
    assert "http" not in loaded[2][1].replace("http://www.w3.org/2000/svg", "")


async def test_what_a_browser_has_is_not_sent_again() -> None:
    """It is asked whether that is still the same."""
    async with served() as client:
        _, _, headers = await client.get("/assets/ask.js")
        status, text, _ = await client.get("/assets/ask.js", **{"If-None-Match": headers["ETag"]})
        missing, _, _ = await client.get("/assets/..%2F__init__.py")

    assert (status, text, missing) == (304, "", 404)


@pytest.mark.parametrize("name", ["body.html", "../front.py", "", "ask.js/"])
def test_nothing_else_is_given_away(name: str) -> None:
    """Whatever is asked for under /assets/."""
    with pytest.raises(RefusedError, match="there is nothing at"):
        asset_response(name, None)


async def test_who_has_shown_a_token_is_not_asked_again() -> None:
    """The page knows by the cookie whether it must ask."""
    async with served(settings={"tokens": (Token.of(TOKEN, "me"),)}) as client:
        _, before, _ = await client.get("/")
        _, _, headers = await client.post("/api/session", b"", Authorization=f"Bearer {TOKEN}")
        _, after, _ = await client.get("/", Cookie=headers["Set-Cookie"].partition(";")[0])

    assert before == front_page(token=True)
    assert after == front_page(token=False)
    assert "data-token" not in after
