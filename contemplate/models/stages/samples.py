"""The stage of samples: several of one question in one request, where the endpoint takes `n`; singly where it does not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache

import anyio

from contemplate.errors import BudgetError, ContemplateError, InputError, UnsupportedError
from contemplate.errors.boundary import boundary
from contemplate.models.backends.base import BaseBackend
from contemplate.models.backends.routing import Router
from contemplate.models.batch import Group
from contemplate.models.call import Answered, Asked, Caller, Handler, Reply
from contemplate.types import Completion, Request

_MOST_SAMPLES = 32
_SAME = tuple(name for name in Request.model_fields if name not in {"seed", "draw"})


class Samples:
    """Lets members of a batch that ask the same leave as one request, with the seed of the first.

    How many samples an endpoint gives is found out: one that ignores `n`, refuses it or gives fewer is noticed once. So is one
    whose samples are all no JSON where a schema was to hold them (OpenVINO GenAI's share one state of the grammar): requests
    with a schema then go singly.
    """

    def __init__(self, router: Router) -> None:
        self._router = router
        self._known: dict[tuple[str, str, bool], int] = {}

    async def __call__(self, asked: Asked, then: Handler) -> Answered:
        """Meet the others of the batch until there is a reply, or it has to be asked for singly.

        Raises:
            ContemplateError: the request that was shared failed.
        """
        member = asked.member
        if member is None:
            return await then(asked)
        while not member.left and (most := self._most(asked.request)) > 1:
            group = await member.meet(asked.request, _like(asked), most)
            if len(group.members) == 1:
                break
            if group.members[0] is member:
                await self._draw(group, asked, then)
            else:
                with anyio.CancelScope(shield=True):  # until the shared request is over and stored, its keys are in flight
                    await group.over.wait()
            if (sample := group.sample(member)) is not None:
                return Answered((Reply(asked.request, sample, cached=False),))
        member.leave()
        return await then(asked)

    async def _draw(self, group: Group, asked: Asked, then: Handler) -> None:
        """Make the request of a group, as its first member asks for it, and see who is to come back."""
        requests = tuple(member.request for member in group.members)
        try:
            with boundary("calling") as caught:
                answered = await then(replace(asked, requests=requests, caller=_for_all(asked, requests)))
                group.came, group.lost = [reply.completion for reply in answered.replies], answered.lost
            self._settle(group, caught.error)
        except InputError as error:
            group.error = error
            raise
        finally:
            group.over.set()

    def _settle(self, group: Group, error: ContemplateError | None) -> None:
        """Decide how members go on: with a reply, singly (it was too large or is not understood), or to meet once more."""
        members, request = group.members, group.members[0].request
        batch = members[0].batch
        no_samples = isinstance(error, UnsupportedError) and error.what == "n"
        if error is None:
            over, rest = members[: len(group.came)], members[len(group.came) :]
            if len(rest) > group.lost:
                self._gave(request, len(over) + group.lost)
            if request.reply_schema is not None and _garbled(group.came):
                self._gave(request, 1)
        elif no_samples or isinstance(error, BudgetError):
            over, rest = members, []
            if no_samples:
                self._gave(request, 1)
        else:
            over, rest = [], members
            group.error = error
        batch.come_back(rest)
        for member in over:
            member.leave()

    def _most(self, request: Request) -> int:
        """The number of samples that one request like this may ask for."""
        with suppress(InputError):  # the call itself says what is wrong
            backend = self._router.backend(request.model)
            if _draws_several(type(backend)):
                return self._known.get(self._kind(request), _MOST_SAMPLES)
        return 1

    def _gave(self, request: Request, most: int) -> None:
        """Remember that requests like this bring no more than `most` samples."""
        self._known[self._kind(request)] = max(min(most, self._most(request)), 1)

    def _kind(self, request: Request) -> tuple[str, str, bool]:
        """What brings as many samples: the endpoint, its model, and whether replies are held to a schema."""
        return self._router.backend(request.model).endpoint, request.model, request.reply_schema is not None


def _garbled(came: Sequence[Completion]) -> bool:
    """Whether several samples ended by themselves, and none of them is JSON."""
    whole = [sample.text for sample in came if sample.finish == "stop"]
    return len(whole) > 1 and not any(map(_is_json, whole))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


@cache
def _draws_several(kind: type[BaseBackend]) -> bool:
    """Whether backends of a class are `SamplingBackend`s; to ask that of an object is slow."""
    return callable(getattr(kind, "complete_many", None))


def _for_all(asked: Asked, requests: tuple[Request, ...]) -> Caller:
    """The caller of a request that is shared: those who share it have one label."""
    label = asked.caller.label_of(asked.request)
    return replace(asked.caller, views={request.key: label for request in requests}) if asked.caller.views else asked.caller


def _like(asked: Asked) -> object:
    """The key of those that may share a request: who pays, the run, and all of their requests but seed and draw."""
    requests = [[getattr(request, name) for name in _SAME] for request in (asked.request, *asked.instead)]
    return asked.caller.account, asked.caller.run, asked.caller.label_of(asked.request), requests
