"""A run in a notebook while it goes: in a real kernel, and with a display that is looked at."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import anyio
import nbformat
import pytest
from nbclient import NotebookClient

from contemplate import NotebookProgress, RunEnded, ScriptedBackend, Settings, solve
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.trace.events import Event, Observers
from contemplate.viewer.progress import notebook_display, watched
from hostile import PAYLOADS
from runs import done
from shown import harmless


class Screen:
    """Stands for `IPython.display.display`, and for the handle that it gives; keeps every picture."""

    def __init__(self, *, fails_at: int = 0) -> None:
        self.pictures: list[dict[str, str]] = []
        self.displays = 0
        self._fails_at = fails_at

    def __call__(self, bundle: dict[str, str], *, raw: bool, display_id: bool) -> Screen:
        """Show a first picture."""
        assert raw
        assert display_id
        self.displays += 1
        self.update(bundle, raw=True)
        return self

    def update(self, bundle: dict[str, str], *, raw: bool) -> None:
        """Show another one in its place."""
        assert raw
        self.pictures.append(bundle)
        if self._fails_at and len(self.pictures) >= self._fails_at:
            raise OSError("the kernel is gone")


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Screen]:
    """Makes this process look like a kernel with a screen."""

    def begin(**options: Any) -> Screen:
        screen = Screen(**options)
        ipython, display = ModuleType("IPython"), ModuleType("IPython.display")
        ipython.get_ipython = lambda: SimpleNamespace(kernel=object())  # type: ignore[attr-defined]
        display.display = screen  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "IPython", ipython)
        monkeypatch.setitem(sys.modules, "IPython.display", display)
        return screen

    return begin


def paced(seconds: float) -> ScriptedBackend:
    """Agents that take their time and agree."""

    async def say(_: object) -> str:
        await anyio.sleep(seconds)
        return "Answer: 4"

    return ScriptedBackend(say)


async def ask(backend: ScriptedBackend, **options: Any) -> Any:
    """A short question."""
    return await solve("2 + 2?", "multiagent-debate", backend=backend, answer="number", models="m", ledger=":memory:", **options)


ASK = """import contemplate
def ask(**options):
    agents = contemplate.ScriptedBackend(lambda _: "Answer: 4")
    return dict(question="2 + 2?", strategy="multiagent-debate", backend=agents, answer="number", ledger=":memory:", **options)
"""
CELLS = (
    ASK,
    "outcome = await contemplate.solve(**ask())",
    "outcome = contemplate.solve_sync(**ask())",
    "outcome = await contemplate.solve(**ask(progress=False))",
    "async for event in contemplate.stream(**ask()): pass",
    "outcome",
    "outcome.trace",
)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the kernel's own dependencies
def test_in_a_kernel(tmp_path: Any) -> None:
    """`solve` and `solve_sync` leave one display that tells how it went; nothing else shows, and values show as tables."""
    cells = [nbformat.v4.new_code_cell(text) for text in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [cell.outputs for cell in notebook.cells]

    assert [len(one) for one in outputs] == [0, 1, 1, 0, 0, 1, 1]
    for (output,) in outputs[1:3]:
        assert output.output_type == "display_data"
        words = harmless(output.data["text/html"]).words
        assert words.startswith("multiagent-debate, completed: 3 seats; 6 calls; ")
        assert "✓seat-1" in words
    assert harmless(outputs[5][0].data["text/html"]).words.startswith("4 (confidence ")
    assert outputs[5][0].data["text/plain"].startswith("Outcome(answer='4', ")
    assert harmless(outputs[6][0].data["text/html"]).words.startswith("Trace: ")


async def test_outside_of_a_notebook() -> None:
    """There is no display, no observer is added, and an observer that is given all the same does nothing."""
    assert notebook_display() is None
    with watched(Observers()) as told:
        assert told.each == ()
    outcome = await ask(paced(0), on_event=NotebookProgress())
    assert outcome.answer == "4"


async def test_a_terminal_of_ipython(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no kernel, and nothing is shown there."""
    ipython = ModuleType("IPython")
    ipython.get_ipython = SimpleNamespace  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)

    assert notebook_display() is None


