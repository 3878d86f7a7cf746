"""The recorded replies whose right answer is known, as questions and texts. Nothing but `contemplate.types` is needed."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from contemplate.types import AnswerKind, Question

_OPTION = re.compile(r"\(([A-R])\) ?")
_LETTER = re.compile(r"[A-R]")

CHAINS: Mapping[str, AnswerKind] = {
    **dict.fromkeys(("GSM8K", "AddSub", "MultiArith", "SVAMP", "SingleEq"), "number"),
    **dict.fromkeys(("AQuA", "CSQA"), "choice"),
    "StrategyQA": "boolean",
}
TASKS: Mapping[str, AnswerKind] = {
    **dict.fromkeys(("boolean_expressions", "causal_judgement", "navigate", "web_of_lies"), "boolean"),
    **dict.fromkeys(("date_understanding", "logical_deduction_five_objects"), "choice"),
    "tracking_shuffled_objects_three_objects": "choice",
    "object_counting": "number",
}
TRACES: Mapping[str, AnswerKind] = {
    "logical_deduction": "choice",
    "multistep_arithmetic": "number",
    "tracking_shuffled_objects": "choice",
}


class Reply(NamedTuple):
    """A recorded reply, or a worked solution."""

    question: Question
    """With its gold answer."""
    text: str
    flag: bool | None = None
    """Whether it is right, as far as that is stored beside it."""


Replies = Iterator[Reply]


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a JSON Lines file, compressed or not."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def samples(data: Path, name: str, kind: AnswerKind) -> Replies:
    """The samples of a record."""
    for record in lines(data / name / "records.jsonl.gz"):
        question = Question(text=record["question"], kind=kind, gold=str(record["gold"]))
        yield from (Reply(question, sample["text"], sample["correct"]) for sample in record["samples"])


def debates(data: Path) -> Replies:
    """Every turn of every agent of math_debate."""
    for record in lines(data / "math_debate" / "records.jsonl.gz"):
        question = Question(text=record["question"], kind="math", gold=record["gold"])
        yield from (Reply(question, turn["text"] or "") for said in record["agents"] for turn in said)


def systems(data: Path) -> Replies:
    """What the four systems recorded beside GSM8K wrote."""
    for record in lines(data / "gsm8k" / "example_model_solutions.jsonl.gz"):
        gold = record["ground_truth"].rpartition("A:")[2].strip()
        question = Question(text=record["question"], kind="number", gold=gold)
        written = [value for value in record.values() if isinstance(value, dict)]
        yield from (Reply(question, one["solution"], one["is_correct"]) for one in written)


def chains(data: Path, *names: str) -> Replies:
    """The chains of files of eot_init3."""
    for name in names:
        for record in lines(data / "eot_init3" / f"{name}.jsonl"):
            question = asked(record["question"], CHAINS[name], record["answer"])
            yield from (Reply(question, text) for text in record["response_list"])


def tasks(data: Path, *names: str, direct: bool = False) -> Replies:
    """The worked replies to tasks of BIG-Bench Hard; the direct ones too, if so said."""
    for name in names:
        for record in lines(data / "bbh" / f"{name}.jsonl.gz"):
            question = asked(record["input"], TASKS[name], record["target"])
            yield Reply(question, record["codex_cot"])
            if direct:
                yield Reply(question, record["codex_direct"])


def traces(data: Path, name: str) -> Replies:
    """The chains of a file of cot_mistakes."""
    for record in lines(data / "cot_mistakes" / f"{name}.jsonl"):
        question = asked(record["input"], TRACES[name], record["target"])
        yield Reply(question, "\n".join(record["steps"]), (record["answer"] or "").strip() == record["target"].strip())


def solutions(data: Path) -> Iterator[tuple[str, Replies]]:
    """The worked solutions that stand beside gold answers."""
    yield "gsm8k, solutions", map(_solved_number, lines(data / "gsm8k" / "test.jsonl"))
    yield "math500, solutions", map(_solved_expression, lines(data / "math500" / "test.jsonl"))
    yield "aqua, rationales", map(_reasoned_choice, lines(data / "aqua" / "test.json"))


def _solved_number(row: dict[str, Any]) -> Reply:
    return Reply(asked(row["question"], "number", row["answer"].rpartition("####")[2]), row["answer"], flag=True)


def _solved_expression(row: dict[str, Any]) -> Reply:
    return Reply(Question(text=row["problem"], kind="math", gold=row["answer"]), row["solution"], flag=True)


def _reasoned_choice(row: dict[str, Any]) -> Reply:
    choices = tuple(option[2:].strip() for option in row["options"])
    return Reply(Question(text=row["question"], kind="choice", choices=choices, gold=row["correct"]), row["rationale"], flag=True)


def asked(text: str, kind: AnswerKind, gold: str) -> Question:
    """The question of a text, whose options stand at its end where it is one of choice."""
    if kind != "choice":
        return Question(text=text, kind=kind, gold=gold.strip())
    stem, *rest = _OPTION.split(text)
    letter = _LETTER.search(gold)
    return Question(
        text=stem.strip(), kind=kind, choices=tuple(option.strip() for option in rest[1::2]), gold=letter[0] if letter else gold
    )


def sets(data: Path) -> Iterator[tuple[str, Replies]]:
    """Every recorded set, by name."""
    yield "gsm8k_models", samples(data, "gsm8k_models", "number")
    yield "gsm8k, four systems", systems(data)
    yield "math_rm8", samples(data, "math_rm8", "math")
    yield "math_debate", debates(data)
    yield "date_cot10", samples(data, "date_cot10", "date")
    yield from ((f"eot_init3, {name}", chains(data, name)) for name in CHAINS)
    yield from ((f"bbh, {name}", tasks(data, name, direct=True)) for name in TASKS)
    yield from ((f"cot_mistakes, {name}", traces(data, name)) for name in TRACES)
    yield from solutions(data)
