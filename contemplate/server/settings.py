"""What a server is told when it starts: where it listens, whom it lets in, and how much it takes on."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator

from contemplate.errors import InputError
from contemplate.files import open_regular
from contemplate.models.backends.address import is_loopback
from contemplate.models.budget import Budget
from contemplate.types import Privacy, Value

Reasoning = Literal["both", "tags", "off"]
"""How the deliberation goes out: as a field of its own under both names in use, inside of the answer as `<think>`, or not."""

PORT = 8642
_SHORTEST = 16
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s?#@]+")
_LONGEST_FILE = 1 << 20


class Token(Value):
    """A token that lets somebody in; only its digest is kept.

    Attributes:
        name: whose it is, for logs and counts.
        digest: SHA-256 of the token.
    """

    name: str
    digest: Annotated[bytes, Field(repr=False)]

    @classmethod
    def of(cls, token: str, name: str) -> Self:
        """The token that was written so."""
        return cls(name=name, digest=_digest(token))


class ServerSettings(Value):
    """How a server serves.

    Attributes:
        tokens: those that let somebody in; none: everybody who reaches a loopback address is.
        hosts: further names by which it may be called, besides its own.
        origins: pages of other origins that may call it from a browser, as "https://chat.example".
        models: patterns of further models that clients may name, as "openai/*"; those configured always may be.
        reasoning: how the deliberation goes out.
        fresh: a request without a seed has one of its own, so that the same question is thought about anew; else the ledger
            answers what it was asked before, at no cost.
        budget: the most that one run may take, whatever its client says.
        daily: the most that each token may take in a day, UTC.
        spent: the file in which that is kept over a restart; None: it begins anew.
        privacy: how far what anybody asks here may go, if less far than the client says.
        max_runs: runs under way at the same time.
        queue: runs that wait for their turn; one more is refused.
        max_body: of a request, in bytes.
        max_messages: of a chat.
        max_samples: answers to one request (`n`).
        keep_alive: seconds of silence after which a stream says that it is still there.
        head_start: seconds that a stream waits before its first byte, so that what fails at once has a status of its own.
        pause: seconds between two chunks of a stream, so that many small events go out together.
        drain: seconds that runs under way have to come to their end when the server is told to stop; then they are stored.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = PORT
    tokens: tuple[Token, ...] = ()
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    reasoning: Reasoning = "both"
    fresh: bool = False
    budget: Budget = Budget()
    daily: Budget = Budget()
    spent: Path | None = None
    privacy: Privacy = "any"
    max_runs: Annotated[int, Field(ge=1, le=10_000)] = 64
    queue: Annotated[int, Field(ge=0, le=100_000)] = 256
    max_body: Annotated[int, Field(ge=1024)] = 16 * 2**20
    max_messages: Annotated[int, Field(ge=1)] = 1000
    max_samples: Annotated[int, Field(ge=1)] = 8
    keep_alive: Annotated[float, Field(gt=0)] = 10.0
    head_start: Annotated[float, Field(ge=0)] = 0.015
    pause: Annotated[float, Field(ge=0)] = 0.02
    drain: Annotated[float, Field(ge=0)] = 30.0

    @field_validator("origins")
    @classmethod
    def _check_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is no origin, as https://chat.example: no path and no slash stand at its end")
        return origins

    @property
    def public(self) -> bool:
        """Whether other machines may reach it."""
        return not is_loopback(self.host)

    def token(self, given: str | None) -> Token | None:
        """The token that was sent, if it is one of ours; as long as there are none, whoever comes is "local".

        All of them are compared, each in constant time.
        """
        if not self.tokens:
            return Token(name="local", digest=b"")
        digest, found = _digest(given or ""), None
        for token in self.tokens:
            if hmac.compare_digest(token.digest, digest):
                found = token
        return found


def new_token() -> str:
    """A token that nobody guesses."""
    return f"contemplate-{secrets.token_urlsafe(32)}"


def read_tokens(file: Path) -> tuple[Token, ...]:
    """The tokens in a file: one a line, with a name after it where there are several; lines that begin with # say nothing.

    Raises:
        InputError: it can't be read, holds none, or one that is too short; the tokens themselves are never shown.
    """
    try:
        with open_regular(file) as opened:
            lines = opened.read(_LONGEST_FILE).decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--token-file {file}: can't be read ({getattr(error, 'strerror', None) or 'not UTF-8 text'})") from None
    rows = [(number, line.split()) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if not rows:
        raise InputError(f"--token-file {file}: there is no token in it; write one a line, with a name after it")
    return tuple(_token(file, number, words) for number, words in rows)


def _token(file: Path, number: int, words: Sequence[str]) -> Token:
    if len(words[0]) < _SHORTEST:
        raise InputError(f"--token-file {file}:{number}: a token has at least {_SHORTEST} characters, or it could be guessed")
    return Token.of(words[0], " ".join(words[1:]) or f"token-{number}")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
