"""The importance of agents in recorded team discussions, recomputed from the grades in their replies.

The record does not say in which order a reader saw the others (it was shuffled for every reader), and the grades are given in
that order. So two things are checked: with the grades as they stand, how near the mean importance of each role comes; and
whether there is any order for each reader under which our computation gives the recorded figures, which a wrong formula could
hardly meet.
"""

from __future__ import annotations

import gzip
import itertools
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from contemplate.agents.parsing import read_grades
from contemplate.answers import read
from contemplate.trace.importance import Reader, best_team, importance, total
from contemplate.types import Question

AGENTS = 4
ROUNDS = 3
_NEAR = 1e-6
_LETTERS = Question(text="The question is not on record.", kind="choice", choices=("(A)", "(B)", "(C)", "(D)"))


def spoke(record: Mapping[str, Any], number: int) -> list[str]:
    """The agents that spoke in round `number`, from 0."""
    return [str(agent) for agent in range(AGENTS) if record["agents"][agent][number] is not None]


def rounds_of(record: Mapping[str, Any]) -> list[dict[str, Reader]]:
    """The discussion, each reader's grades taken as if the others had been shown in the order of their numbers."""
    found: list[dict[str, Reader]] = []
    for number in range(ROUNDS):
        sources = tuple(found[-1]) if found else ()
        readers = {agent: _reader(record["agents"][int(agent)][number], sources) for agent in spoke(record, number)}
        if readers:
            found.append(readers)
    return found


def _reader(reply: str, sources: tuple[str, ...]) -> Reader:
    return Reader(sources, tuple(map(float, read_grades(reply, len(sources)))))


def recorded_rounds(record: Mapping[str, Any], number: int) -> list[dict[str, float]]:
    """The importance on record, for the first `number` rounds."""
    flat = record["importance"]
    return [{str(agent): flat[AGENTS * at + agent] for agent in range(AGENTS)} for at in range(number)]


def consistent(record: Mapping[str, Any]) -> bool:
    """Whether some order of the sources for each reader gives the importance on record, round for round."""
    rounds = rounds_of(record)
    known = recorded_rounds(record, len(rounds))
    winners = [agent for agent in rounds[-1] if known[-1][agent] > 0]
    if not winners or any(abs(known[-1][agent] - (agent in winners) / len(winners)) > _NEAR for agent in rounds[-1]):
        return False
    return all(_passes(known[at - 1], rounds[at], known[at]) for at in range(1, len(rounds)))


def _passes(before: Mapping[str, float], readers: Mapping[str, Reader], after: Mapping[str, float]) -> bool:
    """Meet in the middle: the sums that half of the readers can give, against what the other half leaves."""
    options = [list(_orders(reader, after[agent])) for agent, reader in readers.items() if after[agent] > 0]
    half = len(options) // 2
    sources = next(iter(readers.values())).sources
    target = [before[source] for source in sources]
    grid = {_cell(parts) for parts in _sums(options[:half], len(sources))}
    for parts in _sums(options[half:], len(sources)):
        left = [whole - part for whole, part in zip(target, parts, strict=True)]
        if any(cell in grid for cell in _near(left)):
            return True
    return False


def _orders(reader: Reader, passed: float) -> set[tuple[float, ...]]:
    """What the sources can get from a reader of importance `passed`, over all orders in which it may have seen them."""
    shares = reader.shares.values()
    return {tuple(passed * share for share in order) for order in itertools.permutations(shares)}


def _sums(options: list[list[tuple[float, ...]]], width: int) -> Iterator[list[float]]:
    for chosen in itertools.product(*options):
        yield [sum(column) for column in zip((0.0,) * width, *chosen, strict=True)]


def _cell(parts: list[float]) -> tuple[int, ...]:
    return tuple(round(part / _NEAR) for part in parts)


def _near(parts: list[float]) -> Iterator[tuple[int, ...]]:
    """The cell of `parts`, and those beside it, where rounding may have put it."""
    sides = [{round(part / _NEAR - 0.01), round(part / _NEAR + 0.01)} for part in parts]
    yield from itertools.product(*sides)


def answered(record: Mapping[str, Any], number: int) -> dict[str, str | None]:
    """The letter that each agent of a round chose, read by the library; None where there is none."""
    found = {agent: read(record["agents"][int(agent)][number], _LETTERS) for agent in spoke(record, number)}
    return {agent: answer.value if answer else None for agent, answer in found.items()}


def same_winners(record: Mapping[str, Any]) -> bool:
    """Whether those who chose the commonest letter of the last round are those whom the record gives importance there."""
    rounds = rounds_of(record)
    letters = answered(record, len(rounds) - 1)
    votes = Counter(letter for letter in letters.values() if letter)
    known = recorded_rounds(record, len(rounds))[-1]
    marked = {agent for agent in rounds[-1] if known[agent] > 0}
    first = [letter for letter in votes if votes[letter] == max(votes.values())]
    return any({agent for agent in letters if letters[agent] == letter} == marked for letter in first)


def figures(data: Path) -> dict[str, str | int]:
    """How far the record is met."""
    with gzip.open(data / "mmlu_team4" / "records.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    talked = [record for record in records if len(rounds_of(record)) > 1]
    ours, theirs = [], []
    for record in records:
        rounds = rounds_of(record)
        known = recorded_rounds(record, len(rounds))
        ours.append(total(importance(rounds, [agent for agent in rounds[-1] if known[-1][agent] > 0])))
        theirs.append(total(known))
    means = [[sum(one.get(str(agent), 0.0) for one in each) / len(records) for agent in range(AGENTS)] for each in (ours, theirs)]
    unmet = Counter(record["subject"] for record in talked if not consistent(record))
    same = sum(map(same_winners, records))
    return {
        "questions": len(records),
        "team right, %": f"{100 * sum(record['team_correct'] for record in records) / len(records):.2f}",
        "the same agents hold the final answer, %": f"{100 * same / len(records):.1f}",
        "more than one round": len(talked),
        "of these, importance as recorded under some order of the sources": len(talked) - unmet.total(),
        "of these, under none, by subject": ", ".join(f"{subject} {count}" for subject, count in unmet.items()),
        "mean importance of each agent, ours": ", ".join(f"{mean:.3f}" for mean in means[0]),
        "mean importance of each agent, recorded": ", ".join(f"{mean:.3f}" for mean in means[1]),
        "best team of two, ours": ", ".join(best_team(ours, 2)),
        "best team of two, recorded": ", ".join(best_team(theirs, 2)),
    }
