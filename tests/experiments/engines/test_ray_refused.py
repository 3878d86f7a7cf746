"""What the engine ray refuses, in one line each."""

from __future__ import annotations

import pickle
import socket
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import pytest

from contemplate import ScriptedBackend, __version__
from contemplate.errors import InputError
from contemplate.experiments import compare
from contemplate.experiments.engines import ray_cluster
from contemplate.experiments.engines.ray_worker import RayWorker, WireError
from contemplate.ledger import open_ledger
from contemplate.models.limiter import Limits
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.orchestration.settings import Settings
from loopback import Loopback
from on_ray import ONCE, on

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")


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
    plan = Orchestrator(["openai/gpt-5-mini"], settings=ONCE).specify("1 + 1?", "single", RunOptions(answer="number"))
    started, found = await worker.start(), await worker.perform(pickle.loads(pickle.dumps(plan)), retry_failed=False)  # noqa: S301 - made here
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
