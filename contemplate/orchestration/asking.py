"""What a model is asked outside of any run, in the role of a card."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

from contemplate.agents.agent import Agent
from contemplate.agents.attached import variants
from contemplate.agents.card import Card
from contemplate.agents.prompts import Posed, Quote, ask, quoted
from contemplate.agents.quoting import Quoting, secret_from
from contemplate.agents.reply_formats import ReplyFormat
from contemplate.catalogue import Catalogue
from contemplate.models.backends.model import ModelSpec
from contemplate.models.budget import Account
from contemplate.models.path import Caller, Calls
from contemplate.orchestration.ledger_secret import PUBLIC, LedgerSecret
from contemplate.orchestration.model_table import ModelTable
from contemplate.orchestration.run_spec import drawn
from contemplate.orchestration.settings import Settings
from contemplate.run.exchange import Exchange, converse, repair
from contemplate.tools import Sandbox
from contemplate.types import Question, Request, Sampling


class Asking(ABC):
    """The part of a runner that asks outside of any run."""

    settings: Settings
    catalogue: Catalogue
    account: Account
    table: ModelTable
    asks: str
    base_url: str | None
    secret: LedgerSecret
    _sandbox: Sandbox

    @abstractmethod
    def _calls_at(self, base_url: str | None, elsewhere: Mapping[str, ModelSpec] | None = None) -> Calls:
        """The path of calls with `base_url` for models that have none."""

    async def ask(
        self,
        card: str,
        question: Question,
        shown: Mapping[str, str],
        form: str,
        *,
        model: str | None = None,
        secret: str | None = None,
    ) -> str:
        """Ask a model once in the role of a card, outside of any run; the reply comes from the ledger if it is there.

        Args:
            card: the name of the role.
            question: the problem.
            shown: what it reads beside that, by title, quoted as data.
            form: the sentence that says what the reply must hold.
            model: who is asked; None for the first of the models.
            secret: what the tags of quotations hang on; None for the ledger's.

        Raises:
            UnknownNameError: there is no such card.
            CallError, BudgetError: the call brought nothing.
        """
        quoting = await self._quoting(secret)
        requests, caller = self._to_ask(card, question, shown, ReplyFormat(form, lambda _: None), model, quoting)
        return (await self._calls_for(question).call(requests, caller)).completion.text

    async def consult(
        self,
        card: str,
        question: Question,
        shown: Mapping[str, str],
        form: ReplyFormat,
        *,
        model: str | None = None,
        secret: str | None = None,
    ) -> Exchange:
        """As `ask`, for what can be read: as an object where the endpoint can; what can't be read is asked for once more.

        Raises:
            UnknownNameError: there is no such card.
            CallError, BudgetError: a call brought nothing.
        """
        quoting = await self._quoting(secret)
        requests, caller = self._to_ask(card, question, shown, form, model, quoting)
        return await converse(self._calls_for(question), requests, caller, form, repair(form, quoting), self._sandbox.run)

    async def _quoting(self, secret: str | None) -> Quoting:
        """The quoting outside of any run."""
        source = await self.secret.of_runs() if secret is None else secret
        return Quoting(0, None if source == PUBLIC else secret_from(source, "apart"))

    def asked(self, card: str, model: str | None = None) -> str:
        """The name of the model that is asked in the role of a card.

        Raises:
            UnknownNameError: there is no such card.
        """
        role = self.catalogue.card(card)
        return self.table.names(model)[0] if model else (*role.models, self.asks)[0]

    def _to_ask(
        self, card: str, question: Question, shown: Mapping[str, str], form: ReplyFormat, model: str | None, quoting: Quoting
    ) -> tuple[list[Request], Caller]:
        """The requests that ask outside of any run, and who asks."""
        role, name = self.catalogue.card(card), self.asked(card, model)
        usual, at = drawn(name, self.table.specs.get(name), self.settings.max_tokens), self._calls_at(self.base_url)
        requests = requests_apart(role, name, usual, question, shown, form, quoting, at.router.endpoint_of)
        return requests, Caller(account=self.account, run="", turn=card)

    def _calls_for(self, question: Question) -> Calls:
        """The path of calls about a question, outside of any run."""
        return self._calls_at(self.base_url).within(question.strictest_privacy)


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
