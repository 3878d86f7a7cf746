"""Whether answers that differ in form mean the same: a model is asked about texts, math-verify about formulas; each pair once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

from contemplate.agents.prompts import Quote, ask, quoted
from contemplate.agents.reply_formats import verdict
from contemplate.answers import classes, equate
from contemplate.run.pending import PendingTurn
from contemplate.types import Answer

if TYPE_CHECKING:
    from contemplate.run.run import Run

EQUIVALENCE = "equivalence"
"""The card of who says whether two texts say the same."""

_MOST_PAIRS = 15


async def find_equal(run: Run, answers: Sequence[Answer]) -> frozenset[frozenset[str]]:
    """The pairs of canonical values that mean the same though their forms differ, as far as that was found out in this run."""
    state, config = run.state, run.state.config
    texts = config.question.kind == "text" and EQUIVALENCE in config.cards
    if not texts and config.question.kind != "math":
        return frozenset(state.equal)
    indices, _ = classes(answers, state.equal)
    values = [answers[indices.index(index)].value for index in dict.fromkeys(indices)]
    open_pairs = [pair for pair in map(frozenset, combinations(values, 2)) if pair not in state.compared]
    if not open_pairs:
        return frozenset(state.equal)
    state.compared.update(open_pairs)
    if texts and len(open_pairs) <= _MOST_PAIRS:
        state.equal.update(await _judged(run, open_pairs, {answer.value: answer.text for answer in reversed(answers)}))
    elif not texts:
        state.equal.update(await equate(answers, config.question, state.services.verifier))
    return frozenset(state.equal)


async def _judged(run: Run, pairs: Sequence[frozenset[str]], written: Mapping[str, str]) -> list[frozenset[str]]:
    """The ones of `pairs` of canonical values that a model judges to say the same, shown as they were `written`."""
    agent, form = run.outsider(EQUIVALENCE), verdict(good="same", bad="different")
    asked: list[PendingTurn] = []
    for pair in pairs:
        texts = [written[value] for value in sorted(pair)]
        quotes = [Quote(f"Answer {letter}", text) for letter, text in zip("AB", texts, strict=True)]
        material = quoted(quotes, run.posed.quoting, EQUIVALENCE, *texts)
        prompt = partial(ask, agent.card, run.posed, material=material)
        detail = f"pair-{len(run.state.compared)}.{len(asked) + 1}"
        asked.append(run.say(agent, prompt=prompt, form=form, detail=detail))
    return [pair for pair, turn in zip(pairs, asked, strict=True) if (await turn).verdict == "sound"]
