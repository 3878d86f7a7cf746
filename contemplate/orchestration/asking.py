"""What a model is asked outside of any run, in the role of a card."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contemplate.agents.agent import Agent
from contemplate.agents.attached import variants
from contemplate.agents.card import Card
from contemplate.agents.prompts import Posed, Quote, ask, quoted
from contemplate.agents.quoting import Quoting
from contemplate.agents.reply_formats import ReplyFormat
from contemplate.types import Question, Request, Sampling


def requests_apart(
    card: Card,
    model: str,
    usual: Sampling,
    question: Question,
    shown: Mapping[str, str],
    form: ReplyFormat,
    quoting: Quoting,
    endpoint_of: Callable[[str], str | None],
) -> list[Request]:
    """The requests, best first.

    Args:
        card: the role.
        model: who is asked.
        usual: how its replies are drawn where the card does not say.
        question: the problem.
        shown: what is read beside that, by title, quoted as data.
        form: of the reply.
        quoting: how it is quoted.
        endpoint_of: the base URL of a model.
    """
    agent = Agent(seat=card.name, card=card, models=(model,), sampling=card.sampling(usual))
    material = quoted([Quote(title, text) for title, text in shown.items()], quoting, card.name)
    return agent.requests(
        lambda as_object: ask(card, Posed(question, quoting), form.structured if as_object else form.tagged, material),
        schema=form.schema if card.takes_schema else None,
        seed=0,
        draw=0,
        endpoint_of=endpoint_of,
        views=lambda messages: variants(messages, question.attachments, quoting),
    )
