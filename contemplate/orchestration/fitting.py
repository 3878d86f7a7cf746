"""Whether what a question comes with fits what its models can read, as far as that is known: nothing is cut off silently."""

from __future__ import annotations

from contemplate.errors import InputError
from contemplate.ledger import Ledger
from contemplate.models.backends.base import BaseBackend
from contemplate.models.backends.routing import Router
from contemplate.orchestration.attaching import with_attachments
from contemplate.orchestration.focusing import focus_plan
from contemplate.orchestration.measuring import BYTES_PER_TOKEN, length
from contemplate.orchestration.run_spec import RunSpec, every_model
from contemplate.types import Request


async def check_fits(spec: RunSpec, router: Router) -> None:
    """Refuse a question with documents, history or a system prompt that the models of its seats can't read whole.

    The count is an estimate, and rather too low: what others say and what a role is told comes on top. So what is refused can't
    be read; what is not may still be too long, which the model's server says then.

    Raises:
        InputError: it is too long for a model whose context window is known; says how long it is and what fits.
    """
    question = spec.question
    if await focus_plan(spec, router) is not None:
        question = question.model_copy(update={"documents": ()})
    if not (question.documents or question.history or question.system or question.attachments):
        return
    characters, needed = length(question)
    for model in every_model(spec.models, (), spec.cards):
        window = await router.window(model)
        if window is None:
            continue
        reply = max((spec.sampling_of(model, card).max_tokens for card in spec.cards.values()), default=0)
        room = max(window - reply, 0)
        if needed > room:
            raise InputError(
                f"the question with all that it comes with has {characters:,} characters, some {needed:,} "
                f"tokens, and {model} reads {window:,}, {reply:,} of them for its reply: at most some "
                f"{room * BYTES_PER_TOKEN:,} characters fit; give the parts that matter, name a model that reads more, "
                "or have the documents read in parts (--focus split, focus='split')"
            )


async def attached(spec: RunSpec, ledger: Ledger, router: Router) -> RunSpec:
    """A spec with its attachments opened and read, if its models can read it whole then.

    Raises:
        InputError: an attachment can't be used, or is too long.
    """
    if (found := await with_attachments(spec, ledger, router)) is not spec:
        await check_fits(found, router)
    return found


def check_logprobs(spec: RunSpec, model: str, backend: BaseBackend) -> None:
    """Refuse a model that is known to give no log-probabilities where the strategy goes by them.

    Raises:
        InputError: so it is.
    """
    if spec.strategy.logprobs and model in spec.panel_models:
        asked = Request(model=model, messages=(), logprobs=spec.strategy.logprobs)
        if (missing := backend.refuses(asked)) is not None:
            raise InputError(f"strategy {spec.strategy.name} goes by log-probabilities: {missing}")
