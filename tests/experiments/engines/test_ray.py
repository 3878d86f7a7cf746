"""Experiments on Ray: the same rows as in one process, whatever dies under way."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import anyio
import pytest

from contemplate.errors import ContemplateError, InputError
from contemplate.experiments import Experiment, ExperimentPlan, Progress
from contemplate.experiments.engines import ray as ray_engine
from contemplate.experiments.engines.local import Performed, Performer
from contemplate.experiments.engines.ray_worker import RayWorker
from contemplate.ledger import open_ledger
from contemplate.models.limiter import Limits
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.orchestration.run_spec import RunSpec
from loopback import Loopback
from on_ray import ONCE, asked, on, rows

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")


@pytest.fixture(scope="module")
def running() -> Iterator[Any]:
    """A Ray with two processors, which all experiments of this module use. It takes seconds to import and to start."""
    ray: Any = import_module("ray")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(
        address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False,
        object_store_memory=100 * 2**20,
    )  # fmt: skip
    yield ray
    ray.shutdown()


def workers_of(driver: int) -> list[int]:
    """The processes in which workers of a driver run: children of its raylet, under the name that Ray gives them."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            name, parent = (place / "cmdline").read_bytes(), _parent(place)
            if name.startswith(b"ray::RayWorker") and _parent(Path(f"/proc/{parent}")) == driver:
                found.append(int(place.name))
        except OSError:
            continue
    return sorted(found)


async def gone() -> None:
    """Wait until no worker of ours is left; Ray ends them a moment after it was told to."""
    with anyio.fail_after(5):
        while workers_of(os.getpid()):  # noqa: ASYNC110 - processes tell nobody that they end
            await anyio.sleep(0.02)


