"""How often answers of kind `math` come out as Math-Verify's own tests expect; no calls.

::

    pip download --no-binary :all: --no-deps math-verify
    tar xzf math_verify-*.tar.gz
    python tests/benchmarks/math_verify_cases.py math_verify-*/tests

reads the cases (a gold answer, a prediction, and whether they are the same) out of the tests of that package, whose code is
not run, and prints the share that comes out as expected and every disagreement: by the canonical forms alone, and, where the
extra `math` is installed, with `equate`. A case that sets an option of theirs, or computes its texts, is left out.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from contemplate.answers import Verifier, classes, equate, read, read_statement
from contemplate.types import Answer, Question

QUESTION = Question(text="?", kind="math")
LONGEST_GOLD = 200
"""A longer gold answer, or one with a box, is a worked reply, and read as one."""
OPTIONS = {"strict": True, "allow_set_relation_comp": False}
"""What their tests set, with the value that it has where it is not set."""


class Case(NamedTuple):
    """A case of theirs, and the test it stands in."""

    test: str
    gold: str
    prediction: str
    same: bool


def rows(path: Path) -> Iterator[tuple[str, list[str], ast.expr]]:
    """The rows of all parametrised tests of a file: the test's name, the names of the columns, and the row."""
    for function in ast.parse(path.read_text(encoding="utf-8")).body:
        for mark in function.decorator_list if isinstance(function, ast.FunctionDef) else []:
            match mark:
                case ast.Call(
                    func=ast.Attribute(attr="parametrize"), args=[ast.Constant(value=str(names)), ast.List(elts=listed)]
                ):
                    columns = [name.strip() for name in names.split(",")]
                    yield from ((f"{path.stem}.{function.name}", columns, row) for row in listed)
                case _:
                    pass


def cases(folder: Path) -> tuple[list[Case], int]:
    """The cases of all files of a folder, and how many are left out."""
    found, left_out = list[Case](), 0
    for path in sorted(folder.glob("test_*.py")):
        for test, columns, row in rows(path):
            if not {"gold", "pred"} <= set(columns):
                continue
            try:
                values = dict(zip(columns, ast.literal_eval(row), strict=True))
            except ValueError:
                left_out += 1
                continue
            if any(values.get(name, usual) != usual for name, usual in OPTIONS.items()):
                left_out += 1
                continue
            expected = values.get("expected", values.get("result"))
            found.append(Case(test, values["gold"], values["pred"], bool(expected)))
    return found, left_out


def gold_of(text: str) -> Answer | None:
    """The gold answer that a text is, or comes to."""
    worked = len(text) > LONGEST_GOLD or "\\boxed" in text or "\n" in text
    return read(text, QUESTION) if worked else read_statement(text, QUESTION)


async def verdicts(case: Case, verifier: Verifier | None) -> tuple[Answer | None, Answer | None, bool, bool]:
    """What is read from a case, and whether it is the same: by the canonical forms, and with the second opinion."""
    gold, answer = gold_of(case.gold), read(case.prediction, QUESTION)
    if gold is None or answer is None:
        return gold, answer, False, False
    judged = await equate([gold, answer], QUESTION, verifier) if verifier else ()
    alone, both = (len(set(classes([gold, answer], pairs)[0])) == 1 for pairs in ((), judged))
    return gold, answer, alone, both


def shown(text: str, answer: Answer | None) -> str:
    """The end of a text on one line, and what is read from it."""
    return f"{' '.join(text[-70:].split())!r} -> {answer.value[:60] if answer else None!r}"


async def compare(found: list[Case], verifier: Verifier | None) -> tuple[int, int]:
    """Print each disagreement, and how many there are in each test; return how many cases come out as expected, both ways."""
    alike = together = 0
    by_test: Counter[str] = Counter()
    for case in found:
        gold, answer, alone, both = await verdicts(case, verifier)
        alike += alone == case.same
        together += both == case.same
        if both != case.same:
            by_test[f"{case.test}: {'the same' if case.same else 'different'} there"] += 1
            print(f"{case.test} {case.same:d}: gold {shown(case.gold, gold)}; prediction {shown(case.prediction, answer)}")
    print()
    for name, count in by_test.most_common():
        print(f"{count:3} {name}")
    return alike, together


async def run(folder: Path) -> None:
    """Print the shares and the disagreements."""
    found, left_out = cases(folder)
    async with Verifier() as verifier:
        alike, together = await compare(found, verifier if find_spec("latex2sympy2_extended") else None)
    print(f"\n{len(found)} cases, {left_out} left out")
    print(f"canonical forms alone: {alike} as expected, {alike / len(found):.1%}")
    print(f"with equate: {together} as expected, {together / len(found):.1%}")


def main() -> None:
    """Compare with the tests in the folder that is given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="the folder `tests` of math-verify's source package")
    asyncio.run(run(parser.parse_args().folder))


if __name__ == "__main__":
    main()
