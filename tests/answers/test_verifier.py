"""The second opinion of math-verify, in processes of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
import pytest_asyncio

from builders import counted
from contemplate.answers import Verifier, classes, equate, read
from contemplate.answers.equality import comparable
from contemplate.types import Answer, Merge, Question

pytest.importorskip("math_verify")

SOLVE = Question(text="Solve it.", kind="math")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened() -> AsyncIterator[Verifier]:
    """One verifier for all the tests that only ask."""
    async with Verifier() as opinion:
        yield opinion


def answers(*expressions: str) -> list[Answer]:
    """The answers of replies that state these expressions."""
    found = [read(f"Answer: ${expression}$", SOLVE) for expression in expressions]
    assert None not in found
    return [answer for answer in found if answer is not None]


def children() -> set[str]:
    """The processes that this one has started and that still run."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split())


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\sin(2x)", r"2\sin x\cos x"),
        (r"\frac{1}{1+\sqrt2}", r"\sqrt{2}-1"),
        ("(x+1)^2/(x+1)", "x+1"),
        (r"\sqrt[3]{16}", r"2\sqrt[3]{2}"),
        ("10!", "3628800"),
        ("x^2+y^2=4", "y^2+x^2=4"),
        (r"\{\frac{1}{\sqrt2+1}, 3\}", r"\{3, \sqrt2-1\}"),
        (r"0.5x+\sin x", r"x/2+\sin x"),
        (r"\begin{pmatrix}1\\2\end{pmatrix}", r"\begin{pmatrix} 1 \\ 2 \\ \end{pmatrix}"),
    ],
)
async def test_equal_expressions(one: str, other: str, opened: Verifier) -> None:
    """What the canonical forms can't tell is found equal, and merged with that reason."""
    both = answers(one, other)
    judged = await equate(both, SOLVE, opened)

    assert judged == [frozenset(answer.value for answer in both)]
    assert classes(both) == ([0, 1], [])
    assert classes(both, judged) == ([0, 0], [Merge(answer=both[1].text, into=both[0].text, reason="equal by math-verify")])


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"50\%", "50"),
        ("0.333333", "1/3"),
        (r"0.333333x+\sin x", r"x/3+\sin x"),
        (r"\sqrt{2}", "1.41421356237309504880168872"),
        (r"\pi", "3.14159"),
        (r"\{1,2\}", "(1,2)"),
        (r"(\sin 1, 2)", r"\{\sin 1, 2\}"),
        ("1, 2", "(1,2)"),
        ("(1,2)", "(2,1)"),
        ("(0,1)", "[0,1)"),
        ("1011_2", "1011"),
        ("1:2", "1/2"),
        ("a", "A"),
        ("even", "neve"),
        ("x^2+y^2=4", "x^2+y^2=5"),
        ("a+b=22", "22"),
        (r"\sin x", r"\cos x"),
    ],
)
async def test_other_expressions(one: str, other: str, opened: Verifier) -> None:
    """Where math-verify is too generous, the exact forms keep the last word."""
    assert await equate(answers(one, other), SOLVE, opened) == []


async def test_other_kinds_are_not_asked_about() -> None:
    """Numbers and texts start no process."""
    before = children() if sys.platform == "linux" else set()
    number = Question(text="How many?", kind="number")
    found = [answer for text in ("Answer: 1", "Answer: 2") if (answer := read(text, number))]

    assert await equate(found, number) == []
    assert before == (children() if sys.platform == "linux" else set())


async def test_what_takes_too_long_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hard limit: the pair stays different, and the next one is answered all the same."""
    async with Verifier(workers=1, seconds=60) as opinion:
        assert await opinion.equal("1+1", "2")
        with monkeypatch.context() as patch, anyio.fail_after(60):
            patch.setattr(opinion, "_seconds", 1)
            assert not await opinion.equal(r"\int_0^1 \sin(\cos(x^{x^{x}})) e^{\tan(x^x)} dx", r"\prod_{n=1}^{99999999} \sin(n)")
        assert await opinion.equal("2+2", "4")


@pytest.mark.skipif(sys.platform != "linux", reason="counts processes in /proc")
async def test_no_process_outlives_the_block() -> None:
    """Workers end with the block, also if it is left by an error or a cancellation in the middle of a comparison."""
    before = children()
    async with Verifier() as opinion:
        assert await opinion.equal("1+1", "2")
        assert len(children() - before) == 1
    assert before == children()

    async with Verifier() as opinion:
        with anyio.move_on_after(0.2):
            await opinion.equal("3+1", "4")
    assert before == children()


async def test_nothing_that_a_model_wrote_is_run(tmp_path: Path) -> None:
    """Code in an expression stays text."""
    sentinel = tmp_path / "sentinel"
    code = f"__import__('os').system('touch {sentinel}')"
    async with Verifier(seconds=2) as opinion:
        for text in (
            code,
            f"\\text{{{code}}}",
            f"\\operatorname{{exec}}({code})",
            "10**10**10",
            "\ud800\x00}{",
            "\n\n[",
            "$" * 50,
        ):
            await opinion.equal(text, "1")
            await opinion.equal(text, text)

    assert not sentinel.exists()


async def test_a_pair_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found out is kept, whichever way round it is asked."""
    async with Verifier() as opinion:
        asked = counted(opinion, "_ask", monkeypatch)
        assert await opinion.equal("1+1", "2")
        assert await opinion.equal("2", "1+1")

    assert len(asked) == 1


async def test_without_math_verify_the_exact_form_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A worker that can't import it says so, and everything stays as the canonical forms have it."""
    (tmp_path / "math_verify.py").write_text("raise ImportError('not installed')", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))

    assert await equate(answers(r"\sin(2x)", r"2\sin x\cos x"), SOLVE) == []


@pytest.mark.parametrize("text", ["9^{9^{9^{9}}}", "2^{123456}", "x" * 401, "99999!"])
def test_what_would_take_for_ever_is_not_asked(text: str) -> None:
    """Towers of powers and endless expressions do not reach a worker."""
    assert not comparable("a", "b", text, "x+1")
