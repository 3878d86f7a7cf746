"""Forks: the spec of a run that goes on from what another one had, with something changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from pydantic import ValidationError

from contemplate.catalogue import Catalogue
from contemplate.catalogue.recipe import Recipe
from contemplate.catalogue.strategy import Strategy
from contemplate.errors import InputError, UnknownNameError
from contemplate.explain import explain_value
from contemplate.ledger.base import Ledger, RunRecord, StoredTurn
from contemplate.models.budget import Budget
from contemplate.orchestration.model_table import ModelTable
from contemplate.orchestration.run_spec import RunSpec
from contemplate.run.equivalence import EQUIVALENCE
from contemplate.run.what_if import Changes, Origin
from contemplate.text import one_line
from contemplate.types import Json, seat_number


async def origin_of(ledger: Ledger, spec: RunSpec) -> Origin | None:
    """The run that a spec is forked from; None if it is no fork. Of one that was deleted there are no turns."""
    if spec.forked_from is None:
        return None
    record = await ledger.run(spec.forked_from)
    before = Changes() if record is None else RunSpec.stored(record.run, record.spec).changes
    moved = frozenset(seat for seat, model in spec.changes.models.items() if before.models.get(seat) != model)
    same = before.parameters == spec.changes.parameters
    return Origin.of(await ledger.turns(spec.forked_from), moved=moved, same_prompts=same)


def forked(
    record: RunRecord,
    stored: Sequence[StoredTurn],
    changes: Changes,
    budget: Budget | None,
    catalogue: Catalogue,
    table: ModelTable,
) -> RunSpec:
    """The spec of a fork.

    Args:
        record: the run that it is forked from, which is over.
        stored: its turns.
        changes: what is to be different; models as they are written for a panel.
        budget: caps on the fork; None: those of the run.
        catalogue: where the recipe is found, if its parameters change.
        table: what is known of models.

    Raises:
        UnknownNameError: there is no such seat, turn, rule or parameter.
        InputError: the run is not over, nothing is changed, or a change does not go together with the rest.
    """
    record.check_finished()
    if not changes:
        raise InputError(
            f"a fork of run {record.run} needs a change: a seat or turn left out, an edit, a model, a rule, a parameter"
        )
    spec = RunSpec.stored(record.run, record.spec)
    _check_turns(record.run, stored, changes)
    named = {seat: table.names(model)[0] for seat, model in changes.models.items()}
    changes = changes.model_copy(update={"models": named})
    effective = changes.over(spec.changes)
    _check_seats(spec, stored, changes, effective)
    strategy = spec.strategy
    cards = spec.cards
    if changes.parameters:
        recipe = catalogue.recipe(strategy.name)
        strategy = recipe.strategy({**_parameters(recipe, strategy, record.run), **changes.parameters})
        found = catalogue.cards(strategy, recipe)
        cards = {name: cards.get(name) or card.for_kind(spec.question.kind) for name, card in found.items()}
        cards |= {EQUIVALENCE: spec.cards[EQUIVALENCE]} if EQUIVALENCE in spec.cards else {}
    if changes.rule is not None:
        strategy = _with_rule(strategy, changes.rule)
    fork = spec.model_copy(
        update={
            "strategy": strategy,
            "cards": cards,
            "budget": spec.budget if budget is None else budget,
            "forked_from": record.run,
            "changes": effective,
            "traceparent": None,
            "version": RunSpec.model_fields["version"].default,
        }
    )
    routes = {**spec.routes, **table.routes(named.values())}
    return fork.model_copy(update={"routes": {name: route for name, route in routes.items() if name in fork.names}})


def _check_turns(run: str, stored: Sequence[StoredTurn], changes: Changes) -> None:
    """Refuse to change turns that are not there, or that no agent spoke."""
    turns = {turn.id: turn for turn, _ in stored}
    for name in (*changes.without_turns, *changes.edits):
        if name not in turns:
            raise UnknownNameError("turn", one_line(name), list(turns), f"(contemplate show {run})")
        if not turns[name].card:
            raise InputError(
                f"turn {name} is no agent's, but worked out from others: edit or leave out one that it was worked out from"
            )
    for name, text in changes.edits.items():
        if not text.strip():
            raise InputError(f"the edit of turn {name} is empty; to do without the turn, leave it out")


def _check_seats(spec: RunSpec, stored: Sequence[StoredTurn], changes: Changes, effective: Changes) -> None:
    """Refuse to change seats that are not there, in vain, or all of them."""
    spoke = {seat_number(turn.seat) for turn, _ in stored} - {0}
    seats = sorted({*range(1, spec.strategy.seats + 1), *spoke})
    for seat in chain(changes.without_seats, changes.models):
        if seat not in seats:
            raise InputError(f"there is no seat {seat}: the panel has the seats {seats[0]} to {seats[-1]}")
    if not set(seats) - set(effective.without_seats):
        raise InputError("all seats would be left out: nobody could answer")
    for seat, model in changes.models.items():
        if model == (spec.changes.models.get(seat) or spec.models[(seat - 1) % len(spec.models)]):
            raise InputError(f"seat {seat} has the model {model} already")


# --- rules and parameters -----------------------------------------------------------------------------


def _with_rule(strategy: Strategy, rule: str) -> Strategy:
    """The strategy whose votes are counted by another rule."""
    row: Json = strategy.model_dump(mode="json")
    votes = [step for step in _leaves(row["steps"]) if step["do"] == "vote"]
    if not votes:
        raise InputError(f"strategy {strategy.name} has no vote whose rule could be changed")
    for vote in votes:
        vote["rule"] = rule
    try:
        return Strategy.model_validate(row)
    except ValidationError as error:
        raise InputError(f"rule {one_line(rule)}: {explain_value(error, 'Strategy', row, list(Strategy.model_fields))}") from None


def _leaves(steps: Sequence[Json]) -> list[Json]:
    return [leaf for step in steps for leaf in (_leaves(step["steps"]) if "steps" in step else [step])]


def _parameters(recipe: Recipe, strategy: Strategy, run: str) -> Mapping[str, object]:
    """The parameters with which a recipe gave a strategy, read from where they stand in it.

    Raises:
        InputError: it gives another strategy now.
    """
    found = recipe.parameters_of(strategy)
    if found is None:
        raise InputError(
            f"the parameters of run {run} can't be told: {recipe.name} is not as it was, or the run is a fork by another rule"
        )
    return found
