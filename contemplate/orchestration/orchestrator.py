"""The orchestrator: one contemplation from start to end, on shared limits, budget and ledger."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import anyio
from pydantic import BaseModel

from contemplate.agents.agent import Agent
from contemplate.agents.prompts import Quote, quoted
from contemplate.agents.prompts import ask as lay_out
from contemplate.analysis.model_reliability import learned_reliability
from contemplate.answers import Verifier, check_question
from contemplate.catalogue import Catalogue
from contemplate.catalogue.strategy import Strategy
from contemplate.errors import InputError, UnknownNameError
from contemplate.ledger import Ledger, default_place, open_ledger, public_place
from contemplate.ledger.base import RunRecord, StoredTurn
from contemplate.models.backends.base import Backend, ChoosyBackend
from contemplate.models.backends.routing import Router
from contemplate.models.budget import Account, Budget, unpriced
from contemplate.models.path import Caller, Calls
from contemplate.models.stages.own import Stage, own_stages
from contemplate.orchestration.contemplation import Contemplation, retries
from contemplate.orchestration.run_spec import RunSpec, usual_max_tokens
from contemplate.orchestration.settings import Settings, load_settings
from contemplate.run.run import EQUIVALENCE
from contemplate.trace.outcome import Event, Outcome
from contemplate.trace.trace import first_difference
from contemplate.types import AnswerKind, Json, Price, Question, Request, Sampling, Turn, Usage

EMBEDDED = "local/smollm2"
DEFAULT_STRATEGY = "contemplating"
_UNNAMED = f"no model named: using the embedded {EMBEDDED}, a very small one; name a better one with --model"
_SEEDS = 2**63

Listener = Callable[[Event], None]


class Orchestrator:
    """Answers questions with panels of agents. Use it as an async context manager.

    Many questions may be solved at once: they share limits, the ledger and `budget`.

    Example:
        >>> async with Orchestrator(models=["openai/gpt-5-mini"]) as orchestrator:
        ...     outcome = await orchestrator.solve("What is 17 * 23?", answer="number")
    """

    def __init__(  # noqa: PLR0913 - each has a usual value
        self,
        models: Sequence[str] = (),
        *,
        base_url: str | None = None,
        backend: Backend | None = None,
        ledger: Path | str | Ledger | None = None,
        budget: Budget | None = None,
        fallbacks: Sequence[str] = (),
        project: Path | str | None = None,
        settings: Settings | None = None,
        stages: Sequence[Stage] = (),
    ) -> None:
        """Set up; nothing is opened or called yet.

        Args:
            models: names of models; the seats of a panel take them in turn. None: those of the settings, or else
                the embedded model.
            base_url: the address of an OpenAI-compatible server that serves all of them but `local/...`.
            backend: answers every call itself, whatever the model is called; not closed here.
            ledger: a file, or an open ledger (which is not closed here); None: the settings' or the user's own.
            budget: caps on all questions together. `solve` takes those of one question.
            fallbacks: models that are asked, in order, when one fails for good.
            project: a folder with `agents/`, `strategies/` and `contemplate.toml` of your own.
            settings: instead of what `contemplate.toml` says.
            stages: of your own, in the path of every call.

        Raises:
            InputError: a setting is wrong.
        """
        folder = Path(project) if project is not None else None
        self.settings = settings if settings is not None else load_settings(folder)
        self.catalogue = Catalogue(folder)
        self.models = tuple([models] if isinstance(models, str) else models) or self.settings.models
        self.fallbacks = tuple(fallbacks) or self.settings.fallbacks
        self.base_url = base_url if base_url is not None else self.settings.base_url
        self.account = Account(budget or Budget())
        self._backend = backend
        self._stages = own_stages(stages)
        self._ledger = ledger if ledger is not None else self.settings.ledger
        self._opened: Ledger | None = None
        self._calls: dict[str | None, Calls] = {}
        self._verifier = Verifier()

    async def __aenter__(self) -> Self:
        """Open the ledger."""
        self._opened = self._ledger if isinstance(self._ledger, Ledger) else await open_ledger(self._ledger)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close connections, processes and the ledger."""
        with anyio.CancelScope(shield=True):
            for calls in self._calls.values():
                await calls.router.aclose()
            await self._verifier.__aexit__(kind, error, at)
            if self._opened is not None and self._opened is not self._ledger:
                await self._opened.aclose()
            self._opened = None

    @property
    def ledger(self) -> Ledger:
        """The open ledger."""
        if self._opened is None:
            msg = "use the orchestrator as 'async with Orchestrator(...) as orchestrator'"
            raise InputError(msg)
        return self._opened

    @property
    def place(self) -> str:
        """Where the ledger is, as one would name it; never with a password."""
        if isinstance(self._ledger, Ledger):
            return type(self._ledger).__name__
        return public_place(self._ledger or default_place())

    # --- what people ask for --------------------------------------------------------------------------

    def plan(
        self,
        question: Question | str,
        strategy: Strategy | str = DEFAULT_STRATEGY,
        *,
        answer: AnswerKind | type[BaseModel] | None = None,
        choices: Sequence[str] = (),
        schema: Json | None = None,
        parameters: Mapping[str, object] | None = None,
        seed: int = 0,
        budget: Budget | None = None,
    ) -> RunSpec:
        """Fix everything that a run needs; nothing is called.

        Args:
            question: the problem, or its text.
            strategy: the name of a recipe, a path to one, or a strategy built in Python.
            answer: the kind of answer, where the question is a text; "choice" if there are choices, "json" if there is a
                schema, else "text". A pydantic model is "json" with that model's schema.
            choices: the options, where the question is a text.
            schema: the JSON Schema of the answer, where the question is a text.
            parameters: values for the recipe's parameters.
            seed: everything random comes from it, in [0, 2**63).
            budget: caps on this question.

        Raises:
            InputError: something in it is wrong, in one line.
        """
        if isinstance(question, str):
            question = _question(question, answer, choices, schema)
        check_question(question)
        if not 0 <= seed < _SEEDS:
            msg = f"the seed is {seed}: it must be from 0 to {_SEEDS - 1}"
            raise InputError(msg)
        recipe = None
        if isinstance(strategy, str):
            recipe = self.catalogue.recipe(strategy)
            strategy = recipe.strategy(parameters)
        elif parameters:
            msg = f"parameters belong to recipes; a strategy built in Python has none to set ({', '.join(parameters)})"
            raise InputError(msg)
        cards = dict(self.catalogue.cards(strategy, recipe))
        if question.kind == "text" and strategy.equivalence == "model":
            cards[EQUIVALENCE] = self.catalogue.card(EQUIVALENCE)
        return RunSpec(
            question=question,
            strategy=strategy,
            cards=cards,
            models=self.models or (EMBEDDED,),
            fallbacks=self.fallbacks,
            base_url=self.base_url,
            seed=seed,
            budget=budget or Budget(),
            max_tokens=self.settings.max_tokens,
        )

    async def solve(  # noqa: PLR0913 - a plan's, and one more
        self,
        question: Question | str,
        strategy: Strategy | str = DEFAULT_STRATEGY,
        *,
        answer: AnswerKind | type[BaseModel] | None = None,
        choices: Sequence[str] = (),
        schema: Json | None = None,
        parameters: Mapping[str, object] | None = None,
        seed: int = 0,
        budget: Budget | None = None,
        listen: Listener | None = None,
    ) -> Outcome:
        """Work on a question until there is one answer. The arguments are those of `plan`.

        Args:
            listen: is told each event as it happens.

        Raises:
            InputError: something in what was given is wrong; nothing was called.
        """
        plan = self.plan(
            question,
            strategy,
            answer=answer,
            choices=choices,
            schema=schema,
            parameters=parameters,
            seed=seed,
            budget=budget,
        )
        outcome = await self.start(plan, listen)
        return replace(outcome, model=answer) if isinstance(answer, type) else outcome

    async def prepare(self, plan: RunSpec) -> None:
        """See to it that the plan's models can be called, before anything is: names, keys, prices, the embedded one's weights.

        Raises:
            InputError: one can't be.
            UnreachableError: the weights can't be fetched.
        """
        router = self._calls_at(plan.base_url).router
        capped = plan.budget.usd is not None or self.account.budget.usd is not None
        for model in dict.fromkeys(
            (*plan.models, *plan.fallbacks, *(name for card in plan.cards.values() for name in card.models))
        ):
            self._check(router.backend(model), model, plan)
            if capped and await router.price(model) is None:
                raise unpriced(model)
            if model.startswith("local/"):
                await router.ready(model)

    @staticmethod
    def _check(backend: Backend, model: str, plan: RunSpec) -> None:
        """Refuse a model that is known to give no log-probabilities where the strategy goes by them."""
        if plan.strategy.logprobs and model in plan.models and isinstance(backend, ChoosyBackend):
            asked = Request(model=model, messages=(), logprobs=plan.strategy.logprobs)
            if (missing := backend.refuses(asked)) is not None:
                raise InputError(f"strategy {plan.strategy.name} goes by log-probabilities: {missing}")

    async def start(self, plan: RunSpec, listen: Listener | None = None) -> Outcome:
        """Carry out a plan as a new run."""
        plan = await self._experienced(plan)
        await self.prepare(plan)
        run = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"
        record = RunRecord(run=run, created=time.time(), state="running", spec=plan.model_dump(mode="json"))
        return await self._carry_out(plan, record, listen)

    async def _experienced(self, plan: RunSpec) -> RunSpec:
        """The plan with what the ledger teaches about its models, if the strategy asks for that.

        Raises:
            InputError: the ledger can't say.
        """
        if plan.reliability or not plan.strategy.learns:
            return plan
        learned = {member.member: member.weight for member in (await learned_reliability(self.ledger)).members}
        unknown = [model for model in plan.models if model not in learned]
        if unknown:
            raise InputError(f"nothing was learned yet about {', '.join(unknown)}: this ledger has no answers of theirs")
        return plan.model_copy(update={"reliability": learned})

    async def resume(self, run: str, listen: Listener | None = None) -> Outcome:
        """Go on with a run that was cut short. What it paid for is not paid again, and its budget goes on.

        Raises:
            InputError: there is no such run.
        """
        record = await self.find(run)
        plan = RunSpec.stored(record.run, record.spec)
        await self.prepare(plan)
        return await self._carry_out(plan, record, listen, spent=await self.ledger.spent(record.run))

    async def once(
        self, plan: RunSpec, run: str, *, again: bool = False, listen: Listener | None = None
    ) -> tuple[Json, list[StoredTurn]]:
        """Carry out a plan as the run `run`, unless that is finished; go on with it if it was cut short.

        Args:
            plan: what to do; the same for the same run.
            run: its id, chosen by the caller.
            again: do it once more though it is finished: what was paid for is not paid again, what failed is asked once more.
            listen: is told each event as it happens.

        Returns:
            What the ledger keeps of the outcome (`Outcome.to_dict`; `retried`, how often it was done again), and the turns, each
            with what it saw.

        Raises:
            InputError: a model can't be called.
        """
        record = await self.ledger.run(run)
        if record is None:
            plan = await self._experienced(plan)
            await self.prepare(plan)
            record = RunRecord(run=run, created=time.time(), state="running", spec=plan.model_dump(mode="json"))
            outcome = await self._carry_out(plan, record, listen)
        elif record.state == "finished" and record.outcome is not None and not again:
            return record.outcome, await self.ledger.turns(run)
        else:
            plan = RunSpec.stored(record.run, record.spec)
            await self.prepare(plan)
            outcome = await self._carry_out(plan, record, listen, spent=await self.ledger.spent(record.run))
        trace = outcome.trace
        return {**outcome.to_dict(), "retried": retries(record)}, [(turn, tuple(trace.saw(turn.id))) for turn in trace.turns]

    async def replay(self, run: str, listen: Listener | None = None) -> tuple[Outcome, str | None]:
        """Do a finished run again from the ledger alone, with calls forbidden.

        Returns:
            The outcome, and where its trace first differs from the one on record; None if it is the same.

        Raises:
            InputError: there is no such run, or it is not finished.
        """
        record = await self.find(run)
        if record.state != "finished" or record.outcome is None:
            msg = f"run {record.run} is {record.state}, not finished; go on with it first: contemplate resume {record.run}"
            raise InputError(msg)
        stored = await self.ledger.turns(record.run)
        outcome = await self._carry_out(
            RunSpec.stored(record.run, record.spec),
            record,
            listen,
            recorded={turn.id: turn for turn, _ in stored},
        )
        theirs = [{**turn.model_dump(mode="json"), "sees": [list(sight) for sight in sees]} for turn, sees in stored]
        difference = first_difference(outcome.trace.canonical(), theirs)
        if difference is None and outcome.answer != record.outcome["answer"]:
            difference = f"answer: {outcome.answer!r} against {record.outcome['answer']!r}"
        return outcome, difference

    async def ask(self, card: str, question: Question, shown: Mapping[str, str], form: str, *, model: str | None = None) -> str:
        """Ask a model once in the role of a card, outside of any run; the reply comes from the ledger if it is there.

        Args:
            card: the name of the role.
            question: the problem.
            shown: what it reads beside that, by title, quoted as data.
            form: the sentence that says what the reply must hold.
            model: who is asked; None for the first of the models.

        Raises:
            UnknownNameError: there is no such card.
            CallError, BudgetError: the call brought nothing.
        """
        role, calls = self.catalogue.card(card), self._calls_at(self.base_url)
        name = model or (*role.models, *self.models, EMBEDDED)[0]
        usual = Sampling(max_tokens=self.settings.max_tokens or usual_max_tokens(name))
        agent = Agent(seat=card, card=role, models=(name,), sampling=role.sampling(usual))
        material = quoted([Quote(title, text) for title, text in shown.items()], 0, card)
        messages = lay_out(role, question, form, material)
        requests = agent.requests(lambda _: messages, schema=None, seed=0, draw=0, endpoint_of=calls.router.endpoint_of)
        caller = Caller(account=self.account, run="", turn=card)
        return (await calls.call(requests, caller)).completion.text

    async def price(self, model: str) -> Price | None:
        """The price of a model's tokens; None where nobody knows it."""
        return await self._calls_at(self.base_url).router.price(model)

    async def find(self, run: str) -> RunRecord:
        """The stored run of that id, or of the only one that begins so.

        Raises:
            UnknownNameError: there is none.
            InputError: several begin so.
        """
        record = await self.ledger.run(run)
        if record is None:
            raise UnknownNameError("run", run, await self.ledger.run_ids(), "(contemplate list runs)")
        return record

    # --- one contemplation ----------------------------------------------------------------------------

    async def _carry_out(
        self,
        plan: RunSpec,
        record: RunRecord,
        listen: Listener | None,
        *,
        spent: Usage | None = None,
        recorded: Mapping[str, Turn] | None = None,
    ) -> Outcome:
        unnamed = recorded is None and plan.models == (EMBEDDED,) and not self.models
        contemplation = Contemplation(
            plan=plan,
            record=record,
            ledger=self.ledger,
            calls=self._calls_at(plan.base_url),
            account=Account(plan.budget, parent=self.account, spent=spent),
            verifier=self._verifier,
            emit=listen or (lambda _: None),
            recorded=recorded,
            note=_UNNAMED if unnamed else None,
        )
        return await contemplation.carry_out()

    def _calls_at(self, base_url: str | None) -> Calls:
        """The path of calls to `base_url`; limits are shared by all runs that go there."""
        if base_url not in self._calls:
            router = Router(base_url=base_url, backend=self._backend, prices=self.settings.prices)
            self._calls[base_url] = Calls(
                router, self.ledger, limits=self.settings.limits, retry=self.settings.retry, stages=self._stages
            )
        return self._calls[base_url]


def _question(text: str, answer: AnswerKind | type[BaseModel] | None, choices: Sequence[str], schema: Json | None) -> Question:
    """The question that a text and what was said of its answer make."""
    if isinstance(answer, type):
        if schema is not None:
            raise InputError(f"the answer is a {answer.__name__}, which has a schema of its own; give one of the two")
        return Question(text=text, kind="json", json_schema=answer.model_json_schema())
    kind = answer or ("choice" if choices else "json" if schema is not None else "text")
    return Question(text=text, kind=kind, choices=tuple(choices), json_schema=schema)


def describe(record: RunRecord) -> Json:
    """A stored run as one row: what `contemplate list runs --json` prints."""
    outcome = record.outcome or {}
    return {
        "run": record.run,
        "created": record.created,
        "state": record.state,
        "strategy": record.spec["strategy"]["name"],
        "models": record.spec["models"],
        "question": record.spec["question"]["text"],
        "answer": outcome.get("answer"),
        "stopped": outcome.get("stopped"),
    }
