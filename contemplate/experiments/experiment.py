"""`compare`: from a plan to a comparison; what was begun before is gone on with, and what changed since is refused."""

from __future__ import annotations

import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import anyio

from contemplate._version import __version__
from contemplate.errors import InputError
from contemplate.experiments.arms import Arm, arms, described, equal_calls, run_id
from contemplate.experiments.cells import Asked, Progress, cells, work_through
from contemplate.experiments.comparison import Comparison
from contemplate.experiments.engines.local import Engine, Performer, local
from contemplate.experiments.judging.contest import check_pairwise, contest, ready
from contemplate.experiments.plan import ExperimentPlan
from contemplate.experiments.privacy import check_privacy
from contemplate.experiments.row_file import Rows
from contemplate.experiments.summary import summarise
from contemplate.files import make_private_folder, write_private
from contemplate.orchestration.ledger_secret import PUBLIC
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.orchestration.run_spec import RunSpec
from contemplate.types import Json

ProgressObserver = Callable[[Progress], None]

_HEAD, _ROWS = "experiment.json", "rows.jsonl"


def runs_in(folder: Path) -> list[str]:
    """The ids of the runs of the experiment that is kept in a folder.

    Raises:
        InputError: there is none.
    """
    if not (folder / _HEAD).is_file() or not (folder / _ROWS).is_file():
        raise InputError(f"{folder}: there is no experiment in it (no {_HEAD} and {_ROWS})")
    return [row.run for row in Rows(folder / _ROWS)]


