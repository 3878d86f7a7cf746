"""Panels in Inspect's tasks, our runs as its logs, its tasks as our question sets."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest

import contemplate.inspect
from contemplate import Orchestrator, Question, ScriptedBackend, compare
from contemplate.errors import InputError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::UserWarning"),
]

PANEL = {"parameters": {"seats": 2}}


def mock(reply: str = "Answer: 4") -> Any:
    """A model of Inspect's that says `reply`, for ever, and what that took: else Inspect counts, with a file that it fetches."""
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    def said(*_: Any) -> Any:
        usage = ModelUsage(input_tokens=20, output_tokens=3, total_tokens=23)
        return ModelOutput.from_content("mockllm/model", reply).model_copy(update={"usage": usage})

    return get_model("mockllm/model", custom_outputs=said, memoize=False)


def sums() -> Any:
    """Two samples, of which 4 answers the first."""
    from inspect_ai.dataset import Sample

    return [Sample(input="2 + 2?", target="4", id="first"), Sample(input="2 + 3?", target="5", id="second")]


def evaluated(task: Any, folder: Path, model: Any, **options: Any) -> Any:
    """The log of a task, read back from its file."""
    from inspect_ai import eval as evaluate
    from inspect_ai.log import read_eval_log

    (log,) = evaluate(task, model=model, log_dir=str(folder), display="none", **options)
    return read_eval_log(log.location)


def test_a_panel_solves_a_task(tmp_path: Path) -> None:
    """Each call of a seat is an event of Inspect's own, its usage is counted there, and the scorer reads the answer."""
    from inspect_ai import Task
    from inspect_ai.scorer import match

    solver = contemplate.inspect.solver("self-consistency", answer="number", **PANEL)
    log = evaluated(Task(dataset=sums(), solver=solver, scorer=match()), tmp_path, mock(), epochs=2)

    assert log.status == "success"
    assert log.results.scores[0].metrics["accuracy"].value == 0.5
    assert log.plan.steps[0].solver == "contemplate"
    sample = next(one for one in log.samples if one.id == "first")
    assert sample.metadata["contemplate"]["confidence"] > 0.5
    assert [2] * 4 == [sum(event.event == "model" for event in one.events) for one in log.samples]
    assert len({event.config.seed for one in log.samples for event in one.events if event.event == "model"}) > 2
    assert log.stats.model_usage["mockllm/model"].total_tokens > 0


def test_choices_are_marked(tmp_path: Path) -> None:
    """So that Inspect's own scorer for them works."""
    from inspect_ai import Task
    from inspect_ai.dataset import Sample
    from inspect_ai.scorer import choice

    samples = [Sample(input="Capital of France?", choices=["Rome", "Paris"], target=target) for target in "BA"]
    task = Task(dataset=samples, solver=contemplate.inspect.solver("self-consistency", **PANEL), scorer=choice())
    log = evaluated(task, tmp_path, mock("Answer: B"))

    assert ["C", "I"] == [sample.scores["choice"].value for sample in log.samples]
    assert {"ANSWER: B"} == {sample.output.completion for sample in log.samples}


def test_a_limit_of_inspects_ends_the_sample(tmp_path: Path) -> None:
    """It is not lost as one seat's failure."""
    from inspect_ai import Task
    from inspect_ai.scorer import match

    task = Task(dataset=sums(), solver=contemplate.inspect.solver("self-consistency", answer="number", **PANEL), scorer=match())
    log = evaluated(task, tmp_path, mock(), token_limit=1)

    assert {"token"} == {sample.limit.type for sample in log.samples}


def test_a_panel_of_our_own_models(tmp_path: Path) -> None:
    """Asked past Inspect's, on the ledger that one names."""
    from inspect_ai import Task
    from inspect_ai.scorer import match

    backend = ScriptedBackend(lambda _: "Answer: 4")
    solver = contemplate.inspect.solver(
        "self-consistency", answer="number", through_inspect=False, models="m", backend=backend, ledger=":memory:", **PANEL
    )
    log = evaluated(Task(dataset=sums(), solver=solver, scorer=match()), tmp_path, mock())

    assert log.results.scores[0].metrics["accuracy"].value == 0.5
    assert {request.model for request in backend.requests} == {"m"}


