"""Stopping early against a fixed number of samples, on recorded replies: samples saved, and what it costs in accuracy; no calls.

    python tests/benchmarks/stopping.py --data ../shared/data

Records hold 8 to 12 samples a question, and the usual fixed number is 40. So there are two tables: each record as it is, drawn
without replacement up to its end; and 40 samples a question, drawn from the recorded ones with replacement, which stands for a
model that answers this or that as often as it did on record. Both ways see the same draws; ties go to the answer seen first.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from contemplate.analysis.records import Votes, majority, stopped
from contemplate.seeds import rng
from contemplate.voting.stopping import Beta, Predictive, SettledTest
from printed import Rows, tell
from recorded_figures import dates, gsm8k, maths

FIXED = 40
TESTS: dict[str, SettledTest] = {"beta(0.95)": Beta(), "predictive(0.95)": Predictive()}
RECORDS = {"date_cot10": dates, "math_rm8": maths, "gsm8k_models": gsm8k}


def drawn(votes: Votes, count: int, seed: int) -> Votes:
    """So many samples of a question, drawn from the recorded ones with replacement."""
    classes = rng(seed, "with replacement", votes.id).choices(votes.classes, k=count)
    return Votes(votes.id, tuple(classes), votes.right)


def beside(questions: Sequence[Votes], orders: int) -> dict[str, dict[str, float | str]]:
    """Each stop test beside all samples."""
    count = len(questions[0].classes)
    full = majority(questions, count, orders=orders)
    rows: dict[str, dict[str, float | str]] = {}
    for name, test in TESTS.items():
        score = stopped(questions, test, orders=orders)
        rows[name] = {
            "questions": len(questions),
            "fixed": count,
            "samples": score.samples,
            "fewer": 100 * (1 - score.samples / count),
            "right, fixed": 100 * full.accuracy,
            "right": 100 * score.accuracy,
            "points": 100 * (score.accuracy - full.accuracy),
        }
    return rows


def measured(data: Path, orders: int, seed: int) -> Rows:
    """Both tables, in one; why not, where the records are not there."""
    rows: Rows = {}
    for record, read in RECORDS.items():
        if not (data / record).is_dir():
            rows[record] = {"failed": "the recorded replies are not there (`--data`)"}
            continue
        questions = read(data)
        again = [drawn(votes, FIXED, seed) for votes in questions]
        for how, of in ((f"{record}, as recorded", questions), (f"{record}, {FIXED} drawn", again)):
            rows |= {f"{how}, {test}": row for test, row in beside(of, orders).items()}
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, default=Path(__file__).parents[3] / "shared" / "data", help="of the recorded replies"
    )
    parser.add_argument("--orders", type=int, default=20, help="random orders of the samples that are averaged")
    parser.add_argument("--seed", type=int, default=0, help="of draws with replacement")
    tell(parser, lambda given: measured(given.data, given.orders, given.seed))
