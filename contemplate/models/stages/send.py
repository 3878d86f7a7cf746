"""The last stage: one attempt is written down, told of, and sent."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from itertools import count
from time import monotonic
from types import TracebackType
from typing import Literal, Self

import anyio

from contemplate.errors import CallError, ContemplateError, InputError, InvalidValueError, UnreachableError
from contemplate.ledger.base import Ledger, Sent
from contemplate.models.backends.base import BaseBackend, SamplingBackend
from contemplate.models.backends.parts import filled
from contemplate.models.backends.routing import Router
from contemplate.models.call import Answered, Asked, Reply
from contemplate.models.notices import AttemptEnded, AttemptStarted
from contemplate.types import Completion, Request, Tokens


class Send:
    """Makes one attempt: it is in the ledger's journal before it leaves (under a cap: on disk), and when it failed."""

    def __init__(self, router: Router, ledger: Ledger) -> None:
        self._router, self._ledger = router, ledger

    async def __call__(self, asked: Asked) -> Answered:
        """Send the first request, for as many samples as there are requests.

        Raises:
            CallError: the attempt failed.
            StorageError: there is a cap, and the attempt could not be written down; nothing was sent.
            InputError: it can never work as configured.
        """
        request, caller, reservation = await self._filled(asked.request), asked.caller, asked.reserved
        call, backend = _new_id(), self._router.backend(request.model)
        what = Sent.made(
            call=call, run=caller.run, turn=caller.turn, key=request.key, tokens=reservation.tokens, usd=reservation.usd
        )
        self._ledger.sent(what)
        if caller.account.capped:  # what leaves under a cap counts on it, whatever ends the process
            await self._written(call)
        with _Told(asked, backend.endpoint, call) as told:
            try:
                came = await _exchange(backend, asked, request)
            except InvalidValueError:  # a backend's own mistake, perhaps after a reply came: it may be billed
                raise
            except (CallError, InputError) as error:
                self._ledger.closed(call, billed=isinstance(error, CallError) and error.may_be_billed)
                raise
            told.completions = tuple(came)
            told.tokens = tokens = came[0].tokens if len(came) == 1 else sum((one.tokens for one in came), Tokens())
            told.usd = usd = None if asked.price is None else asked.price.usd(tokens)
        whole = [completion for completion in came if not completion.void]
        replies = tuple(Reply(*pair, cached=False) for pair in zip(asked.requests, whole, strict=False))
        return Answered(replies, call, tokens, usd, lost=len(came) - len(whole))

    async def _written(self, call: str) -> None:
        """Wait until an attempt is on disk; if the wait is broken off, it never leaves, and takes no tokens."""
        try:
            await self._ledger.written()
        except BaseException:
            self._ledger.closed(call, billed=False)
            raise

    async def _filled(self, request: Request) -> Request:
        """The request with the bytes of its pictures and sound, which the ledger keeps."""
        if not request.modalities:
            return request
        contents: dict[str, bytes] = {}
        for blob in (blob for message in request.messages for blob in message.blobs):
            content = contents.get(blob.sha256) or await self._ledger.blob(blob.sha256)
            if content is None:
                raise InputError(f"the ledger has no attachment with the SHA-256 {blob.sha256[:12]}: ask again with the file")
            contents[blob.sha256] = content
        return filled(request, contents)


_numbers = count(1)
_prefix: dict[int, str] = {}  # by process: a fork has another one


def _new_id() -> str:
    """An id that no other attempt has, in any process: 128 random bits for each process, and a number."""
    process = os.getpid()
    prefix = _prefix.get(process)
    if prefix is None:
        _prefix.clear()
        prefix = _prefix[process] = uuid.uuid4().hex
    return f"{prefix}-{next(_numbers):x}"


class _Told:
    """Tells the caller that an attempt starts, and how it ended."""

    def __init__(self, asked: Asked, endpoint: str, call: str) -> None:
        self._caller, self._request, self._call = asked.caller, asked.request, call
        self._which = (asked.request.model, endpoint, asked.reserved.attempts, len(asked.requests))
        self.tokens: Tokens | None = None
        self.usd: float | None = None
        self.completions: tuple[Completion, ...] = ()

    def __enter__(self) -> Self:
        if self._caller.watches:
            self._began = monotonic()
            self._caller.told(AttemptStarted(*self._which, self._call, self._request))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if not self._caller.watches:
            return
        status: Literal["answered", "failed", "cancelled"] = "answered"
        if kind is not None:
            status = "cancelled" if issubclass(kind, anyio.get_cancelled_exc_class()) else "failed"
        known = error if isinstance(error, ContemplateError) else None
        seconds = monotonic() - self._began
        ended = AttemptEnded(*self._which, status, seconds, self.tokens, self.usd, known, self._call, self.completions)
        self._caller.told(ended)


async def _exchange(backend: BaseBackend, asked: Asked, request: Request) -> Sequence[Completion]:
    """What the backend answers, of which at least one is a reply."""
    samples, on_text = len(asked.requests), asked.caller.on_text
    if samples > 1 and isinstance(backend, SamplingBackend):
        came = (await backend.complete_many(request, samples))[:samples]
    elif on_text is not None:
        came = [await backend.complete_streaming(request, on_text)]
    else:
        came = [await backend.complete(request)]
    if all(completion.void for completion in came):
        raise UnreachableError(f"{request.model} sent no reply", sent=True)
    return came
