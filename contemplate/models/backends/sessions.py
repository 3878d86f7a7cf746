"""The HTTP sessions of one endpoint: one for each event loop that calls it."""

from __future__ import annotations

import asyncio
import errno
import os

import aiohttp

from contemplate.errors import EndpointError
from contemplate.models.backends.address import proxy_of
from contemplate.models.backends.masking import MASK, may_hold
from contemplate.text import one_line

_CONNECT_SECONDS = 10.0
_PING = aiohttp.ClientTimeout(total=10.0, sock_connect=5.0)


class Sessions:
    """Opens a session when a loop first needs it. A backend may outlive a loop: each `asyncio.run` makes a new one."""

    def __init__(self, base_url: str, key: str, timeout: float) -> None:
        """Remember the endpoint; nothing is opened yet.

        Args:
            base_url: where the calls go.
            key: the bearer token; "" for none.
            timeout: seconds for one exchange, whole.
        """
        self._base_url = base_url
        self._key = key.encode()
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=min(_CONNECT_SECONDS, timeout))
        self._open: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = {}

    def current(self) -> aiohttp.ClientSession:
        """The session of the running loop. It keeps no cookies; how many connections it has is the limiter's business."""
        loop = asyncio.get_running_loop()
        session = self._open.get(loop)
        if session is None:
            self._forget_closed_loops()
            session = self._open[loop] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self._headers,
                timeout=self._timeout,
                proxy=proxy_of(self._base_url),
            )
        return session

    async def ping(self) -> None:
        """See whether anything answers at the base URL, by asking for its list of models; any status will do.

        Raises:
            EndpointError: nothing does.
        """
        await self.models(0)

    async def models(self, most_bytes: int) -> tuple[int, bytes]:
        """The status and the first `most_bytes` of what the base URL has for its list of models.

        Raises:
            EndpointError: nothing answers there.
        """
        try:
            async with self.current().get(f"{self._base_url}/models", timeout=_PING, allow_redirects=False) as response:
                try:
                    return response.status, self._masked(await response.content.readexactly(most_bytes))
                except asyncio.IncompleteReadError as whole:
                    return response.status, self._masked(whole.partial)
        except aiohttp.ClientConnectorError as error:
            why = f"nothing answers there ({reason(error)})"
        except TimeoutError:
            why = f"nothing answers there within {_PING.total:g} s"
        except aiohttp.ClientError:
            why = "what answers there does not speak HTTP"
        msg = f"base URL {self._base_url}: {why}; is the server started, and the address right?"
        raise EndpointError(msg) from None

    def _masked(self, content: bytes) -> bytes:
        """A list of models, without the key that it may echo."""
        return content.replace(self._key, MASK.encode()) if may_hold(content, self._key.decode()) else content

    async def aclose(self) -> None:
        """Close the session of the running loop, and forget those whose loop is gone."""
        session = self._open.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()
        self._forget_closed_loops()

    def _forget_closed_loops(self) -> None:
        for loop in [loop for loop in self._open if loop.is_closed()]:
            connector = self._open.pop(loop).connector
            if connector is not None:
                connector.close()


def reason(error: BaseException) -> str:
    """The reason why a connection failed, in the system's own words: asyncio and aiohttp put the address before them."""
    cause = getattr(error, "os_error", None) or error
    number = getattr(cause, "errno", None)
    if number is not None and number > 0:
        return os.strerror(number).lower()
    if "Multiple exceptions" in str(cause):  # asyncio tried every address of the host, and tells the errors as one text
        return "connection refused" if str(errno.ECONNREFUSED) in str(cause) else "none of its addresses answers"
    return one_line(getattr(cause, "strerror", None) or str(cause) or type(error).__name__, 120)
