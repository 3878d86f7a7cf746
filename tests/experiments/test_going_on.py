"""What was paid for is paid for once: shared samples, experiments that go on, and folders of others."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import anyio
import pytest

from comparisons import ONCE, Agents, compared, questions
from contemplate import Orchestrator
from contemplate.errors import InputError
from contemplate.experiments import Progress
from contemplate.orchestration.run_spec import RunSpec
from contemplate.voting.witnesses import NOTHING


async def test_samples_are_shared(tmp_path: Path) -> None:
    """The first five of eight samples are those of self-consistency over five, and paid for once; `single` is the first one."""
    questions(tmp_path)
    agents = Agents()
    eight = {"use": "self-consistency", "set": {"seats": 8}}
    found = await compared(tmp_path, agents, ["single", "self-consistency", eight], baselines=[])

    assert len(agents.asked) == 12 * 8
    assert [one.calls.total for one in found.standings] == [12, 60, 96]


async def test_the_baselines_stand_beside(tmp_path: Path) -> None:
    """`single`, and self-consistency at the mean number of calls of each strategy; both can be switched off."""
    questions(tmp_path)
    found = await compared(tmp_path, Agents(), ["multiagent-debate"])
    bare = await compared(tmp_path, Agents(), ["multiagent-debate"], baselines=[])

    assert [one.strategy for one in found.standings] == ["single", "multiagent-debate", "self-consistency (6 calls)"]
    assert found.standing("self-consistency (6 calls)").calls.mean == found.standing("multiagent-debate").calls.mean == 6
    assert list(found.head["matches"].values()) == [["multiagent-debate"]]
    assert [one.strategy for one in bare.standings] == ["multiagent-debate"]
    with pytest.raises(InputError, match="no strategy 'other'"):
        found.standing("other")


async def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    """The same command, and another experiment that asks the same, call nobody; the rows are the same."""
    questions(tmp_path)
    first = await compared(tmp_path, Agents(), ["multiagent-debate"], out=tmp_path / "out")
    again, other = Agents(), Agents()
    second = await compared(tmp_path, again, ["multiagent-debate"], out=tmp_path / "out")
    await compared(tmp_path, other, ["single", "multiagent-debate"], out=tmp_path / "other", baselines=[])

    assert (again.asked, other.asked) == ([], [])
    assert list(first.rows) == list(second.rows)
    assert first.standings == second.standings


async def test_a_cut_short_experiment_goes_on(tmp_path: Path) -> None:
    """Cancelled in the middle: what came back is not asked for again, and the result is that of a run in one go."""
    questions(tmp_path)
    whole = await compared(tmp_path / "..", Agents(), ["multiagent-debate"], asked=tmp_path / "sums.jsonl", baselines=[])
    agents, scope = Agents(), anyio.CancelScope()

    def on_progress(progress: Progress) -> None:
        if progress.done == 5:
            scope.cancel()

    with scope:
        await compared(tmp_path, agents, ["multiagent-debate"], on_progress=on_progress, baselines=[], at_once=3)
    rest = Agents()
    found = await compared(tmp_path, rest, ["multiagent-debate"], baselines=[], at_once=3)

    assert scope.cancelled_caught
    keys = Counter(request.key for request in [*agents.asked, *rest.asked])
    assert len(keys) == 12 * 6
    assert [score.score for score in whole.rows] == [score.score for score in found.rows]


async def test_another_experiment_in_the_folder_is_refused(tmp_path: Path) -> None:
    """Other questions, strategies or seeds: named, and written over only if that is asked for."""
    questions(tmp_path)
    await compared(tmp_path, Agents(), ["single"], out=tmp_path / "out")
    with pytest.raises(InputError, match=r"another experiment was begun here \(strategies: self-consistency · m changed\)"):
        await compared(tmp_path, Agents(), ["single", "self-consistency"], out=tmp_path / "out")
    with pytest.raises(InputError, match=r"\(plan: seed changed\)"):
        await compared(tmp_path, Agents(), ["single"], out=tmp_path / "out", seed=1)
    questions(tmp_path, 13)
    with pytest.raises(InputError, match=r"\(questions: .*sums.jsonl changed\).*--anew"):
        await compared(tmp_path, Agents(), ["single"], out=tmp_path / "out")

    assert (await compared(tmp_path, Agents(), ["single"], out=tmp_path / "out", overwrite=True)).standings[0].n == 13
    assert (await compared(tmp_path, Agents(), ["single"], out=tmp_path / "out", at_once=2)).standings[0].n == 13


@pytest.mark.parametrize("kept", [True, False], ids=["in a folder", "in the ledger alone"])
async def test_an_experiment_does_not_learn_from_itself(tmp_path: Path, *, kept: bool) -> None:
    """Gone on with, it goes by what the ledger knew when it began; another one learns from all of it."""
    questions(tmp_path)
    agents, scope = Agents(), anyio.CancelScope()
    options = {"baselines": [], "at_once": 2, **({"out": tmp_path / "out"} if kept else {})}

    def on_progress(progress: Progress) -> None:
        if progress.done == 4:
            scope.cancel()

    async def known(seats: int) -> list[bool]:
        async with Orchestrator("m", backend=agents, ledger=tmp_path / "ledger.db", settings=ONCE) as orchestrator:
            specs = [RunSpec.stored(one.run, one.spec) for one in await orchestrator.runs()]
        return [spec.knowledge != NOTHING for spec in specs if spec.strategy.seats == seats]

    with scope:
        await compared(tmp_path, agents, ["contemplating"], on_progress=on_progress, **options)
    begun = await known(5)
    await compared(tmp_path, agents, ["contemplating"], **options)
    questions(tmp_path, 13)
    await compared(tmp_path, agents, [{"use": "contemplating", "set": {"seats": 3}}], baselines=[])

    assert scope.cancelled_caught
    assert 0 < len(begun) < 12
    assert [False] * 12 == await known(5)
    assert [True] * 13 == await known(3)
