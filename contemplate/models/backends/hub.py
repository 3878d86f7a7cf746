"""Fetching weights from the Hugging Face hub, or from the mirror that the user's settings name.

`HF_ENDPOINT` is the mirror, `HF_TOKEN` a token for it, and with `HF_HUB_OFFLINE=1` nothing here goes to the network.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote, urljoin, urlsplit

import aiohttp
import anyio.to_thread

from contemplate.errors import EndpointError
from contemplate.models.backends.address import check_base_url, proxy_of
from contemplate.models.backends.partial import Partial, WeightsError
from contemplate.models.backends.progress import Show
from contemplate.models.backends.published import HubFile, Weights
from contemplate.models.backends.sessions import reason
from contemplate.text import one_line

_ENDPOINT = "https://huggingface.co"
_PATIENCE = aiohttp.ClientTimeout(total=None, sock_connect=5.0, sock_read=30.0)
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OK, _REST = 200, 206
_MEANING = {401: ": HF_TOKEN must be set to a token that may read it", 403: ": the token may not read it", 404: ": there is none"}
_CHUNK = 2**20
_COMMIT, _DIGEST, _SIZE = "X-Repo-Commit", "X-Linked-ETag", "X-Linked-Size"
_SHA256 = re.compile("[0-9a-fA-F]{64}")
_BYTES = re.compile("[0-9]{1,18}")


async def append(weights: Weights, partial: Partial, show: Show) -> None:
    """Add what is missing to `partial`. A connection that breaks off is taken up again as long as something comes.

    Raises:
        WeightsError: nothing comes from there, or not all of it.
    """
    assert weights.hub is not None  # noqa: S101 - what this is called for
    while (before := partial.size) < weights.size:
        try:
            await _continue(weights.hub, weights.size, partial, show)
        except (aiohttp.ClientError, TimeoutError) as error:
            if partial.size <= before:
                raise _failure(weights.hub, _said(error)) from None


async def resolve(hub: HubFile) -> tuple[HubFile, int, str]:
    """The commit that a file's revision stands for now, the file's size, and its SHA-256 as the hub has it.

    Raises:
        WeightsError: the hub can't be reached, or does not say.
    """
    try:
        async with _opened(hub, "HEAD") as response:
            commit, digest, size = (response.headers.get(name, "").strip('"') for name in (_COMMIT, _DIGEST, _SIZE))
    except (aiohttp.ClientError, TimeoutError) as error:
        raise _failure(hub, _said(error)) from None
    if not (commit and _SHA256.fullmatch(digest) and _BYTES.fullmatch(size)):
        raise _failure(hub, "it does not say which commit, size and SHA-256 the file has, so that it could be checked")
    return hub.model_copy(update={"revision": commit}), int(size), digest.lower()


async def _continue(hub: HubFile, size: int, partial: Partial, show: Show) -> None:
    """Add what comes over one connection, up to `size`. A server that knows no ranges begins at the beginning."""
    there = partial.size
    async with _opened(hub, "GET", {"Range": f"bytes={there}-"} if there else {}) as response:
        done = there if response.status == _REST else 0
        with partial.written_from(done) as file:
            async for chunk in response.content.iter_chunked(_CHUNK):
                await anyio.to_thread.run_sync(file.write, chunk[: size - done])
                done += len(chunk)
                show(min(done, size))
                if done >= size:
                    return
    if done <= there:
        raise _failure(hub, f"it has {done:,} bytes of {size:,}")


@asynccontextmanager
async def _opened(hub: HubFile, method: str, headers: dict[str, str] | None = None) -> AsyncIterator[aiohttp.ClientResponse]:
    """The response for a file; for HEAD that of the hub itself, which says what the file is, and not of where it has its bytes.

    The token goes to the endpoint, and to nothing that it redirects to elsewhere.
    """
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "TRUE", "YES", "ON"}:
        raise _failure(hub, "HF_HUB_OFFLINE is set")
    endpoint, token = _endpoint(), "".join(os.environ.get("HF_TOKEN", "").split())  # as it is pasted: with a line end behind it
    url = f"{endpoint}/{hub.repo}/resolve/{quote(hub.revision, safe='')}/{quote(hub.file)}"
    async with aiohttp.ClientSession(timeout=_PATIENCE, cookie_jar=aiohttp.DummyCookieJar()) as session:
        for _ in range(_MOST_REDIRECTS):
            own = {"Authorization": f"Bearer {token}"} if token and _origin(url) == _origin(endpoint) else {}
            sent = {"Accept-Encoding": "identity", **(headers or {}), **own}
            async with session.request(method, url, headers=sent, allow_redirects=False, proxy=proxy_of(url)) as response:
                if response.status not in {_OK, _REST, *_REDIRECTS}:
                    raise _failure(hub, f"HTTP {response.status}{_MEANING.get(response.status, '')}")
                if response.status not in _REDIRECTS or (method == "HEAD" and _COMMIT in response.headers):
                    yield response
                    return
                url = _redirected(hub, url, response.headers.get("Location", ""))
    raise _failure(hub, "it redirects again and again")


def _redirected(hub: HubFile, url: str, to: str) -> str:
    """The address that `url` redirects to; from an encrypted one to none that is not."""
    try:
        there = urljoin(url, to)
        safe = _origin(url)[0] != "https" or _origin(there)[0] == "https"
    except ValueError:
        raise _failure(hub, f"it redirects to {one_line(to, 100)!r}, which is no address") from None
    if not safe:
        raise _failure(hub, "it redirects to an address that is not encrypted")
    return there


def _endpoint() -> str:
    try:
        return check_base_url(os.environ.get("HF_ENDPOINT") or _ENDPOINT, "set HF_TOKEN")
    except EndpointError as error:
        raise WeightsError(f"HF_ENDPOINT: {error}") from None


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _said(error: BaseException) -> str:
    """Why a connection did not do, in a few words."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"nothing answers there: {reason(error)}"
    return "nothing more comes" if isinstance(error, TimeoutError) else f"it breaks off: {reason(error)}"


def _failure(hub: HubFile, why: str) -> WeightsError:
    host = urlsplit(_endpoint()).netloc
    return WeightsError(f"{host} does not give {one_line(f'{hub.repo}/{hub.file}', 200)} ({why})")
