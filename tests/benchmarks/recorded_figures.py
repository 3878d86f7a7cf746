"""Figures over recorded replies, through our own reading, voting and stopping code; no calls. recorded.py prints them."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from math import comb
from pathlib import Path
from typing import Any, Literal

import game24
from contemplate.analysis.records import (
    Record,
    Sample,
    Score,
    Votes,
    oracle,
    read,
    single,
)
from contemplate.analysis.records.replay import credit, leading
from contemplate.types import AnswerKind
from replies import lines

Source = Literal["strings", "answers", "texts"]
"""What is compared: the recorded answers as strings, the recorded answers by our equality, or what we read from the raw texts."""


@cache
def samples(data: Path, name: str, kind: AnswerKind) -> list[Votes]:
    """The samples of a record, read from their raw texts."""
    return [
        read(
            Record(
                id=str(record["id"]),
                question=record["question"],
                kind=kind,
                gold=str(record["gold"]),
                samples=tuple(
                    Sample(text=sample["text"], member=sample.get("model"), score=sample.get("reward"))
                    for sample in record["samples"]
                ),
            )
        )
        for record in lines(data / name / "records.jsonl.gz")
    ]


@cache
def as_stored(data: Path, name: str) -> list[Votes]:
    """The same samples with the answers and flags that stand in the record: two answers are the same if they are equal there."""
    found = []
    for record in lines(data / name / "records.jsonl.gz"):
        names: dict[str, int] = {}
        replies = record["samples"]
        classes = [None if reply["answer"] is None else names.setdefault(str(reply["answer"]), len(names)) for reply in replies]
        right = {place for place, reply in zip(classes, replies, strict=True) if reply["correct"] and place is not None}
        scores = tuple(reply.get("reward") for reply in replies)
        models = tuple(reply.get("model") for reply in replies)
        found.append(Votes(str(record["id"]), tuple(classes), frozenset(right), members=models, scores=scores))
    return found


def dates(data: Path) -> list[Votes]:
    """date_cot10: ten GPT-3.5 chains a question."""
    return samples(data, "date_cot10", "date")


def gsm8k(data: Path) -> list[Votes]:
    """gsm8k_models: one greedy reply of each of twelve models."""
    return samples(data, "gsm8k_models", "number")


def maths(data: Path) -> list[Votes]:
    """math_rm8: eight chains a question, each with a reward model's score."""
    return samples(data, "math_rm8", "math")


def every(data: Path) -> list[tuple[str, list[Votes]]]:
    """The records of samples, each as read by us and as stored."""
    ours = {"date_cot10": dates(data), "gsm8k_models": gsm8k(data), "math_rm8": maths(data)}
    return [pair for name in ours for pair in ((name, ours[name]), (f"{name}, stored answers", as_stored(data, name)))]


def percent(score: Score) -> str:
    """An accuracy and its standard error over questions."""
    return f"{100 * score.accuracy:.2f} ± {100 * score.error:.2f}"


# ---------------------------------------------------------------------------------------------------------------- debates


@cache
def debates(data: Path, source: Source) -> list[tuple[Votes, Votes, int]]:
    """math_debate: votes over the agents' first and last turns, and how many turns the longest talk had."""
    found = []
    for record in lines(data / "math_debate" / "records.jsonl.gz"):
        agents = record["agents"]
        turns = [turn for said in agents for turn in (said[:1] if len(said) == 1 else (said[0], said[-1]))]
        both = _strings(record, turns) if source == "strings" else _meanings(record, turns, source)
        classes = iter(both.classes)
        first, last = list[int | None](), list[int | None]()
        for said in agents:
            first.append(next(classes))
            last.append(first[-1] if len(said) == 1 else next(classes))
        votes = [Votes(both.id, tuple(part), both.right) for part in (first, last)]
        found.append((votes[0], votes[1], max(map(len, agents))))
    return found


def _strings(record: Mapping[str, Any], turns: Sequence[Mapping[str, str | None]]) -> Votes:
    """Two answers are the same if they are the same characters."""
    names = {record["gold"]: 0}
    classes = [None if (text := turn["answer"]) is None else names.setdefault(text, len(names)) for turn in turns]
    return Votes(record["id"], tuple(classes), frozenset({0}))


def _meanings(record: Mapping[str, Any], turns: Sequence[Mapping[str, str | None]], source: Source) -> Votes:
    return read(
        Record(
            id=record["id"],
            question=record["question"],
            kind="math",
            gold=record["gold"],
            samples=tuple(Sample(text=_reply(turn, source)) for turn in turns),
        )
    )


def _reply(turn: Mapping[str, str | None], source: Source) -> str:
    if source == "texts":
        return turn["text"] or ""
    return f"Answer: {turn['answer']}" if turn["answer"] is not None else ""


