"""Recorded discussions and searches in the documented form of recorded samples; no calls.

::

    python tests/benchmarks/records.py --data ../shared/data --out records

writes, for `contemplate redecide`, what no mapping of fields reaches: the first and the last answers of the debates on record (of
all, and of those with three or four agents), and the 100 chains of each Game of 24.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import game24

SEVERAL = 3
"""So many agents on record, at least, make a whole debate."""


def debate(data: Path, turn: Literal["first", "last"], least: int = 1) -> Iterator[dict[str, Any]]:
    """math_debate: what each agent answered in its first or its last turn, of the debates with at least so many agents."""
    with gzip.open(data / "math_debate" / "records.jsonl.gz", "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            if len(record["agents"]) >= least:
                said = [turns[0 if turn == "first" else -1] for turns in record["agents"]]
                yield {
                    "id": record["id"],
                    "question": record["question"],
                    "kind": "math",
                    "gold": record["gold"],
                    "samples": [{"text": one["text"] or "", "answer": one["answer"]} for one in said],
                }


def chains(data: Path) -> Iterator[dict[str, Any]]:
    """game24: the expression of each chain, and whether it is 24; two are the same if they are the same characters."""
    folder = data / "game24"
    with (folder / "puzzles.csv").open(encoding="utf-8") as table:
        puzzles = [row["Puzzles"] for row in csv.DictReader(table)]
    for case in json.loads(gzip.decompress((folder / "cot_samples100.json.gz").read_bytes())):
        puzzle = puzzles[case["idx"]]
        found = [game24.expression(chain) or None for chain in case["ys"]]
        yield {
            "id": str(case["idx"]),
            "question": f"Make 24 of {puzzle}, each used once.",
            "samples": [{"answer": text, "right": text is not None and game24.solves(text, puzzle)} for text in found],
        }


def files(data: Path) -> dict[str, Iterator[dict[str, Any]]]:
    """The records of each file that is written, by its name."""
    return {
        "debate-first.jsonl": debate(data, "first"),
        "debate-last.jsonl": debate(data, "last"),
        "debate-several-first.jsonl": debate(data, "first", SEVERAL),
        "debate-several-last.jsonl": debate(data, "last", SEVERAL),
        "game24-chains.jsonl": chains(data),
    }


def write(data: Path, out: Path) -> list[Path]:
    """Write them all into a folder, which is made."""
    out.mkdir(parents=True, exist_ok=True)
    for name, records in files(data).items():
        with (out / name).open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)
    return [out / name for name in files(data)]


def main() -> None:
    """Write the files, and say which."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of the recorded replies")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write to")
    typed = parser.parse_args()
    for path in write(typed.data, typed.out):
        print(path)


if __name__ == "__main__":
    main()
