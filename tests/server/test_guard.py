"""Who gets in, and by what name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contemplate.errors import InputError
from contemplate.server.settings import ServerSettings, Token, read_tokens
from serving import Client, asked, served

TOKEN = "a-token-that-nobody-guesses"
KNOWN = {"tokens": (Token.of(TOKEN, "ada"),)}


async def status(client: Client, path: str = "/v1/models", **headers: str) -> tuple[int, Any]:
    """The status of a GET, and the code of its error."""
    found, body, _ = await client.get(path, **headers)
    return found, body["error"]["code"] if isinstance(body, dict) and "error" in body else None


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "10.0.0.1", "[::", "a@b"])
async def test_a_name_that_is_none_of_ours(host: str) -> None:
    """A page whose name points at this machine is refused."""
    async with served() as client:
        assert await status(client, Host=host) == (403, "host_not_allowed")


@pytest.mark.parametrize("host", ["localhost", "localhost:1234", "127.0.0.1", "[::1]:80", "my.name"])
async def test_names_of_ours(host: str) -> None:
    """This machine's usual ones, and those that were added."""
    async with served(settings={"hosts": ["my.name"]}) as client:
        assert await status(client, Host=host) == (200, None)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "file://"])
async def test_pages_of_other_origins_are_refused(origin: str) -> None:
    """Also where they come by the right name: another port of this machine is another page."""
    async with served() as client:
        found, body, _ = await client.post("/v1/chat/completions", asked("What is 6 * 7?"), Origin=origin)

    assert (found, body["error"]["code"]) == (403, "origin_not_allowed")


@pytest.mark.parametrize("origin", ["chat.example", "https://chat.example/", "https://chat.example/page", "https://", "*"])
def test_what_is_no_origin(origin: str) -> None:
    """It would let nobody in, and nobody would know why."""
    with pytest.raises(InputError, match="is no origin, as https://"):
        ServerSettings(origins=(origin,))


async def test_pages_of_allowed_origins() -> None:
    """Its own pages may call it, and those that were allowed; a preflight says so."""
    async with served(settings={"origins": ["https://chat.example"]}) as client:
        own = await status(client, Origin=client.url)
        found, _, headers = await client.get("/v1/models", Origin="https://chat.example")
        preflight = {"Origin": "https://chat.example", "Access-Control-Request-Method": "POST"}
        async with client.session.options(f"{client.url}/v1/chat/completions", headers=preflight) as reply:
            allowed = reply.status, reply.headers["Access-Control-Allow-Origin"]

    assert own == (200, None)
    assert (found, headers["Access-Control-Allow-Origin"]) == (200, "https://chat.example")
    assert allowed == (204, "https://chat.example")


async def test_a_token() -> None:
    """Without the right one only health and readiness are told; a header, and no part of an address, holds it."""
    async with served(settings=KNOWN) as client:
        open_ = [(await status(client, path))[0] for path in ("/health", "/ready", "/")]
        closed = [await status(client, path) for path in ("/v1/models", "/api/runs", "/metrics", "/api/catalogue", "/nothing")]
        wrong = await status(client, Authorization=f"Bearer {TOKEN[:-1]}x")
        in_address = await status(client, f"/v1/models?token={TOKEN}")
        right = await status(client, Authorization=f"Bearer {TOKEN}")

    assert open_ == [200, 200, 200]
    assert closed == [(401, "invalid_api_key")] * 5
    assert wrong == in_address == (401, "invalid_api_key")
    assert right == (200, None)


async def test_a_browser_shows_its_token_once() -> None:
    """And has a cookie instead, which no script reads and no other site sends."""
    async with served(settings=KNOWN) as client:
        refused, _, _ = await client.post("/api/session", b"", Authorization="Bearer wrong")
        found, _, headers = await client.post("/api/session", b"", Authorization=f"Bearer {TOKEN}")
        cookie = headers["Set-Cookie"]
        listed = await status(client, "/api/runs", Cookie=cookie.split(";")[0])
        made_up = await status(client, "/api/runs", Cookie="contemplate-session=abc")

    assert (refused, found) == (401, 200)
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert TOKEN not in cookie
    assert (listed, made_up) == ((200, None), (401, "invalid_api_key"))


async def test_every_reply_has_an_id_and_is_what_it_says() -> None:
    """Refusals, too."""
    async with served() as client:
        replies = [await client.get("/v1/models"), await client.get("/v1/models", Host="evil.example"), await client.get("/no")]

    assert all(headers["X-Request-ID"].startswith("req_") for _, _, headers in replies)
    assert len({headers["X-Request-ID"] for _, _, headers in replies}) == 3
    assert {headers["X-Content-Type-Options"] for _, _, headers in replies} == {"nosniff"}


async def test_counts() -> None:
    """Requests by route and status, runs by how they ended, tokens."""
    async with served() as client:
        await client.post("/v1/chat/completions", asked("What is 6 * 7?"))
        await client.post("/v1/chat/completions", asked("", "nothing"))
        _, text, _ = await client.get("/metrics")

    assert 'contemplate_requests_total{route="/v1/chat/completions",status="200"} 1' in text
    assert 'contemplate_requests_total{route="/v1/chat/completions",status="404"} 1' in text
    assert 'contemplate_runs_total{ended="completed"} 1' in text
    assert "contemplate_calls_total 1" in text


def test_tokens_in_a_file(tmp_path: Path) -> None:
    """One a line, with a name; a short one is refused, and never shown."""
    file = tmp_path / "tokens"
    file.write_text(f"# ours\n{TOKEN} Ada Lovelace\n\nanother-token-of-ours\n")
    tokens = read_tokens(file)
    settings = ServerSettings(tokens=tokens)
    file.write_text("short")

    assert [token.name for token in tokens] == ["Ada Lovelace", "token-4"]
    assert (settings.token(TOKEN) or tokens[1]).name == "Ada Lovelace"
    assert settings.token(None) is None
    assert TOKEN not in repr(settings)
    with pytest.raises(InputError, match=r"tokens:1: a token has at least 16 characters") as error:
        read_tokens(file)
    assert "short" not in str(error.value)
    with pytest.raises(InputError, match="can't be read"):
        read_tokens(tmp_path / "nothing")


@pytest.mark.parametrize(("host", "public"), [("127.0.0.1", False), ("localhost", False), ("::1", False), ("0.0.0.0", True)])
def test_which_hosts_other_machines_reach(host: str, public: bool) -> None:
    """All but loopback ones."""
    assert ServerSettings(host=host).public is public
