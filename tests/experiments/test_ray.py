"""Experiments on Ray: the same rows as in one process, whatever dies under way."""

from __future__ import annotations

import json
import os
import pickle
import random
import re
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import pytest

from contemplate import ScriptedBackend, __version__
from contemplate.errors import ContemplateError, InputError
from contemplate.experiments import Comparison, Experiment, ExperimentPlan, Progress, compare
from contemplate.experiments.engines import ray as ray_engine
from contemplate.experiments.engines import ray_cluster, ray_shares
from contemplate.experiments.engines.local import Performed, Performer
from contemplate.experiments.engines.ray_worker import RayWorker, WireError
from contemplate.ledger import open_ledger
from contemplate.models.limiter import Limits
from contemplate.models.retry import Retry
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.orchestration.run_spec import RunSpec
from contemplate.orchestration.settings import Settings
from contemplate.types import Price
from loopback import Loopback, Seen

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")

TIMED = {"seconds", "cached_calls"}
ONCE = Settings(retry=Retry(attempts=1), prices={"m": Price(prompt=1, completion=2)})


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


@pytest.fixture
def sums(tmp_path: Path) -> Callable[[int], Path]:
    """Makes a file of so many sums."""

    def make(count: int) -> Path:
        path = tmp_path / "sums.jsonl"
        rows = ({"id": f"q{n}", "question": f"What is {n} + {n}?", "kind": "number", "gold": str(2 * n)} for n in range(count))
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return make


@pytest.fixture
def agents(loopback: Loopback) -> Loopback:
    """Agents that are right with some chance, drawn from what they are asked."""

    def answer(seen: Seen) -> str:
        number = int(re.findall(r"What is (\d+)", json.dumps(seen.body))[-1])
        draw = random.Random(asked(seen))
        good = draw.random() < 0.6
        return f"Verdict: {'sound' if good else 'flawed'}\nAnswer: {2 * number if good else 2 * number + draw.randrange(1, 4)}"

    loopback.script = answer
    return loopback


def rows(comparison: Comparison) -> list[dict[str, Any]]:
    """All columns but those that tell of time, and of who was first."""
    return [row.model_dump(exclude=TIMED) for row in comparison.rows]


async def on(engine: str, questions: Path, server: Loopback, ledger: Path | str, **words: Any) -> Comparison:
    """A comparison of a vote and a debate on that engine."""
    given = {name: words.pop(name) for name in ("watch", "workers", "ray_address", "out", "again") if name in words}
    plan = {"strategies": ["self-consistency", "multiagent-debate"], "models": "m", "questions": str(questions), **words}
    return await compare(plan, engine=engine, base_url=server.url, ledger=ledger, settings=ONCE, **given)


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
    """A watch that ends one worker with kill -9, once; and whom it ended."""
    killed: list[int] = []

    def watch(progress: Progress) -> None:
        if not killed and at(progress):
            killed.append(workers_of(os.getpid())[0])
            os.kill(killed[0], signal.SIGKILL)

    return watch, killed


def asked(seen: Seen) -> str:
    """What is asked for, whether alone or as one of several samples."""
    return json.dumps({**seen.body, "n": 1}, sort_keys=True)


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
    watch, killed = killer(lambda progress: progress.done >= 12)
    there = await on("ray", questions, agents, tmp_path / "ray.db", watch=watch)

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
    watch, _ = killer(lambda progress: progress.done >= 3)
    with pytest.raises(ContemplateError, match=r"^a Ray worker died, and had been started again 0 times before; what was paid"):
        await on("ray", questions, agents, tmp_path / "ray.db", watch=watch, workers=1)

    await gone()
    assert (await on("local", questions, agents, tmp_path / "ray.db")).standings[0].n == 8


@pytest.mark.slow
@pytest.mark.usefixtures("running")
async def test_cut_short_and_gone_on_with(tmp_path: Path, sums: Callable[[int], Path], agents: Loopback) -> None:
    """Cancelled: no worker is left, and each run is closed; the same again pays only for the rest."""
    questions, scope = sums(12), anyio.CancelScope()
    agents.delay = 0.02

    def watch(progress: Progress) -> None:
        if progress.done == 5:
            scope.cancel()

    with scope:
        await on("ray", questions, agents, tmp_path / "ray.db", watch=watch, baselines=[], workers=1)
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
        async def do(self, plan: RunSpec, *, again: bool) -> Performed:
            found = await worker.perform(plan, again=again)
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


