"""What it costs to take the first, the last or none of several statements that differ, on recorded replies; no calls.

::

    python tests/benchmarks/statements.py --data ../shared/data

prints the table of docs/answers.md. Only replies that state two answers or more, which differ, are counted; all others are
the same under each rule.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from contemplate.answers import KINDS, is_right
from contemplate.answers.reading import visible
from contemplate.answers.statement import statements
from contemplate.types import Answer, Question
from replies import Replies, chains, debates, samples, tasks


def sets(data: Path) -> Iterator[tuple[str, Replies]]:
    """The recorded sets whose replies state answers."""
    yield "gsm8k_models", samples(data, "gsm8k_models", "number")
    yield "math_rm8", samples(data, "math_rm8", "math")
    yield "date_cot10", samples(data, "date_cot10", "date")
    yield "math_debate", debates(data)
    yield "eot_init3, numbers", chains(data, "GSM8K", "AddSub", "MultiArith", "SVAMP", "SingleEq")
    yield "eot_init3, yes or no", chains(data, "StrategyQA")
    yield "bbh, yes or no", tasks(data, "navigate", "web_of_lies", "causal_judgement", "boolean_expressions")
    yield "bbh, counting", tasks(data, "object_counting")


def stated(question: Question, reply: str) -> list[Answer]:
    """The answers that a reply states, the one that counts last at the end: of lines if there are any, else of sentences."""
    kind = KINDS[question.kind]
    said = statements(visible(reply), kind.span)
    said = [one for one in said if one.worth == "line"] or [one for one in said if one.worth == "sentence"]
    readings = [found for one in reversed(said) if (found := kind.read(one.text, question))]
    return [Answer(kind=kind.name, text=found.text, value=found.value, how="stated") for found in readings if found.value]


def table(data: Path) -> Iterator[str]:
    """For each set how many replies state answers that differ, and how many of those each rule has right."""
    yield "| record | replies | that differ | first right | last right | neither |"
    yield "|---|---|---|---|---|---|"
    for name, replies in sets(data):
        count: Counter[str] = Counter()
        for question, reply, _ in replies:
            count["all"] += 1
            answers = stated(question, reply)
            if len({answer.value for answer in answers}) > 1:
                first, last = is_right(answers[0], question), is_right(answers[-1], question)
                count.update({"differ": 1, "first": first, "last": last, "neither": not (first or last)})
        yield f"| `{name}` | {count['all']:,} | {count['differ']} | {count['first']} | {count['last']} | {count['neither']} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of the recorded replies")
    for line in table(parser.parse_args().data):
        print(line)


if __name__ == "__main__":
    main()
