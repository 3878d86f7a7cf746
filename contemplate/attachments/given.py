"""What was given to be attached: a file, bytes, a `data:` URL, or an address on a host that the user allows; read, not opened."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import urllib.error
import urllib.request
from collections.abc import Collection
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import IO
from urllib.parse import unquote_to_bytes, urlsplit

from contemplate.attachments.kinds import TAKEN, media_type_of
from contemplate.attachments.limits import MAX_FILE
from contemplate.errors import InvalidValueError
from contemplate.files import open_regular
from contemplate.text import one_line

_DATA = re.compile(r"data:(?P<type>[\w.+-]*/?[\w.+-]*)(?P<words>(?:;[\w.+-]+=[^;,]*)*)(?P<coded>;base64)?,", re.ASCII | re.I)
_ADDRESS_SECONDS = 30


@dataclass(frozen=True)
class GivenFile:
    """A file that was attached, as it came.

    Attributes:
        name: for people.
        media_type: as its bytes say.
        sha256: of its bytes, in hex.
        content: the bytes.
    """

    name: str
    media_type: str
    sha256: str
    content: bytes


def from_path(file: str | PathLike[str]) -> GivenFile:
    """The file at a path.

    Raises:
        InvalidValueError: it can't be read, is too long, or is of a kind that is not taken.
    """
    path = Path(fspath(file))
    where = one_line(str(path), 300)
    try:
        with open_regular(path) as opened:
            content = opened.read(MAX_FILE + 1)
    except FileNotFoundError:
        raise InvalidValueError(f"{where}: no such file") from None
    except IsADirectoryError:
        raise InvalidValueError(f"{where}: a folder, where a file was expected") from None
    except (OSError, ValueError) as error:
        raise InvalidValueError(f"{where}: can't be read ({getattr(error, 'strerror', None) or error})") from None
    return from_bytes(content, path.name, where)


def from_bytes(content: bytes, name: str = "", where: str = "") -> GivenFile:
    """The file that these bytes are.

    Args:
        content: all of it.
        name: for people; "picture" or the like where there is none.
        where: what errors call it.

    Raises:
        InvalidValueError: they are none, too many, or of a kind that is not taken.
    """
    where = where or one_line(name, 200) or "attachment"
    if not content:
        raise InvalidValueError(f"{where}: the file is empty")
    if len(content) > MAX_FILE:
        raise InvalidValueError(f"{where}: over {MAX_FILE:,} bytes, longer than any attachment may be")
    kind = media_type_of(content)
    if kind is None:
        raise InvalidValueError(f"{where}: no {TAKEN}, as its first bytes say; text and Markdown are documents (--file)")
    called = one_line(name, 200).strip() or f"attached.{kind.partition('/')[2]}"
    return GivenFile(called, kind, hashlib.sha256(content).hexdigest(), content)


def from_data_url(url: str) -> GivenFile:
    """The file in a `data:` URL. What it says of its type is not believed.

    Raises:
        InvalidValueError: it is no such URL, or holds what is not taken.
    """
    head = _DATA.match(url[:1_000])
    if head is None:
        raise InvalidValueError(f"{one_line(url, 60)!r} is no data: URL (data:image/png;base64,...)")
    if len(url) > 2 * MAX_FILE:
        raise InvalidValueError(f"data: URL: over {MAX_FILE:,} bytes, longer than any attachment may be")
    rest = url[head.end() :]
    try:
        content = base64.b64decode("".join(rest.split()), validate=True) if head["coded"] else unquote_to_bytes(rest)
    except (binascii.Error, ValueError):
        raise InvalidValueError("data: URL: its Base64 is damaged") from None
    return from_bytes(content, "", "data: URL")


def from_address(url: str, hosts: Collection[str]) -> GivenFile:
    """The file at an https or http address, if its host is allowed; a redirect is followed to an allowed host only.

    Raises:
        InvalidValueError: the host is not allowed, does not answer, or sends what is not taken.
    """
    where = one_line(url, 200)
    _check_host(url, hosts, where)
    opener = urllib.request.build_opener(_Redirects(hosts, where))
    opener.addheaders = [("Accept", "image/*, audio/*, video/*, application/pdf")]
    try:
        with opener.open(url, timeout=_ADDRESS_SECONDS) as response:
            content = _all_of(response)
    except urllib.error.HTTPError as error:
        error.close()
        raise InvalidValueError(f"{where}: the server answers {error.code}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise InvalidValueError(f"{where}: can't be fetched ({one_line(str(reason), 200)})") from None
    return from_bytes(content, urlsplit(url).path.rpartition("/")[2], where)


def is_address(text: str) -> bool:
    """Whether a text is an address, and no path."""
    return re.match(r"https?://", text, re.I) is not None


def _all_of(response: IO[bytes]) -> bytes:
    return response.read(MAX_FILE + 1)


def _check_host(url: str, hosts: Collection[str], where: str) -> None:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        raise InvalidValueError(f"{where}: no address") from None
    if parts.scheme.lower() not in {"http", "https"} or not host or "@" in parts.netloc:
        raise InvalidValueError(f"{where}: no address that can be fetched (https://HOST/...)")
    if host not in {one.lower() for one in hosts}:
        raise InvalidValueError(f"{where}: addresses are not fetched; give the file, or allow this host: --allow-url {host}")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect to an allowed host, and to no other."""

    def __init__(self, hosts: Collection[str], where: str) -> None:
        self._hosts, self._where = hosts, where

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: object, newurl: str
    ) -> urllib.request.Request | None:
        try:
            _check_host(newurl, self._hosts, f"{self._where} redirects to {one_line(newurl, 100)}")
        except InvalidValueError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]
