"""The published figures that recorded replies allow to check, through our own reading, voting and stopping code; no calls.

::

    python tests/benchmarks/recorded.py --data ../shared/data

prints the tables of docs/recorded.md. The tests in tests/analysis/records take their figures from recorded_figures.py too.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import dylan_record
import judge_panels
from contemplate.analysis.records import (
    Votes,
    best_by_score,
    learned,
    majority,
    oracle,
    single,
    stopped,
    weighted,
)
from contemplate.voting.reliability import Estimate
from contemplate.voting.stopping import Beta, Dirichlet, Entropy, MajorityShare, Predictive, Random, SettledTest, Window
from contemplate.voting.weights import softmax
from recorded_figures import (
    Source,
    dates,
    debate_subsets,
    every,
    flips,
    game24_figures,
    gsm8k,
    in_stored_order,
    maths,
    members,
    percent,
)
from replies import lines

ORDERS = 20

RULES: Mapping[str, SettledTest] = {
    "beta .95": Beta(),
    "predictive .95": Predictive(),
    "window 5": Window(),
    "dirichlet .95": Dirichlet(),
    "majority-share .8": MajorityShare(),
    "entropy .75": Entropy(),
    "random .1": Random(),
}


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
    yield from ("", "### Judges weighed without gold answers (judge_pairs)", "", *judge_panels.table(data))


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
