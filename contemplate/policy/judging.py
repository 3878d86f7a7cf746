"""A model is asked, in the role of a card, whether a text is such as a rule looks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from contemplate.agents.agent import Agent
from contemplate.agents.card import Card
from contemplate.agents.prompts import LONGEST_QUOTE, Posed, Quote, ask_apart, quoted
from contemplate.agents.quoting import Quoting
from contemplate.agents.reply_formats import verdict
from contemplate.errors import PolicyError
from contemplate.models.call import Caller
from contemplate.models.path import Calls
from contemplate.types import Question, Sampling

_MOST_PIECES = 20


@dataclass(frozen=True)
class PolicyJudge:
    """Asks the models of a run in the roles of a policy's cards.

    Attributes:
        calls: the path of calls, behind the guard: what a judge is told is looked at by no rule.
        cards: the roles, by name.
        models: who is asked where a card names none, then those that are asked when that one fails.
        sampling: how the replies of a model in a role are drawn.
        quoting: how texts are quoted.
        seed: of the run.
    """

    calls: Calls
    cards: Mapping[str, Card]
    models: tuple[str, ...]
    sampling: Callable[[str, Card], Sampling]
    quoting: Quoting
    seed: int

    async def __call__(self, card: str, text: str, caller: Caller) -> bool:
        """Whether a text is such as the card says. A long one is shown in pieces, each whole: nothing in it is passed over.

        Raises:
            PolicyError: it is too long, or what was said can't be read.
            CallError, BudgetError, PrivacyError: the call brought nothing.
        """
        step = LONGEST_QUOTE - 1_000
        pieces = [text[begin : begin + LONGEST_QUOTE] for begin in range(0, max(len(text), 1), step)]
        if len(pieces) > _MOST_PIECES:
            raise PolicyError(f"a text of {len(text):,} characters is too long to be judged")
        for piece in pieces:
            if await self._says_so(self.cards[card], piece, caller):
                return True
        return False

    async def _says_so(self, card: Card, text: str, caller: Caller) -> bool:
        models, form = card.models or self.models, verdict(good="yes", bad="no")
        agent = Agent(seat=card.name, card=card, models=models, sampling=self.sampling(models[0], card))
        material, nothing = (
            quoted([Quote("Text", text)], self.quoting, "policy", card.name),
            Posed(Question(text=""), self.quoting),
        )
        requests = agent.requests(
            lambda as_object: ask_apart(card, nothing, form.structured if as_object else form.tagged, material),
            schema=form.schema if card.takes_schema else None,
            seed=self.seed,
            draw=0,
            endpoint_of=self.calls.router.endpoint_of,
        )
        reply = await self.calls.call(requests, caller)
        found = form.reading(reply.completion.text, as_object=reply.request.reply_schema is not None)
        if found is None or found.verdict not in {"sound", "flawed"}:
            raise PolicyError(f"what the judge {card.name} says can't be read")
        return found.verdict == "sound"