def secret_in(folder: Path | None) -> str | None:
    """The secret of the experiment that was begun in a folder; None if there is none; the first ones were public."""
    try:
        head = {} if folder is None else json.loads((folder / _HEAD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return str(head.get("secret", PUBLIC)) if isinstance(head, dict) and head else None


@dataclass
class Experiment:
    """An experiment under way: its plan, its questions, and who takes part.

    Attributes:
        plan: what is done.
        orchestrator: open; carries it out.
        asked: the question sets, with their graders.
        arms: those of the plan; the baselines with as many calls come when these are through.
        folder: where it is kept; None for nowhere, but in the ledger.
    """

    plan: ExperimentPlan
    orchestrator: Orchestrator
    asked: tuple[Asked, ...]
    arms: list[Arm]
    folder: Path | None = None
    head: Json = field(default_factory=dict)

    @classmethod
    async def of(cls, plan: ExperimentPlan, orchestrator: Orchestrator, folder: Path | None = None) -> Experiment:
        """Read the questions, and make sure that every strategy can be used.

        Raises:
            InputError: a question set, a recipe, a parameter or a grader is wrong: with file, row and field.
        """
        secret = plan.secret or secret_in(folder) or await orchestrator.runner.secret.of_experiments()
        plan = plan.model_copy(update={"secret": secret})
        ask = partial(orchestrator.runner.ask, model=plan.judge, secret=plan.secret)
        asked = tuple([await anyio.to_thread.run_sync(Asked.of, source, ask) for source in plan.questions])
        names = [one.questions.name for one in asked]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise InputError(f"experiment: the question set {twice} stands there twice")
        _check_groups(asked)
        if plan.on_configured:
            await orchestrator.find_model()
        made = cls(plan, orchestrator, asked, arms(plan, orchestrator), folder)
        first = asked[0].questions.questions[0]
        plans = [one.plan(orchestrator, plan, first, 1) for one in made.arms]
        if learns := next((one.label for one, its in zip(made.arms, plans, strict=True) if its.strategy.learns), None):
            raise InputError(
                f"strategy {learns}: 'voters: learned' and 'consistency' go by what is in the ledger, and so would change while "
                "the experiment fills it; compare such weights on runs that are done: contemplate redecide --weights learned"
            )
        judging = check_pairwise(made)
        check_privacy(made, plans)
        begun = await _begun(orchestrator, plans)
        made.arms = [replace(one, learns_until=begun) for one in made.arms]
        made.head = {
            "contemplate": __version__,
            "python": platform.python_version(),
            "plan": plan.model_dump(mode="json"),
            "secret": plan.secret,
            "questions": {one.questions.name: _set(one) for one in asked},
            "strategies": {f"{one.label} · {one.panel}": row for one, row in zip(made.arms, described(plans), strict=True)},
            "ledger": str(orchestrator.location),
            **({"judging": judging} if judging else {}),
        }
        return made

    @property
    def size(self) -> int:
        """The number of cells, but for baselines with as many calls."""
        return sum(len(one.questions) for one in self.asked) * self.plan.repeats * len(self.arms)

    def begin(self, *, overwrite: bool) -> Rows:
        """The store of the rows; in a folder, what distinguishes the experiment is written down, or compared with what is there.

        Raises:
            InputError: there is another experiment in the folder.
        """
        if self.folder is None:
            handle, path = tempfile.mkstemp(prefix="contemplate-", suffix=".jsonl")
            os.close(handle)
            return Rows(Path(path), temporary=True)
        file = self.folder / _HEAD
        if self.folder.exists() and not self.folder.is_dir():
            raise InputError(f"{self.folder}: is a file, where a folder is to be made; name another folder with --out")
        try:
            make_private_folder(self.folder)
            if file.exists() and not overwrite:
                _compare(json.loads(file.read_text(encoding="utf-8")), self.head, file)
            write_private(file, json.dumps(self.head, indent=1, ensure_ascii=True) + "\n")
        except (OSError, ValueError) as error:
            raise InputError(f"{file}: {getattr(error, 'strerror', None) or error}; name another folder with --out") from None
        return Rows(self.folder / _ROWS)

    async def run(
        self, on_progress: ProgressObserver, *, overwrite: bool = False, retry_failed: bool = False, engine: Engine = local
    ) -> Comparison:
        """Do what is left to do, and compare.

        Args:
            on_progress: is told how far it has come, whenever a cell is over.
            overwrite: another experiment in the folder is written over.
            retry_failed: cells that failed are done once more.
            engine: where the runs are done; by default in this process.

        Raises:
            InputError: something is wrong with the folder, a model, the ledger or the engine.
        """
        await ready(self)
        rows = self.begin(overwrite=overwrite)
        async with engine(self.orchestrator, self.plan) as performer:
            progress = Progress(self.size, on_progress=on_progress)
            fill = partial(self._fill, rows, progress, performer, retry_failed=retry_failed)
            await fill(self.arms)
            beside = equal_calls(self.plan, self.arms, _mean_calls(rows))
            if beside:
                progress.cells += len(beside) * self.size // len(self.arms)
                await fill(beside, more=True)
        judged = await contest(self, rows, beside, progress)
        everybody = [*self.arms, *beside]
        matches = {f"{one.label} · {one.panel}": list(one.matches) for one in beside}
        found = summarise(rows, everybody, self.plan, {**self.head, "matches": matches})
        return replace(found, pairwise=judged)

    async def _fill(
        self,
        rows: Rows,
        progress: Progress,
        performer: Performer,
        who: Sequence[Arm],
        *,
        retry_failed: bool,
        more: bool = False,
    ) -> None:
        todo = cells(self.plan, self.asked, who)
        with rows.written(more=more) as deliver:
            await work_through(
                self.orchestrator, self.plan, todo, progress, deliver, retry_failed=retry_failed, performer=performer
            )


async def _begun(orchestrator: Orchestrator, first: Sequence[RunSpec]) -> float:
    """When the experiment began: as those of its first cells have it that learn, and now if none has been begun."""
    records = [await orchestrator.ledger.run(run_id(plan)) for plan in first if plan.strategy.taught]
    told = [record.spec["learns_until"] for record in records if record is not None and "learns_until" in record.spec]
    return min(told, default=time.time())


def _check_groups(asked: Sequence[Asked]) -> None:
    """Refuse questions that all belong together, before anything is paid for: no error bar could be had of them."""
    groups = {
        (one.questions.name, one.questions.groups.get(str(question.id), question)) for one in asked for question in one.questions
    }
    questions = sum(len(one.questions) for one in asked)
    if len(groups) == 1 and questions > 1:
        raise InputError(
            f"{asked[0].questions.name}: group: all questions are in one; leave the groups out, as nothing tells how they differ"
        )


def _set(asked: Asked) -> Json:
    return {
        "digest": asked.questions.digest,
        "questions": len(asked.questions),
        "grader": asked.grader.name,
        **({"versions": dict(asked.questions.versions)} if asked.questions.versions else {}),
    }


def _compare(before: Json, now: Json, file: Path) -> None:
    for word in ("contemplate", "questions", "strategies", "plan", "secret"):
        old, new = before.get(word, PUBLIC if word == "secret" else None), now[word]
        if old == new:
            continue
        inside = old if isinstance(old, dict) else {}
        changed = [name for name in {**inside, **new} if inside.get(name) != new.get(name)] if isinstance(new, dict) else []
        if word == "plan":
            changed = [name for name in changed if name not in _free(new)]
            if not changed:
                continue
        what = f"{word}: {', '.join(changed)}" if changed else word
        todo = "name another folder with --out, or begin anew with --anew"
        raise InputError(f"{file}: another experiment was begun here ({what} changed); {todo}")


def _free(plan: Json) -> set[str]:
    """What may change in the plan of an experiment that has begun: what no row of it depends on."""
    grades = any(str(source["grader"]).startswith("judge:") for source in plan["questions"])
    words = {"summary", "at_once", "budget", "level", "draws", "failed", "pairwise"}
    return words if grades else words | {"judge"}


def _mean_calls(rows: Rows) -> dict[tuple[str, str], float]:
    total: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        found = total.setdefault((row.strategy, row.panel), [0, 0])
        found[0] += row.calls
        found[1] += 1
    return {name: calls / runs for name, (calls, runs) in total.items()}
