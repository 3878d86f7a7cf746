"""The stage of what a model is able to do: it is there, and lacks nothing that is asked for."""

from __future__ import annotations

from contemplate.errors import UnsupportedError
from contemplate.models.backends.routing import Router
from contemplate.models.call import Answered, Asked, Handler
from contemplate.text import one_line
from contemplate.types import Modality


class Able:
    """Refuses what can't work, before anything is reserved."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def __call__(self, asked: Asked, then: Handler) -> Answered:
        """Go on if the model can be called, and is not known to lack what is asked for.

        Raises:
            UnsupportedError: it is known to lack it; nothing was sent.
            InputError: it can't be called as configured.
        """
        request, samples = asked.request, len(asked.requests)
        await self._router.ready(request.model)
        wants = samples > 1 or request.reply_schema is not None or request.logprobs is not None or request.has_parts
        if wants or request.tools:
            missing = self._router.backend(request.model).refuses(request, samples)
            if missing is not None:
                raise missing
        if request.has_parts and (kinds := request.modalities):
            await self._check_taken(request.model, kinds)
        return await then(asked)

    async def _check_taken(self, model: str, kinds: frozenset[Modality]) -> None:
        taken = await self._router.accepts(model)
        if taken is not None and (lacking := sorted(kinds - taken)):
            raise UnsupportedError(f"{one_line(model, 80)!r} takes no {' and no '.join(lacking)}", what="parts")