async def test_pictures_are_few(notebook: Callable[..., Screen]) -> None:
    """However many events there are; the first comes at once, what came since is drawn soon, and the last says how it ended."""
    screen, seen = notebook(), list[Event]()
    await ask(paced(0.3), parameters={"seats": 8, "rounds": 2}, on_event=seen.append)

    assert screen.displays == 1
    assert len(seen) > 60
    assert 3 <= len(screen.pictures) <= 3 + seen[-1].at / 0.25
    assert isinstance(seen[-1], RunEnded)
    going = [picture for picture in screen.pictures if "under way" in picture["text/plain"]]
    assert any("working alone" in picture["text/html"] for picture in going), "a first burst is drawn without another event"
    assert screen.pictures[-1]["text/plain"].startswith("multiagent-debate, completed: 8 seats; 16 calls")


async def test_off(notebook: Callable[..., Screen], tmp_path: Any) -> None:
    """By the argument, and by the settings, which the argument overrules."""
    screen = notebook()
    await ask(paced(0), progress=False)
    (tmp_path / "contemplate.toml").write_text("progress = false\n")
    await ask(paced(0), project=tmp_path)
    assert screen.pictures == []

    await ask(paced(0), project=tmp_path, progress=True)
    assert screen.displays == 1


async def test_a_display_that_fails(notebook: Callable[..., Screen], caplog: pytest.LogCaptureFixture) -> None:
    """It is logged once, nothing more is shown, and the run goes on."""
    screen = notebook(fails_at=2)
    with caplog.at_level(logging.WARNING, "contemplate"):
        outcome = await ask(paced(0.1))

    assert outcome.answer == "4"
    assert len(screen.pictures) == 2
    assert [record.why for record in caplog.records if "progress" in record.message] == [  # type: ignore[attr-defined]
        "showing progress: OSError: the kernel is gone"
    ]


async def test_a_shell_that_fails(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The same where it can't even be told whether this is a notebook."""
    ipython = ModuleType("IPython")
    ipython.get_ipython = lambda: 1 / 0  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    with caplog.at_level(logging.WARNING, "contemplate"):
        outcome = await ask(paced(0))

    assert outcome.answer == "4"
    assert "progress is not shown" in caplog.text


async def test_a_run_that_is_cancelled(notebook: Callable[..., Screen]) -> None:
    """The last picture says so, and nothing is drawn afterwards."""
    screen = notebook()
    with anyio.move_on_after(0.1):
        await ask(paced(5))
    count = len(screen.pictures)

    assert "under way" not in screen.pictures[-1]["text/plain"]
    await anyio.sleep(0.4)
    assert len(screen.pictures) == count


async def test_many_runs(notebook: Callable[..., Screen]) -> None:
    """One observer shows each run of an orchestrator in a display of its own."""
    screen = notebook()
    async with Orchestrator(["m"], backend=paced(0.01), ledger=":memory:", settings=Settings()) as orchestrator:
        show = NotebookProgress()
        async with anyio.create_task_group() as tasks:
            for number in range(3):
                tasks.start_soon(lambda n=number: orchestrator.solve(f"{n} + {n}?", answer="number", on_event=show))

    assert screen.displays == 3


@pytest.mark.parametrize("name", ["debate", "failed", "open"])
async def test_real_runs(notebook: Callable[..., Screen], name: str) -> None:
    """Each picture is harmless; a failed seat has its reason, a seat that changed its answer the one before."""
    screen = notebook()
    outcome = await done(name, on_event=NotebookProgress(every=0))
    shown = [harmless(picture["text/html"]) for picture in screen.pictures]

    assert outcome.run in shown[-1].words
    if name == "failed":
        assert any("✗seat-3" in one.words and "403" in one.words for one in shown)
    if name == "debate":
        assert "5 (was 10 at first)" in shown[-1].words


@pytest.mark.parametrize("words", PAYLOADS)
async def test_hostile_words_do_nothing(notebook: Callable[..., Screen], words: str) -> None:
    """Whatever the agents say."""
    screen, words = notebook(), words.replace("\ud800", "").replace("\x00", "")  # which no question may hold
    say = ScriptedBackend(lambda _: f"{words}\nAnswer: {words}")
    await solve(words, "multiagent-debate", backend=say, answer="text", models="m", ledger=":memory:", parameters={"seats": 2})

    for picture in screen.pictures:
        assert "\u202e" not in harmless(picture["text/html"]).words
