"""What fails, and budgets: listed, counted as the plan says, refused before it begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from comparisons import ONCE, Agents, compared, questions
from contemplate import Request
from contemplate.errors import InputError, UnreachableError
from contemplate.experiments import compare


async def test_failures_are_listed_and_count_as_the_plan_says(tmp_path: Path) -> None:
    """A question on which every call failed: wrong, or left out for all; listed either way, and done again on request."""
    questions(tmp_path)
    agents = Agents(right=1.0, fails="What is 3 + 3?")
    wrong = await compared(tmp_path, agents, ["single"], baselines=[])
    out = await compared(tmp_path, Agents(), ["single"], baselines=[], failed="left-out")
    mended = await compared(tmp_path, Agents(right=1.0), ["single"], baselines=[], retry_failed=True)

    assert (wrong.standings[0].n, wrong.standings[0].failed) == (12, 1)
    assert wrong.standings[0].accuracy.value == pytest.approx(11 / 12)
    assert [(one.question, one.strategy) for one in wrong.failures] == [("q3", "single")]
    assert (out.standings[0].n, out.left_out, len(out.failures)) == (11, 1, 1)
    assert (mended.standings[0].accuracy.value, mended.retried, mended.failures) == (1.0, 1, ())
    assert [row.question for row in mended.rows if row.retried] == ["q3"]


async def test_a_server_that_is_gone(tmp_path: Path) -> None:
    """Every cell fails, and the comparison says so instead of making figures up."""
    questions(tmp_path, 3)

    class Gone(Agents):
        def answer(self, request: Request) -> str:  # noqa: ARG002 - as a script is called
            raise UnreachableError("nobody there")

    found = await compared(tmp_path, Gone(), ["single"], baselines=[])

    assert all(one.why for one in found.failures)
    assert len(found.failures) == 3
    assert found.standings[0].accuracy.value == 0


async def test_abstentions_are_not_failures(tmp_path: Path) -> None:
    """A tie that nobody breaks: wrong, and in the rate of abstentions."""
    questions(tmp_path, 4)

    class Split(Agents):
        def answer(self, request: Request) -> str:
            return f"Answer: {request.draw}"

    vote = {"use": "self-consistency", "set": {"seats": 2, "ties": "none"}}
    found = (await compared(tmp_path, Split(), [vote], baselines=[])).standings[0]

    assert (found.abstained.value, found.failed, found.accuracy.value) == (1.0, 0, 0.0)


async def test_a_grader_that_raises_fails_its_question(tmp_path: Path) -> None:
    """And the comparison goes on."""
    path = questions(tmp_path, 4)
    (tmp_path / "grade.py").write_text(
        "def strict(question, answer, value):\n    if '3 + 3' in question.text:\n        raise ValueError\n    return True\n"
    )
    source = {"source": str(path), "grader": f"{tmp_path / 'grade.py'}:strict"}
    plan = {"strategies": ["single"], "models": "m", "questions": source, "baselines": []}
    found = await compare(plan, backend=Agents(), ledger=":memory:", settings=ONCE)

    assert [one.question for one in found.failures] == ["q3"]
    assert found.standings[0].accuracy.value == pytest.approx(3 / 4)


async def test_a_plan_over_its_budget_is_refused(tmp_path: Path) -> None:
    """With the estimate, before the first call."""
    questions(tmp_path)
    agents = Agents()
    with pytest.raises(
        InputError, match=r"budget: calls: the plan takes about 72 to 72, and the budget is 70; .*nothing was called"
    ):
        await compared(tmp_path, agents, ["multiagent-debate"], baselines=[], budget={"calls": 70})

    assert agents.asked == []


async def test_a_budget_is_never_passed(tmp_path: Path) -> None:
    """What the estimate could not know: calls that run out are failures of their cells, and counted over all starts."""
    questions(tmp_path)
    agents = Agents(right=0.2)
    found = await compared(tmp_path, agents, ["contemplating"], baselines=[], budget={"calls": 70})
    more = Agents(right=0.2)
    await compared(tmp_path, more, ["contemplating"], baselines=[], budget={"calls": 70})

    assert len(agents.asked) <= 70
    assert found.standings[0].failed > 0
    assert more.asked == []


async def test_voters_that_are_learned_are_refused(tmp_path: Path) -> None:
    """What the ledger teaches changes while an experiment fills it."""
    questions(tmp_path, 3)
    recipe = tmp_path / "ours.yaml"
    steps = "  - {do: propose, agent: proposer, seats: 2}\n  - {do: vote, rule: weighted, voters: learned}\n"
    recipe.write_text(f"summary: Learned.\nquorum: 1\nsteps:\n{steps}", encoding="utf-8")

    with pytest.raises(InputError, match=r"strategy ours: 'voters: learned' and .* go by .* contemplate redecide --weights"):
        await compared(tmp_path, Agents(), [{"use": str(recipe), "name": "ours"}])
