"""From what was said of a question to the spec of its run: everything is fixed before the first call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from contemplate.agents.card import Card
from contemplate.answers import PRINTED, check_question
from contemplate.answers.wanted import wanted_kind
from contemplate.catalogue import Catalogue
from contemplate.catalogue.strategy import Strategy
from contemplate.errors import InputError
from contemplate.models.budget import Budget
from contemplate.models.names import LOCAL_MAX_TOKENS, local_max_tokens
from contemplate.orchestration.arguments import check_arguments
from contemplate.orchestration.focusing import check_focus
from contemplate.orchestration.model_table import ModelTable
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.outside import DIGESTER, outside_view
from contemplate.orchestration.policies import NO_POLICY, PolicySettings, policies_of
from contemplate.orchestration.privacy import PrivacyOf, check_private
from contemplate.orchestration.run_spec import RunSpec, every_model
from contemplate.orchestration.scrutiny import VERIFIER
from contemplate.orchestration.tool_table import ToolTable
from contemplate.policy.rules import Policy
from contemplate.run.equivalence import EQUIVALENCE
from contemplate.run.focus import READER
from contemplate.steps import Assess
from contemplate.tools import available
from contemplate.types import AnswerKind, Json, Question, Stakes

_SEEDS = 2**63


@dataclass(frozen=True)
class Planner:
    """The common settings of all questions of an orchestrator.

    Attributes:
        catalogue: the cards and recipes that can be named.
        table: what is known of models.
        models: the seats take them in turn; at least one.
        fallbacks: the models that are asked when one fails for good.
        base_url: the OpenAI-compatible address of all models but embedded ones.
        max_tokens: the most tokens of a reply, unless a card says otherwise; None for what is usual for the model.
        privacy_of: says the label of a model; None: nothing is refused here, but when the run is prepared.
        policy: the policy that all questions are under.
        tools: that can be granted.
    """

    catalogue: Catalogue
    table: ModelTable
    models: tuple[str, ...]
    fallbacks: tuple[str, ...] = ()
    base_url: str | None = None
    max_tokens: int | None = None
    privacy_of: PrivacyOf | None = None
    policy: PolicySettings = NO_POLICY
    tools: ToolTable = field(default_factory=lambda: ToolTable({}))

    def plan(self, question: Question | str, strategy: Strategy | str, options: RunOptions) -> RunSpec:
        """Fix everything that a run needs; nothing is called.

        Args:
            question: the problem, or its text.
            strategy: the name of a recipe, a path to one, or a strategy built in Python.
            options: what else was said.

        Raises:
            InputError: something in it is wrong, in one line.
        """
        check_arguments(question=question, strategy=strategy)
        if isinstance(question, str):
            question = _question(question, options.answer, options.choices, options.schema)
        question = options.added_to(question)
        check_question(question)
        if not 0 <= options.seed < _SEEDS:
            raise InputError(f"the seed is {options.seed}: it must be from 0 to {_SEEDS - 1}")
        recipe = None
        if isinstance(strategy, str):
            recipe = self.catalogue.recipe(strategy)
            if question.kind == "open" and recipe.for_open is not None:
                recipe = self.catalogue.recipe(recipe.for_open)
            strategy = recipe.strategy(options.parameters)
        elif options.parameters:
            names = ", ".join(options.parameters)
            raise InputError(f"parameters belong to recipes; a strategy built in Python has none to set ({names})")
        strategy = strategy.refined(ask=options.review is not None) if options.refine else strategy
        strategy = strategy if options.focus is None else strategy.model_copy(update={"focus": options.focus})
        strategy = _assessing(strategy, question)
        cards = {name: card.for_kind(question.kind) for name, card in self.catalogue.cards(strategy, recipe).items()}
        if question.kind == "text" and strategy.equivalence == "model":
            cards[EQUIVALENCE] = self.catalogue.card(EQUIVALENCE)
        policies = policies_of(self.policy, options.policy, options.profile, options.seed, question.text)
        stakes = Stakes() if options.stakes == "high" else options.stakes
        outside = outside_view(options.outside, options.hide, question)
        cards |= {DIGESTER: self.catalogue.card(DIGESTER)} if outside is not None and outside.mode == "digest" else {}
        cards |= {READER: self.catalogue.card(READER)} if check_focus(strategy, question, outside) else {}
        cards |= {name: self.catalogue.card(name).for_kind(question.kind) for name in _governing(policies, stakes)}
        _leave_out_programs(strategy, cards, question)
        _check_programs(strategy, cards, question)
        models = self.table.names(options.models) or self.models
        called = every_model(models, self.fallbacks, cards)
        routes = self.table.routes(called)
        own_names = [routes[name].name if name in routes else name for name in called]
        sampling = options.sampling if options.sampling is not None and options.sampling.model_fields_set else None
        spec = RunSpec(
            question=question,
            strategy=strategy,
            cards=cards,
            models=models,
            fallbacks=self.fallbacks,
            base_url=self.base_url,
            seed=options.seed,
            budget=options.budget or Budget(),
            max_tokens=self.max_tokens,
            routes=routes,
            sampling=sampling,
            tools=self.tools.plan(self.tools.names(options.tools) or self.tools.granted, strategy, cards),
            policies=policies,
            stakes=stakes,
            outside=outside,
            local_max_tokens=LOCAL_MAX_TOKENS if self.max_tokens is not None else local_max_tokens(question.kind, own_names),
        )
        if self.privacy_of is not None:
            check_private(spec, self.privacy_of)
        return spec


def _governing(policies: Sequence[Policy], stakes: Stakes | None) -> set[str]:
    """The cards of whoever judges by policies, and of whoever verifies where much hangs on an answer, or may do so."""
    found = {card for policy in policies for card in policy.cards}
    escalates = any(rule.effect == "escalate" for policy in policies for rule in policy.rules)
    return found | ({VERIFIER} if stakes is not None or escalates else set())


def _assessing(strategy: Strategy, question: Question) -> Strategy:
    """A strategy that ends with a step `assess` where the question has criteria, and where it has none does not."""
    if question.criteria and not any(isinstance(step, Assess) for step in strategy.leaves()):
        return strategy.model_copy(update={"steps": (*strategy.steps, Assess())})
    if not question.criteria and len(strategy.steps) > 1 and isinstance(strategy.steps[-1], Assess):
        return strategy.model_copy(update={"steps": strategy.steps[:-1]})
    return strategy


def _leave_out_programs(strategy: Strategy, cards: dict[str, Card], question: Question) -> None:
    """Leave out cards that write programs where steps do without, if programs can't be run or can't give the answer."""
    if not any(card.writes_programs for card in cards.values()) or (question.kind in PRINTED and available()):
        return
    for step in strategy.leaves():
        for name in step.optional_cards:
            if name in cards and cards[name].writes_programs:
                del cards[name]


def _check_programs(strategy: Strategy, cards: Mapping[str, Card], question: Question) -> None:
    """Refuse a question whose answer the programs of a strategy could not print.

    Raises:
        InputError: that is so.
    """
    if question.kind not in PRINTED and any(card.writes_programs for card in cards.values()):
        kinds = f"programs give answers of the kinds {', '.join(PRINTED)}"
        raise InputError(f"strategy {strategy.name} answers by programs, and the question is of kind {question.kind}: {kinds}")


def _question(text: str, answer: AnswerKind | type[BaseModel] | None, choices: Sequence[str], schema: Json | None) -> Question:
    """The question that a text and what was said of its answer make."""
    if isinstance(answer, type):
        if schema is not None:
            raise InputError(f"the answer is a {answer.__name__}, which has a schema of its own; give one of the two")
        return Question(text=text, kind="json", json_schema=answer.model_json_schema())
    kind = answer or ("choice" if choices else "json" if schema is not None else wanted_kind(text))
    return Question(text=text, kind=kind, choices=tuple(choices), json_schema=schema)
