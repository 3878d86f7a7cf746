"""The stage of samples: several of one question in one request, where the endpoint takes `n`; singly where it does not."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import anyio

from contemplate.errors import BudgetError, ContemplateError, InputError, UnsupportedError, boundary
from contemplate.models.backends.base import SamplingBackend
from contemplate.models.backends.routing import Router
from contemplate.models.batch import Group
from contemplate.models.call import Answered, Asked, Handler

_MOST_SAMPLES = 32


class Samples:
    """Lets members of a batch that ask alike leave as one request, with the seed of the first.

    How many samples an endpoint gives is found out: one that ignores `n`, refuses it or gives fewer is noticed once.
    """

    def __init__(self, router: Router) -> None:
        self._router = router
        self._known: dict[tuple[str, str], int] = {}

    async def __call__(self, asked: Asked, then: Handler) -> Answered:
        """Meet the others of the batch until there is a reply, or it has to be asked for singly.

        Raises:
            ContemplateError: the request that was shared failed.
        """
        member = asked.member
        if member is None:
            return await then(asked)
        while not member.left and (most := self._most(asked.request.model)) > 1:
            group = await member.meet(asked, most)
            if len(group.members) == 1:
                break
            if group.members[0] is member:
                await self._draw(group, then)
            else:
                with anyio.CancelScope(shield=True):  # until the shared request is over and stored, its keys are in flight
                    await group.over.wait()
            if (reply := group.reply(member)) is not None:
                return Answered((reply,))
        member.leave()
        return await then(asked)

    async def _draw(self, group: Group, then: Handler) -> None:
        """Make the request of a group, and see who is to come back."""
        first = group.members[0].asked
        requests = tuple(member.asked.request for member in group.members)
        try:
            with boundary("calling") as caught:
                group.replies = (await then(replace(first, requests=requests))).replies
            self._settle(group, caught.error)
        except InputError as error:
            group.error = error
            raise
        finally:
            group.over.set()

    def _settle(self, group: Group, error: ContemplateError | None) -> None:
        """Decide how members go on: with a reply, singly (it was too large or is not understood), or to meet once more."""
        members, model = group.members, group.members[0].asked.request.model
        batch = members[0].batch
        no_samples = isinstance(error, UnsupportedError) and error.what == "n"
        if error is None:
            over, rest = members[: len(group.replies)], members[len(group.replies) :]
            if rest:
                self._gave(model, len(over))
        elif no_samples or isinstance(error, BudgetError):
            over, rest = members, []
            if no_samples:
                self._gave(model, 1)
        else:
            over, rest = [], members
            group.error = error
        batch.come_back(rest)
        for member in over:
            member.leave()

    def _most(self, model: str) -> int:
        """How many samples one request for `model` may ask for."""
        with suppress(InputError):  # the call itself says what is wrong
            backend = self._router.backend(model)
            if isinstance(backend, SamplingBackend):
                return self._known.get((backend.endpoint, model), _MOST_SAMPLES)
        return 1

    def _gave(self, model: str, most: int) -> None:
        """Remember that `model` gives no more than `most` samples a request."""
        self._known[self._router.backend(model).endpoint, model] = max(min(most, self._most(model)), 1)
