"""Whether a strategy can work at all: what is known before it runs, with the key path in the recipe where it goes wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from contemplate.steps import Accepted, Compute, Judge, Propose, Refine, Repeat, Stable, Step, Verify, Vote
from contemplate.steps.base import GIVEN_BY, Product
from contemplate.voting.stopping import Samples, stopping_point
from contemplate.yaml_file import KeyPath

_BY_CHANCE = {"full", "random"}
"""Stop tests over a vote that never fire, or at any time, by design."""
_TOP = 2
"""The length of the path of a step that stands in no other."""


class Problem(NamedTuple):
    """Something that can't work: where, and in one line what, and what would."""

    path: KeyPath
    problem: str


@dataclass
class _State:
    """The state of the panel when a step begins.

    Attributes:
        seats: how many there are; 0 before there are any.
        there: what steps before it left on the panel.
        verified: how often a reply can have been verified.
        moved: whether answers were changed since they were first given.
        judges: how many steps `judge` are still to come.
    """

    seats: int = 0
    answers: bool = False
    there: set[Product] = field(default_factory=set)
    verified: int = 0
    moved: bool = False
    judges: int = 0


def problems(steps: Sequence[Step], quorum: int) -> Iterator[Problem]:
    """The problems that keep a strategy from working, first things first."""
    so = _State(judges=sum(isinstance(leaf, Judge) for leaf in flat(steps)))
    yield from _walk(steps, ("steps",), so)
    fewest = min((size for leaf in flat(steps) if (size := leaf.panel_size)), default=1)
    if fewest < quorum:
        seats = f"{fewest} seat{'s' * (fewest != 1)}"
        yield Problem(("quorum",), f"a quorum of {quorum} can't be reached by {seats} (allowed: 1 to {fewest})")


def program_problem(steps: Sequence[Step], programmers: Collection[str]) -> str | None:
    """The first reason why steps can't do with cards that write programs, or without one; None if they can.

    Args:
        steps: those of a strategy.
        programmers: the names of its cards that write programs.
    """
    for step in flat(steps):
        theirs = [card for card in step.cards if card in programmers]
        if not theirs and isinstance(step, Compute):
            return f"'compute' needs a card that writes programs: there is no {{program_form}} in {' or '.join(step.cards)}"
        if theirs and not step.runs_programs:
            return f"{step.do!r} runs no programs, as the card {theirs[0]} writes them: 'compute' and 'propose' do"
        if theirs and "confidence" in step.products:
            return f"{step.do!r} asks for a confidence, and the card {theirs[0]} answers by programs, which state none"
    return None


def flat(steps: Sequence[Step]) -> Iterator[Step]:
    """The steps with those inside `repeat` in its place."""
    for step in steps:
        if isinstance(step, Repeat):
            yield from flat(step.steps)
        else:
            yield step


def _walk(steps: Sequence[Step], path: KeyPath, so: _State) -> Iterator[Problem]:
    """The mistakes in `steps`, which begin with what `so` says; it is kept up to date."""
    for number, step in enumerate(steps):
        here = (*path, number)
        so.seats = step.panel_size or so.seats
        if isinstance(step, Repeat):
            yield from _stop(step, here, so)
            yield from _walk(step.steps, (*here, "steps"), so)
        else:
            yield from _leaf(step, here, so)
        if (problem := step.problem_with(max(so.seats, 1))) is not None:
            word, message = problem
            yield Problem((*here, word), message)


def _leaf(step: Step, here: KeyPath, so: _State) -> Iterator[Problem]:
    """The problems of one step; then what it leaves is noted."""
    if step.needs_positions and not so.answers:
        yield Problem((*here, "do"), f"{step.do!r} needs answers, and no 'propose' comes before it")
    if isinstance(step, Refine):
        if so.answers or len(here) > _TOP:
            yield Problem((*here, "do"), "'refine' comes before all others, outside of 'repeat': what it finds is for all")
        return
    so.answers = True
    for word, product in step.needs.items():
        if product not in so.there:
            asks = "" if word == "do" else f"'{word}: {_written(getattr(step, word))}' "
            lack = f"needs {'a ' * (product == 'decision')}{product}, and no step before it gives any"
            yield Problem((*here, word), f"{asks}{lack}: {GIVEN_BY[product]}")
    if isinstance(step, Propose) and (problem := _never(step)):
        yield Problem((*here, "until"), problem)
    so.judges -= isinstance(step, Judge)
    if isinstance(step, Vote) and step.ties == "judge" and not so.judges:
        yield Problem((*here, "ties"), "'ties: judge' leaves ties to a step 'judge', and none comes after it")
    so.verified += isinstance(step, Verify) and step.shows == "reply" and step.times > 0
    if step.moves:
        so.moved = so.moved or step.needs_positions
        so.there &= {"decision"}
    so.there |= step.products


def _never(step: Propose) -> str | None:
    """The reason why sampling can't stop early, even if all that may be asked agree; None if it can."""
    test = step.until
    if test is None or test.rule in _BY_CHANCE or stopping_point(test, Samples((0,) * step.seats, step.seats)) is not None:
        return None
    stated = test.model_dump(exclude={"test", "rule"})
    how = ", ".join(f"{name} {value}" for name, value in stated.items())
    seats = f"{step.seats} seat{'s' * (step.seats != 1)}"
    return (
        f"the stop test {test.rule!r} ({how}) can never fire: {seats} that all agree do not settle it; give more, or ask for less"
    )


def _stop(step: Repeat, here: KeyPath, so: _State) -> Iterator[Problem]:
    """The problems of a `repeat` whose stop test can never fire."""
    test = step.until
    if test is None:
        return
    if step.times == 0:
        yield Problem((*here, "times"), "with 0 passes 'until' is never read: give at least 1, or leave 'until' out")
    inside = list(flat(step.steps))
    if isinstance(test, Accepted):
        verifying = sum(isinstance(leaf, Verify) and leaf.shows == "reply" and leaf.times > 0 for leaf in inside)
        most = so.verified + verifying * step.passes
        if not verifying:
            yield Problem((*here, "until"), "the stop test 'accepted' needs a 'verify' with 'shows: reply' inside the 'repeat'")
        elif test.passes > most:
            there = f"there are {most} verifications at most, and it takes {test.passes} in a row"
            yield Problem((*here, "until"), f"the stop test 'accepted' can never fire: {there}")
    if isinstance(test, Stable):
        if not any(leaf.moves for leaf in inside):
            problem = "the stop test 'stable' needs a step inside the 'repeat' that changes answers, as 'revise'"
            yield Problem((*here, "until"), problem)
        elif step.times == 1 and not so.moved:
            yield Problem((*here, "until"), "the stop test 'stable' can never fire: it compares two passes, and there is 1")


def _written(value: object) -> str:
    """A value as it stands in a recipe."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)