async def test_budgets_of_each_are_needed(tmp_path: Path, sums: Callable[[int], Path], agents: Loopback) -> None:
    """A cap for all without one for each question is refused."""
    with pytest.raises(InputError, match=r"^budget: usd: on Ray a budget of usd for all needs one for each question too"):
        await on("ray", sums(1), agents, tmp_path / "ray.db", budget={"usd": 5.0, "calls": 9999}, each={"calls": 10})
    assert agents.seen == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"ledger": ":memory:"}, "the engine ray needs a ledger that its workers can share"),
        ({"backend": ScriptedBackend(lambda _: "1")}, "the engine ray can't share a backend object"),
        ({"workers": 0}, "the number of workers is 0: it must be at least 1"),
        ({"workers": 9}, r"9 workers are more than the 8 runs that are under way at once \(at_once\)"),
        (
            {"workers": 3, "settings": Settings(limits={"default": Limits(requests_per_minute=2)})},
            r"3 workers are more than the 2 that the limits of default allow \(requests_per_minute\)",
        ),
        ({"engine": "local", "workers": 2}, r"go with the engine ray \(--engine ray\)"),
        ({"engine": "rai"}, r"no engine called 'rai'; did you mean 'ray'\?"),
    ],
)
async def test_bad_input(tmp_path: Path, sums: Callable[[int], Path], words: dict[str, Any], says: str) -> None:
    """One line, before anything is started."""
    plan = {"strategies": ["single"], "models": "m", "questions": str(sums(2)), "baselines": []}
    with pytest.raises(InputError, match=says):
        await compare(plan, **{"engine": "ray", "ledger": tmp_path / "ray.db", "base_url": "http://127.0.0.1:9/v1", **words})


async def test_an_open_ledger_is_refused(sums: Callable[[int], Path], tmp_path: Path) -> None:
    """Processes can't share the object."""
    ledger = await open_ledger(tmp_path / "ray.db")
    with pytest.raises(InputError, match="can't share an open ledger"):
        await compare({"strategies": ["single"], "models": "m", "questions": str(sums(1))}, engine="ray", ledger=ledger)
    await ledger.aclose()


async def test_ray_is_missing(
    tmp_path: Path, sums: Callable[[int], Path], agents: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what to install."""
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"^Ray is not installed: pip install 'contemplate-ai\[ray\]'$"):
        await on("ray", sums(1), agents, tmp_path / "ray.db")


async def test_ray_that_does_not_start(sums: Callable[[int], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine that is too busy Ray gives up, with an exception of no class of its own; nothing of it is left."""
    calls: list[str] = []

    def slow(**_: object) -> None:
        raise Exception("The current node timed out\nduring startup.")  # noqa: TRY002 - as Ray does

    busy = SimpleNamespace(is_initialized=lambda: False, init=slow, shutdown=lambda: calls.append("shutdown"))
    monkeypatch.setitem(sys.modules, "ray", busy)
    plan = {"strategies": ["single"], "models": "m", "questions": str(sums(1))}
    with pytest.raises(InputError, match=r"^Ray can't be started: Exception: The current node timed out during startup\.$"):
        await compare(plan, engine="ray", base_url="http://127.0.0.1:9/v1", ledger=tmp_path / "ray.db", settings=ONCE)
    assert calls == ["shutdown"]


async def test_what_a_worker_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error travels as its kind and its line, and is the same on the other side: here, that a key is missing there."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    worker = RayWorker(str(tmp_path / "ray.db"), ONCE)
    plan = Orchestrator(["openai/gpt-5-mini"], settings=ONCE).plan("1 + 1?", "single", answer="number")
    started, found = await worker.start(), await worker.perform(pickle.loads(pickle.dumps(plan)), again=False)  # noqa: S301 - made here
    await worker.stop()

    assert started == __version__
    assert isinstance(found, WireError)
    with pytest.raises(InputError, match="OPENAI_API_KEY"):
        raise pickle.loads(pickle.dumps(found)).error()  # noqa: S301 - made here
    lost = await RayWorker(str(tmp_path / "no" / "such" / "folder" / "\0"), ONCE).start()
    assert isinstance(lost, WireError)
    assert isinstance(lost.error(), InputError)


async def test_an_address_where_nobody_answers() -> None:
    """One line, and soon."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(InputError, match=rf"^no Ray cluster answers at {address}; give the host:port"), anyio.fail_after(10):
        await ray_cluster.check_answers(address)


@pytest.mark.slow
@pytest.mark.usefixtures("running")
async def test_one_ray_at_a_time(tmp_path: Path, sums: Callable[[int], Path], agents: Loopback) -> None:
    """A program that has a Ray can't go to another one."""
    with pytest.raises(InputError, match=r"^Ray runs in this program already, so that auto can't be connected to"):
        await on("ray", sums(1), agents, tmp_path / "ray.db", ray_address="auto")


def test_limits_are_shared_out() -> None:
    """Together the workers keep within them; the embedded model's are each worker's own."""
    limits = {"default": Limits(concurrency=9, requests_per_minute=100), "local": Limits(concurrency=3)}
    shares = ray_shares.shared_out(limits, 4)
    assert {"default": Limits(concurrency=2, requests_per_minute=25), "local": Limits(concurrency=3)} == shares
    assert ray_shares.shared_out({}, 16)["default"] == Limits(concurrency=1)


@pytest.mark.slow
@pytest.mark.usefixtures("running")
async def test_500_questions_on_postgresql(tmp_path: Path, sums: Callable[[int], Path], agents: Loopback, address: str) -> None:
    """Identical rows, also where a worker is killed in the middle; each reply that came back is paid for once."""
    questions = sums(500)
    here = await on("local", questions, agents, tmp_path / "local.db", at_once=16)
    alone, agents.seen = len(agents.seen), []
    watch, killed = killer(lambda progress: progress.done >= 700)
    there = await on("ray", questions, agents, address, watch=watch, at_once=16)

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