def test_a_panel_is_an_agent(tmp_path: Path) -> None:
    """In a task, or run by itself."""
    from inspect_ai import Task
    from inspect_ai.scorer import match

    agent = contemplate.inspect.agent("self-consistency", answer="number", **PANEL)
    log = evaluated(Task(dataset=sums(), solver=agent, scorer=match()), tmp_path, mock())

    assert log.results.scores[0].metrics["accuracy"].value == 0.5


async def test_our_runs_are_logs(tmp_path: Path) -> None:
    """With calls, scores and facts; Inspect's command and its viewer read them."""
    from inspect_ai._view.common import get_log_file
    from inspect_ai.log import read_eval_log_async

    async with Orchestrator(["m"], backend=ScriptedBackend(lambda _: "Answer: 4"), ledger=":memory:") as orchestrator:
        asked = [Question(text=f"2 + {n}?", kind="number", gold=str(n + 2), id=f"q{n}") for n in (2, 3)]
        outcomes = [await orchestrator.solve(one, "multiagent-debate", parameters={"seats": 2}) for one in asked]
        runs = [outcome.run for outcome in outcomes]
        path = await contemplate.inspect.write_log(orchestrator, runs, tmp_path / "runs.eval")
        again = await contemplate.inspect.write_log(orchestrator, runs, tmp_path / "again.json", scores={runs[1]: 0.5})
        with pytest.raises(InputError, match=r"\.eval or \.json"):
            await contemplate.inspect.write_log(orchestrator, runs, tmp_path / "runs.csv")

    log = await read_eval_log_async(str(path))
    assert [1.0, 0.0] == [sample.scores["contemplate"].value for sample in log.samples]
    assert log.results.scores[0].metrics["mean"].value == 0.5
    events = [event for event in log.samples[0].events if event.event == "model"]
    assert len(events) == outcomes[0].usage.calls
    assert all(event.output.completion == "Answer: 4" and event.input[-1].role == "user" for event in events)
    assert log.samples[0].metadata["run"] == runs[0]
    other = await read_eval_log_async(str(again))
    assert [None, 0.5] == [one.scores and one.scores["contemplate"].value for one in other.samples]
    assert await get_log_file(str(path), None)
    command = [sys.executable, "-m", "inspect_ai", "log", "dump", str(path)]
    dumped = json.loads((await anyio.run_process(command)).stdout)
    assert ["q2", "q3"] == [sample["id"] for sample in dumped["samples"]]


TASKS = """
from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import includes

@task
def sums(most: int = 2):
    samples = [Sample(input=f"2 + {n}?", target=str(n + 2)) for n in range(2, 2 + most)]
    return Task(dataset=MemoryDataset(samples), scorer=includes())

def colours():
    return MemoryDataset([Sample(input="Which is warm?", choices=["blue", "red"], target="B", id="warm")])
"""


async def test_tasks_stand_in_a_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task's scorer grades; a data set is graded by its targets."""
    (tmp_path / "tasks.py").write_text(TASKS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    plan = {
        "strategies": ["self-consistency:seats=2"],
        "questions": [{"source": "inspect:tasks.py:sums?most=3", "kind": "number"}, "inspect:tasks.py:colours"],
        "baselines": [],
    }
    backend = ScriptedBackend(lambda request: "Answer: B" if "warm" in request.messages[-1].text else "Answer: 4")
    comparison = await compare({**plan, "models": ["m"]}, backend=backend, ledger=":memory:")

    right = {row.question: row.score for row in comparison.rows}
    assert {"1": 1.0, "2": 0.0, "3": 0.0, "warm": 1.0} == right


def test_what_is_no_task_is_said() -> None:
    """In one line."""
    with pytest.raises(InputError, match="a Task, a Dataset or a list of Samples"):
        contemplate.inspect.questions(["2 + 2?"])
    assert [one.text for one in contemplate.inspect.questions(sums(), "number")] == ["2 + 2?", "2 + 3?"]
