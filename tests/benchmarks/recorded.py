"""The published figures that recorded replies allow to check, through our own reading, voting and stopping code; no calls.

::

    python tests/benchmarks/recorded.py --data ../shared/data

prints the tables of docs/recorded.md. The tests in tests/recorded take their figures from the same functions.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from math import comb
from pathlib import Path
from typing import Any, Literal

sys.path.insert(0, str(Path(__file__).parent))

import dylan_record
import game24

from contemplate.analysis.records import (
    Record,
    Sample,
    Score,
    Votes,
    best_by_score,
    learned,
    majority,
    oracle,
    read,
    single,
    stopped,
    weighted,
)
from contemplate.analysis.records.replay import credit, leading
from contemplate.types import AnswerKind
from contemplate.voting.reliability import Estimate
from contemplate.voting.stopping import Beta, Dirichlet, Entropy, MajorityShare, Predictive, Random, SettledTest, Window
from contemplate.voting.weights import softmax

ORDERS = 20

Source = Literal["strings", "answers", "texts"]
"""What is compared: the recorded answers as strings, the recorded answers by our equality, or what we read from the raw texts."""

RULES: Mapping[str, SettledTest] = {
    "beta .95": Beta(),
    "predictive .95": Predictive(),
    "window 5": Window(),
    "dirichlet .95": Dirichlet(),
    "majority-share .8": MajorityShare(),
    "entropy .75": Entropy(),
    "random .1": Random(),
}


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a compressed JSON Lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


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


def reading_table(data: Path) -> Iterator[str]:
    """How well reading the raw texts agrees with the flags stored beside them."""
    yield "| record | replies | unreadable | agree with the stored flag |"
    yield "|---|---|---|---|"
    for name, questions in (("date_cot10", dates(data)), ("gsm8k_models", gsm8k(data)), ("math_rm8", maths(data))):
        flags = [sample["correct"] for record in lines(data / name / "records.jsonl.gz") for sample in record["samples"]]
        ours = [place in (votes.right or ()) for votes in questions for place in votes.classes]
        silent = sum(votes.classes.count(None) for votes in questions)
        agreed = sum(a == b for a, b in zip(ours, flags, strict=True))
        yield f"| {name} | {len(flags)} | {silent} | {100 * agreed / len(flags):.2f} % |"


def voting_table(data: Path) -> Iterator[str]:
    """One sample, votes of k, and any."""
    yield "| record | one sample | @3 | @5 | @10 | all, first-seen | all, fraction | any right |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, questions in every(data):
        n = len(questions[0].classes)
        cells = [percent(majority(questions, k)) if k <= n else "" for k in (3, 5, 10)]
        all_of = [percent(majority(questions, n)), percent(majority(questions, n, orders=1, ties="fraction"))]
        yield "| " + " | ".join([f"{name} ({n})", percent(single(questions)), *cells, *all_of, percent(oracle(questions))]) + " |"


def stopping_table(data: Path) -> Iterator[str]:
    """Every stop test: what it keeps of the accuracy, and what it saves."""
    yield "| record | stop test | right, % | samples a question | against beta |"
    yield "|---|---|---|---|---|"
    for name, questions in every(data)[:4]:
        base = stopped(questions, Beta(), orders=ORDERS)
        for label, test in list(RULES.items())[: 3 if "stored" in name else None]:
            score = stopped(questions, test, orders=ORDERS)
            saved = 100 * (score.samples / base.samples - 1)
            yield f"| {name} | {label} | {percent(score)} | {score.samples:.2f} ± {score.samples_error:.2f} | {saved:+.1f} % |"


def in_stored_order(questions: Sequence[Votes]) -> Score:
    """The vote of all samples as they stand, ties to the answer that stands first."""
    rights = [credit(votes, votes.classes, "first-seen") for votes in questions]
    return single(
        [Votes(votes.id, (0,), frozenset({0} if right else ())) for votes, right in zip(questions, rights, strict=True)]
    )


VARIANTS: Mapping[str, Predictive] = {
    "alpha 1, threshold .95": Predictive(),
    "alpha 0.3": Predictive(alpha=0.3),
    "alpha 0.5": Predictive(alpha=0.5),
    "alpha 2": Predictive(alpha=2),
    "threshold .90": Predictive(threshold=0.9),
    "threshold .97": Predictive(threshold=0.97),
}


def variants_table(data: Path) -> Iterator[str]:
    """What the parameters of `predictive` change: samples against the Beta rule, accuracy against the full vote."""
    records = (dates(data), gsm8k(data))
    bases = [(stopped(questions, Beta()), majority(questions, len(questions[0].classes))) for questions in records]
    yield "| `predictive` with | date_cot10: samples | accuracy | gsm8k_models: samples | accuracy |"
    yield "|---|---|---|---|---|"
    for label, test in VARIANTS.items():
        cells = []
        for questions, (beta, full) in zip(records, bases, strict=True):
            score = stopped(questions, test)
            cells += [f"{100 * (score.samples / beta.samples - 1):+.1f} %", f"{100 * (score.accuracy - full.accuracy):+.2f}"]
        yield "| " + " | ".join([label, *cells]) + " |"


def members(questions: Sequence[Votes]) -> dict[str, float]:
    """The share of questions that each member has right, abstentions among the wrong ones."""
    right: Counter[str] = Counter()
    for votes in questions:
        right.update(
            {str(member): place in (votes.right or ()) for member, place in zip(votes.members, votes.classes, strict=True)}
        )
    return {member: count / len(questions) for member, count in right.items()}


def learned_table(questions: Sequence[Votes], estimate: Estimate) -> Iterator[str]:
    """Each member: learned without gold answers, and as the gold answers say."""
    truth = members(questions)
    yield "| member | answered | learned accuracy | 95 % interval | weight | right of those answered | of all |"
    yield "|---|---|---|---|---|---|---|"
    for one in sorted(estimate.members, key=lambda one: -one.weight):
        real = 100 * truth[one.member]
        of_answered = real * len(questions) / one.answered
        interval = f"{100 * one.low:.1f} to {100 * one.high:.1f}"
        yield (
            f"| {one.member} | {one.answered} | {100 * one.accuracy:.1f} | {interval} | {one.weight:.2f} "
            f"| {of_answered:.1f} | {real:.1f} |"
        )


def debate_table(data: Path) -> Iterator[str]:
    """The vote before and after talking."""
    yield "| answers | which | questions | one answer | vote before | vote after | any | mended | spoiled | McNemar p |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    labels: dict[Source, str] = {
        "strings": "recorded, by string",
        "answers": "recorded, by meaning",
        "texts": "read from the texts",
    }
    for source, label in labels.items():
        for name, found in debate_subsets(data, source).items():
            cells = [f"{found[key]:.1f}" for key in ("one", "before", "after", "any")]
            counts = [f"{found[key]:.0f}" for key in ("mended", "spoiled")]
            yield "| " + " | ".join([label, name, f"{found['questions']:.0f}", *cells, *counts, f"{found['p']:.2g}"]) + " |"


def report(data: Path) -> Iterator[str]:
    """The whole of docs/recorded.md's tables."""
    yield from ("### Reading", "", *reading_table(data), "")
    yield from ("### Votes", "", *voting_table(data), "")
    yield from ("### Stop tests", "", *stopping_table(data), "", *variants_table(data), "")
    questions = gsm8k(data)
    score, estimate = learned(questions)
    plurality = majority(questions, len(questions[0].classes), orders=1, ties="fraction")
    yield from ("### Weights learned without gold answers (gsm8k_models)", "")
    best = f"{100 * max(members(questions).values()):.2f}"
    yield f"Plurality {percent(plurality)}, best single member {best}, learned {percent(score)}."
    yield from ("", *learned_table(questions, estimate), "")
    yield from (
        "### A reward model's scores (math_rm8)",
        "",
        "| answers | vote, in the stored order | best by score | softmax-weighted vote |",
    )
    yield "|---|---|---|---|"
    for name, questions in every(data)[4:]:
        cells = [in_stored_order(questions), best_by_score(questions), weighted(questions, lambda scores: softmax(scores, 1.0))]
        yield "| " + " | ".join([name, *map(percent, cells)]) + " |"
    yield from ("", "### Debate (math_debate)", "", *debate_table(data), "")
    yield from ("### Game of 24", "", "| | solved, % |", "|---|---|")
    yield from (f"| {name} | {value:.2f} |" for name, value in game24_figures(data).items())
    yield from ("", "### Importance of agents (mmlu_team4)", "", "| | |", "|---|---|")
    yield from (f"| {name} | {value} |" for name, value in dylan_record.figures(data).items())
    yield from ("", "### Verdicts that change with the order (judge_pairs)", "", "| judge | changed, % |", "|---|---|")
    yield from (f"| {judge} | {share:.0f} |" for judge, share in sorted(flips(data).items(), key=lambda item: item[1]))


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of the recorded replies")
    data: Path = parser.parse_args().data
    started = time.monotonic()
    for line in report(data):
        print(line)
    print(f"\n{time.monotonic() - started:.0f} seconds, no calls", file=sys.stderr)


if __name__ == "__main__":
    main()
