"""Base URLs: what one may look like, and whether anything answers there."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from contemplate.errors import EndpointError
from contemplate.text import one_line

_PATH_OF_CALLS = "/chat/completions"
_LONGEST = 2_000


def check_base_url(url: str, advice: str = "set the environment variable CONTEMPLATE_API_KEY") -> str:
    """Return `url` in its normal form: without a trailing slash, and without `/chat/completions`.

    Args:
        url: the address.
        advice: where to put a key that stands in it.

    Raises:
        EndpointError: it is not an `http` or `https` address of a host, or carries a password or a query.
    """
    text = url.strip()
    if not text.isprintable() or " " in text or len(text) > _LONGEST:
        raise _malformed(text, "it has characters that no address has" if len(text) <= _LONGEST else "it is too long")
    parts = _split(text)
    if parts.scheme not in {"http", "https"}:
        meant = f"; did you mean 'http://{text}'?" if "://" not in text and "@" not in text else ""
        raise _malformed(text, f"it must begin with http:// or https://{meant}")
    if not parts.hostname:
        raise _malformed(text, "it names no host")
    if "@" in parts.netloc:
        raise EndpointError(f"base URL: a key or password does not belong in it; {advice}")
    if parts.query or parts.fragment:
        raise _malformed(text, "it must end before '?' and '#'")
    path = parts.path.rstrip("/").removesuffix(_PATH_OF_CALLS).rstrip("/")
    return f"{parts.scheme}://{parts.netloc.lower()}{path}"


def proxy_of(url: str) -> str | None:
    """The proxy that the environment names for `url`; none for this machine itself, whatever the environment says."""
    from urllib.request import getproxies, proxy_bypass  # 30 ms, and only whoever opens a connection needs it

    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return None
    return getproxies().get(parts.scheme)


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by any of its usual names."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_loopback_url(url: str) -> bool:
    """Whether the host of an address is this machine."""
    return is_loopback(urlsplit(url).hostname or "")


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise _malformed(text, str(error)) from None
    return parts


def _malformed(text: str, why: str) -> EndpointError:
    shown = "[redacted]@" + text.rpartition("@")[2] if "@" in text else text
    return EndpointError(f"base URL {one_line(shown, 100)!r}: {why}")