def debate_figures(rows: Sequence[tuple[Votes, Votes, int]]) -> dict[str, float]:
    """Per cent right: a first answer, the vote over first answers, over last ones, and any first answer; and who changed."""
    before, after = [first for first, _, _ in rows], [last for _, last, _ in rows]
    turned = [(first_right(first), first_right(last)) for first, last, _ in rows]
    mended, spoiled = turned.count((False, True)), turned.count((True, False))
    return {
        "questions": len(rows),
        "one": 100 * single(before).accuracy,
        "before": 100 * sum(map(first_right, before)) / len(rows),
        "after": 100 * sum(map(first_right, after)) / len(rows),
        "any": 100 * oracle(before).accuracy,
        "mended": mended,
        "spoiled": spoiled,
        "p": mcnemar(mended, spoiled),
    }


def first_right(votes: Votes) -> bool:
    """Whether the plurality is right, ties to the answer seen first."""
    first = leading(votes.classes)
    return bool(first) and min(first, key=votes.classes.index) in (votes.right or ())


def mcnemar(b: int, c: int) -> float:
    """The exact two-sided p value of b against c discordant pairs."""
    ways = sum(comb(b + c, fewer) for fewer in range(min(b, c) + 1))
    return min(1.0, 2 * ways * 0.5 ** (b + c))


def debate_subsets(data: Path, source: Source) -> dict[str, dict[str, float]]:
    """All questions; those with 3 or 4 agents on record; and those of them that went on to a second turn."""
    rows = debates(data, source)
    whole = [row for row in rows if len(row[0].classes) > 2]
    return {
        "all": debate_figures(rows),
        "3-4 agents": debate_figures(whole),
        "second turn": debate_figures([row for row in whole if row[2] > 1]),
    }


# ------------------------------------------------------------------------------------------------------------ game of 24


def game24_figures(data: Path) -> dict[str, float]:
    """Per cent of the 100 puzzles, and how often our checker disagrees with the recorded verdict."""
    folder = data / "game24"
    with (folder / "puzzles.csv").open(encoding="utf-8") as table:
        puzzles = [row["Puzzles"] for row in csv.DictReader(table)]
    found = dict.fromkeys(("chain", "vote", "vote, fraction", "any of 100", "first state", "any of 5", "disagreements"), 0.0)
    for case in json.loads(gzip.decompress((folder / "cot_samples100.json.gz").read_bytes())):
        puzzle, expressions = puzzles[case["idx"]], [game24.expression(chain) for chain in case["ys"]]
        right = [text is not None and game24.solves(text, puzzle) for text in expressions]
        votes = Counter(text for text in expressions if text)
        first = [text for text in votes if votes[text] == max(votes.values())]
        found["chain"] += sum(right) / len(right)
        found["any of 100"] += any(right)
        found["vote"] += game24.solves(first[0], puzzle)
        found["vote, fraction"] += sum(game24.solves(text, puzzle) for text in first) / len(first)
        found["disagreements"] += sum(ours != bool(info["r"]) for ours, info in zip(right, case["infos"], strict=True))
    for case in json.loads(gzip.decompress((folder / "tot_bfs5.json.gz").read_bytes())):
        puzzle = puzzles[case["idx"]]
        right = [(text := game24.expression(state)) is not None and game24.solves(text, puzzle) for state in case["ys"]]
        found["first state"] += right[0]
        found["any of 5"] += any(right)
        found["disagreements"] += sum(ours != bool(info["r"]) for ours, info in zip(right, case["infos"], strict=True))
    return found


# -------------------------------------------------------------------------------------------------------------- judges


def flips(data: Path) -> dict[str, float]:
    """How often a judge's verdict changes when the two texts are shown in the other order, in per cent of the pairs."""
    pairs: dict[str, list[bool]] = {}
    for record in lines(data / "judge_pairs" / "records.jsonl.gz"):
        for judge, rounds in record["judges"].items():
            verdicts = [rounds.get(order) for order in ("swap_False", "swap_True")]
            pairs.setdefault(judge, []).append(verdicts[0] != verdicts[1])
    return {judge: 100 * sum(turned) / len(turned) for judge, turned in pairs.items()}


# -------------------------------------------------------------------------------------------------------------- tables


def in_stored_order(questions: Sequence[Votes]) -> Score:
    """The vote of all samples as they stand, ties to the answer that stands first."""
    rights = [credit(votes, votes.classes, "first-seen") for votes in questions]
    return single(
        [Votes(votes.id, (0,), frozenset({0} if right else ())) for votes, right in zip(questions, rights, strict=True)]
    )


def members(questions: Sequence[Votes]) -> dict[str, float]:
    """The share of questions that each member has right, abstentions among the wrong ones."""
    right: Counter[str] = Counter()
    for votes in questions:
        right.update(
            {str(member): place in (votes.right or ()) for member, place in zip(votes.members, votes.classes, strict=True)}
        )
    return {member: count / len(questions) for member, count in right.items()}
