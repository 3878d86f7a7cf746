"""Configurations as people write them: a rule, a stop test, what votes weigh, how many samples, and what a tie comes to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product
from typing import Any, Literal, get_args

from pydantic import TypeAdapter, ValidationError

from contemplate.errors import InputError, UnknownNameError
from contemplate.voting import decide, find_rule, rule_names
from contemplate.voting.stopping import Full, Settled, SettledTest

BEST = "best"
"""The rule by which the readable sample of most weight decides alone, the first of equals."""

WEIGHTS = ("equal", "weight", "score", "softmax", "recalibrated", "learned")
"""What votes can weigh; "softmax" has a temperature, as `softmax(0.5)`, and 1 without it."""

TieValue = Literal["first-seen", "fraction", "random", "any", "none"]
"""What a tied vote comes to: the tied answer that was drawn first; the share of the tied answers that is right (for evaluation
only); one of them at random, by the seed; 1 if any of them is right (a bound); or no answer."""

TIES: tuple[TieValue, ...] = get_args(TieValue)

_ALL = "all"
_FULL = Full()
_STOPS = tuple(test.model_fields["rule"].default for test in get_args(SettledTest))
_SETTLED: TypeAdapter[SettledTest] = TypeAdapter(Settled)
_WITH_FIGURE = re.compile(r"([\w-]{1,40})(?:\(([0-9]{0,6}\.?[0-9]{0,12})\))?\Z")


@dataclass(frozen=True)
class Configuration:
    """A configuration: how samples are decided.

    Attributes:
        rule: one of `contemplate.voting.rule_names()`, or "best".
        threshold: the share that the winner needs, where the rule takes one and it was given.
        weights: one of `WEIGHTS`; None under a rule that goes by heads.
        temperature: of the softmax.
        stop: the stop test; `full` for none.
        k: the most samples that are drawn; None for all that there are.
        ties: what a tie comes to.
    """

    rule: str = "plurality"
    threshold: float | None = None
    weights: str | None = None
    temperature: float = 1.0
    stop: SettledTest = _FULL
    k: int | None = None
    ties: TieValue = "first-seen"

    @property
    def rule_written(self) -> str:
        """The rule as it is written, with its figure."""
        return self.rule if self.threshold is None else f"{self.rule}({self.threshold:g})"

    @property
    def weights_written(self) -> str | None:
        """The weights as they are written, with their figure."""
        return f"softmax({self.temperature:g})" if self.weights == "softmax" else self.weights

    @property
    def stop_written(self) -> str:
        """The stop test as it is written, with its figure."""
        figures = [(name, value) for name, value in self.stop if name not in {"test", "rule"}]
        usual = {name: field.default for name, field in type(self.stop).model_fields.items()}
        words = [f"{value:g}" for _, value in figures[:1]]
        words += [f"{name} {value:g}" for name, value in figures[1:] if value != usual[name]]
        return f"{self.stop.rule}({', '.join(words)})" if words else self.stop.rule


def configurations(
    rule: str | Sequence[str] = (),
    stop: str | SettledTest | Sequence[str | SettledTest] = (),
    weights: str | Sequence[str] = (),
    k: int | str | Sequence[int | str] = (),
    ties: str = "first-seen",
) -> tuple[Configuration, ...]:
    """Every combination of these words, in their order; a rule that goes by heads stands once, whatever votes weigh.

    Words are a list, or one text in which commas separate them.

    Without a word the rule is plurality, nothing stops, and all samples are drawn. Votes are equal, but under "weighted" they
    weigh what is recorded, and "best" goes by the score.

    Raises:
        UnknownNameError: a word is none; with the nearest ones that are.
        InputError: a figure is out of range, or weights are given and no rule takes any.
    """
    if ties not in TIES:
        raise UnknownNameError("way to break ties", ties, TIES)
    rules, kinds = _words(rule) or ["plurality"], _words(weights)
    tests = [_stop(word) for word in _words(stop)] or [_FULL]
    most = [_k(word) for word in _words(k)] or [None]
    counts = [count for word in rules for count in _counts(word, kinds)]
    if kinds and all(weighing is None for _, _, weighing, _ in counts):
        takers = [name for name in rule_names() if find_rule(name).weighted] + [BEST]
        raise InputError(f"votes have no weight under {', '.join(rules)}; they have under {', '.join(takers)}")
    return tuple(
        dict.fromkeys(
            Configuration(*count, test, number, ties)  # rule, threshold, weights, temperature
            for count, test, number in product(counts, tests, most)
        )
    )


def _words(given: object) -> list[Any]:
    """One thing, things separated by commas, or a list of such."""
    if isinstance(given, str):
        return [word.strip() for word in given.split(",") if word.strip()]
    if isinstance(given, Sequence):
        return [word for each in given for word in _words(each)]
    return [given]  # a number, or a stop test


def _counts(written: str, weights: Sequence[str]) -> Iterator[tuple[str, float | None, str | None, float]]:
    """A rule with its threshold, once for each kind of weights that it can go by."""
    rule, threshold = _figure("voting rule", written, (*rule_names(), BEST))
    if rule == BEST:
        if threshold is not None:
            raise InputError(f"the rule {BEST!r} takes no figure, and {written!r} gives one")
    else:
        decide((), rule=rule, threshold=threshold)  # refuses a threshold that can't be
    if rule != BEST and not find_rule(rule).weighted:
        yield rule, threshold, None, 1.0
        return
    for word in weights or ({BEST: "score", "weighted": "weight"}.get(rule, "equal"),):
        weighing, temperature = _figure("kind of weights", word, WEIGHTS)
        if temperature is not None and weighing != "softmax":
            raise InputError(f"only softmax has a figure, its temperature, and {word!r} gives one")
        if temperature is not None and not temperature > 0:
            raise InputError(f"the temperature of a softmax must be above 0, and {word!r} says {temperature:g}")
        if rule == BEST and weighing == "equal":
            raise InputError(f"under the rule {BEST!r} the sample of most weight decides, so weights can't be equal")
        yield rule, threshold, weighing, 1.0 if temperature is None else temperature


def _stop(written: str | SettledTest) -> SettledTest:
    if not isinstance(written, str):
        return written
    rule, figure = _figure("stop test", written, _STOPS)
    try:
        return _SETTLED.validate_python({"rule": rule if figure is None else written})
    except ValidationError as error:
        first: Any = error.errors(include_url=False)[0]
        where = f": {first['loc'][-1]}" if first["loc"] and first["type"] != "extra_forbidden" else ""
        problem = "it takes no figure" if first["type"] == "extra_forbidden" else first["msg"]
        raise InputError(f"the stop test {written!r}{where}: {problem}") from None


def _figure(what: str, written: str, known: Sequence[str]) -> tuple[str, float | None]:
    """A word and its figure, if it has one: `beta(0.99)`."""
    match = _WITH_FIGURE.match(written.replace(" ", ""))
    word = match[1] if match else written
    if word not in known:
        near = get_close_matches(written[:80], known, n=1, cutoff=0.5)  # without any, all words are said anyway
        raise UnknownNameError(what, written[:80], known, f"(allowed: {', '.join(known)})" if near else "")
    figure = match[2] if match else None
    if figure is None:
        return word, None
    try:
        return word, float(figure)
    except ValueError:
        raise InputError(f"{written!r} has no number between its brackets") from None


def _k(written: int | str) -> int | None:
    if written == _ALL:
        return None
    try:
        k = int(str(written)[:20])
    except ValueError:
        k = 0
    if k < 1:
        raise InputError(f"k is a number of samples, at least 1, or {_ALL!r}; {str(written)[:80]!r} is neither")
    return k