def _parent(place: Path) -> int:
    return int((place / "stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.slow
@pytest.mark.usefixtures("running")
async def test_rows_are_those_of_one_process(tmp_path: Path, sums: Callable[[int], Path], agents: Loopback) -> None:
    """On 40 questions, baselines included; each sample is paid for once; the runs are there for one process to go on with."""
    questions = sums(40)
    here = await on("local", questions, agents, tmp_path / "local.db")
    alone = len(agents.seen)
    there = await on("ray", questions, agents, tmp_path / "ray.db")
    paid = len(agents.seen) - alone
    again = await on("local", questions, agents, tmp_path / "ray.db")

    assert rows(here) == rows(there)
    assert paid == alone == len(agents.seen) - paid
    assert list(there.rows) == list(again.rows)
    await gone()


def killer(at: Callable[[Progress], bool]) -> tuple[Callable[[Progress], None], list[int]]:
    """A on_progress that ends one worker with kill -9, once; and whom it ended."""
    killed: list[int] = []

    def on_progress(progress: Progress) -> None:
        if not killed and at(progress):
            killed.append(workers_of(os.getpid())[0])
            os.kill(killed[0], signal.SIGKILL)

    return on_progress, killed


def asked_again(server: Loopback) -> int:
    """How many calls were made for the second time."""
    return len(server.seen) - len({asked(seen) for seen in server.seen})


@pytest.mark.slow
@pytest.mark.usefixtures("running")
async def test_a_killed_worker_loses_nothing(tmp_path: Path, sums: Callable[[int], Path], agents: Loopback) -> None:
    """Ended in the middle: another one takes over, the rows are the same, and only what was in flight is asked for again."""
    questions = sums(12)
    here = await on("local", questions, agents, tmp_path / "local.db")
    agents.seen.clear()
    agents.delay = 0.02
    on_progress, killed = killer(lambda progress: progress.done >= 12)
    there = await on("ray", questions, agents, tmp_path / "ray.db", on_progress=on_progress)

    assert killed
    assert rows(here) == rows(there)
    assert asked_again(agents) <= Limits().concurrency // 2


@pytest.mark.slow
@pytest.mark.usefixtures("running")
async def test_workers_that_keep_dying(
    tmp_path: Path, sums: Callable[[int], Path], agents: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After so many restarts it ends with one line, and all workers are gone; the same command goes on."""
    monkeypatch.setattr(ray_engine, "RESTARTS", 0)
    questions = sums(8)
    agents.delay = 0.02
    on_progress, _ = killer(lambda progress: progress.done >= 3)
    with pytest.raises(ContemplateError, match=r"^a Ray worker died, and had been started again 0 times before; what was paid"):
        await on("ray", questions, agents, tmp_path / "ray.db", on_progress=on_progress, workers=1)

    await gone()
    assert (await on("local", questions, agents, tmp_path / "ray.db")).standings[0].n == 8


@pytest.mark.slow
@pytest.mark.usefixtures("running")
async def test_cut_short_and_gone_on_with(tmp_path: Path, sums: Callable[[int], Path], agents: Loopback) -> None:
    """Cancelled: no worker is left, and each run is closed; the same again pays only for the rest."""
    questions, scope = sums(12), anyio.CancelScope()
    agents.delay = 0.02

    def on_progress(progress: Progress) -> None:
        if progress.done == 5:
            scope.cancel()

    with scope:
        await on("ray", questions, agents, tmp_path / "ray.db", on_progress=on_progress, baselines=[], workers=1)
    ledger = await open_ledger(tmp_path / "ray.db")
    states = Counter(record.state for record in await ledger.runs())
    await ledger.aclose()

    assert scope.cancelled_caught
    await gone()
    assert set(states) <= {"finished", "interrupted"}
    found = await on("local", questions, agents, tmp_path / "ray.db", baselines=[])
    assert rows(found) == rows(await on("local", questions, agents, tmp_path / "local.db", baselines=[]))


async def test_a_budget_for_all_is_never_passed(tmp_path: Path, sums: Callable[[int], Path], agents: Loopback) -> None:
    """A run's budget is set aside while a worker is at it; what is left in the end is used here, and the rest fails as ever."""
    agents.delay = 0.02
    plan = ExperimentPlan.checked(
        strategies=["multiagent-debate"], models="m", questions=str(sums(10)), baselines=[],
        budget={"calls": 50}, each={"calls": 7}, at_once=4,
    )  # fmt: skip
    worker = RayWorker(str(tmp_path / "ray.db"), ONCE)

    class WorkerPool:
        async def do(self, plan: RunSpec, *, retry_failed: bool) -> Performed:
            found = await worker.perform(plan, retry_failed=retry_failed)
            assert isinstance(found, Performed)
            return found

    @asynccontextmanager
    async def engine(orchestrator: Orchestrator, experiment: ExperimentPlan) -> AsyncIterator[Performer]:
        yield ray_engine.Dispatcher(orchestrator, experiment.each, WorkerPool())

    async with Orchestrator(base_url=agents.url, ledger=tmp_path / "ray.db", settings=ONCE, budget=plan.budget) as orchestrator:
        found = await (await Experiment.of(plan, orchestrator)).run(lambda _: None, engine=engine)
    await worker.stop()
    stopped = Counter(row.stopped for row in found.rows)

    assert stopped == {"completed": 8, "budget": 2}
    assert orchestrator.account.usage.calls == len(agents.seen) == 50


@pytest.mark.slow
@pytest.mark.usefixtures("running")
async def test_one_ray_at_a_time(tmp_path: Path, sums: Callable[[int], Path], agents: Loopback) -> None:
    """A program that has a Ray can't go to another one."""
    with pytest.raises(InputError, match=r"^Ray runs in this program already, so that auto can't be connected to"):
        await on("ray", sums(1), agents, tmp_path / "ray.db", ray_address="auto")


@pytest.mark.slow
@pytest.mark.usefixtures("running")
async def test_500_questions_on_postgresql(tmp_path: Path, sums: Callable[[int], Path], agents: Loopback, address: str) -> None:
    """Identical rows, also where a worker is killed in the middle; each reply that came back is paid for once."""
    questions = sums(500)
    here = await on("local", questions, agents, tmp_path / "local.db", at_once=16)
    alone, agents.seen = len(agents.seen), []
    on_progress, killed = killer(lambda progress: progress.done >= 700)
    there = await on("ray", questions, agents, address, on_progress=on_progress, at_once=16)

    assert killed
    assert 4 * 500 == len(list(there.rows))
    assert rows(here) == rows(there)
    assert alone <= len(agents.seen) <= alone + Limits().concurrency // 2


@pytest.mark.slow
async def test_a_cluster_at_an_address(tmp_path: Path, sums: Callable[[int], Path], agents: Loopback, running: Any) -> None:
    """A command goes to a Ray that runs already, and leaves it as it was; no other program at that address is taken for one."""
    command = [
        sys.executable, "-m", "contemplate", "compare", "--strategies", "multiagent-debate", "--no-baselines", "--model", "m",
        "--questions", str(sums(8)), "--base-url", agents.url, "--ledger", str(tmp_path / "ray.db"), "--engine", "ray",
        "--out", str(tmp_path / "out"), "--json", "--workers", "1", "--ray-address",
    ]  # fmt: skip
    there = await anyio.run_process([*command, running.get_runtime_context().gcs_address])
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        nobody = await anyio.run_process([*command, address], check=False)

    assert there.stderr == b""
    assert json.loads(there.stdout)["standings"][0]["n"] == 8
    assert running.is_initialized()
    assert nobody.returncode == 2
    assert nobody.stderr.decode().startswith(f"contemplate: no Ray cluster answers at {address}; give the host:port")
    found = await on("local", sums(8), agents, tmp_path / "ray.db", strategies=["multiagent-debate"], baselines=[])
    assert asked_again(agents) == 0
    assert found.standings[0].n == 8


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGINT", "SIGKILL"])
async def test_nothing_outlives_the_command(
    tmp_path: Path, sums: Callable[[int], Path], agents: Loopback, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its own Ray is gone with it, whether by Ctrl-C or kill -9; the same command goes on."""
    agents.delay = 0.05
    command = [
        sys.executable, "-m", "contemplate", "compare", "--strategies", "multiagent-debate", "--no-baselines", "--model", "m",
        "--questions", str(sums(120)), "--base-url", agents.url, "--ledger", str(tmp_path / "ray.db"), "--engine", "ray",
        "--out", str(tmp_path / "out"), "--json",
    ]  # fmt: skip
    process = await anyio.open_process(command, stdout=None, stderr=None)
    with anyio.fail_after(120):
        while len(agents.seen) < 60:  # noqa: ASYNC110 - a process of its own
            await anyio.sleep(0.05)
    session = [process.pid, *descendants(process.pid)]
    process.send_signal(getattr(signal, name))
    status = await process.wait()
    with anyio.fail_after(10 if name == "SIGINT" else 120):  # after kill -9 two of Ray's own notice within a minute or two
        while any(running_still(pid) for pid in session):  # noqa: ASYNC110 - processes tell nobody that they end
            await anyio.sleep(0.1)
    err = capfd.readouterr().err

    assert len(session) > 4
    if name == "SIGINT":
        assert status == 130
        assert err == "contemplate: interrupted; what was paid for is kept, and the same command goes on from here\n"
    found = await on("local", sums(120), agents, tmp_path / "ray.db", strategies=["multiagent-debate"], baselines=[])
    assert found.standings[0].n == 120
    assert asked_again(agents) <= Limits().concurrency


def descendants(pid: int) -> list[int]:
    """All processes below one."""
    parents = {int(place.name): _parent(place) for place in Path("/proc").glob("[0-9]*") if running_still(int(place.name))}
    found, last = [], {pid}
    while last:
        last = {child for child, parent in parents.items() if parent in last}
        found += last
    return found


def running_still(pid: int) -> bool:
    """Whether a process is there, and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
