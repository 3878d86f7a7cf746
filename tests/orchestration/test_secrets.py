"""The secret of a ledger, of runs and of experiments: what is asked alike has one reply, and old runs stay what they were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contemplate import Orchestrator, Question, Request, ScriptedBackend, Settings, compare
from contemplate.ledger import open_ledger
from contemplate.ledger.exchange import export_replies, import_replies
from contemplate.orchestration import ledger_secret
from contemplate.orchestration.ledger_secret import PUBLIC, LedgerSecret, with_secret
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.run_spec import RunSpec

DEBATE = "multiagent-debate"
QUESTION = Question(text="What is 6 * 7?", kind="number")


@pytest.fixture(autouse=True)
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real secrets, as outside of tests."""
    monkeypatch.setattr(ledger_secret, "draw_secret", lambda: ledger_secret.secrets.token_hex(32))


def agents() -> ScriptedBackend:
    """Agents that disagree."""
    return ScriptedBackend(lambda request: f"Answer: {40 + request.draw % 3}")


def orchestrated(ledger: Path | str, backend: ScriptedBackend | None = None, **settings: Any) -> Orchestrator:
    """An orchestrator."""
    return Orchestrator(["m"], backend=backend or agents(), ledger=ledger, settings=Settings(**settings))


def prompts(requests: list[Request]) -> set[str]:
    """The keys of requests."""
    return {request.key for request in requests}


async def test_a_ledger_has_one_secret_for_all_processes(tmp_path: Path) -> None:
    """Whoever comes second takes the first one's, and what comes of it tells runs and experiments apart."""
    first, second = [await open_ledger(tmp_path / "l.db") for _ in range(2)]
    found = [LedgerSecret(ledger) for ledger in (first, second, first)]
    runs = {await secret.of_runs() for secret in found}
    experiments = {await secret.of_experiments() for secret in found}
    elsewhere = await LedgerSecret(await open_ledger(":memory:")).of_runs()
    await first.aclose()
    await second.aclose()

    assert len(runs) == len(experiments) == 1
    assert len({*runs, *experiments, elsewhere}) == 3


async def test_asked_again_a_run_costs_nothing(tmp_path: Path) -> None:
    """The same question with the same seed has the same secret in a ledger; another question or seed has another."""
    backend = agents()
    async with orchestrated(tmp_path / "l.db", backend) as orchestrator:
        runs = [await orchestrator.solve(QUESTION, DEBATE, seed=seed) for seed in (0, 0, 1)]
        other = await orchestrator.solve("What is 6 * 8?", DEBATE, answer="number")
        specs = [RunSpec.stored(run.run, (await orchestrator.run(run.run)).spec) for run in (*runs, other)]
        replays = [(await orchestrator.replay(run.run)).identical for run in runs]

    assert [run.usage.calls > 0 for run in runs] == [True, False, True]
    assert specs[0].secret == specs[1].secret
    assert len({spec.secret for spec in specs}) == 3
    assert replays == [True] * 3
    assert all(str(spec.secret) not in request.model_dump_json() for spec in specs for request in backend.requests)


async def test_the_secret_is_in_no_trace_and_no_export(tmp_path: Path) -> None:
    """It stands in the run's record alone."""
    async with orchestrated(tmp_path / "l.db") as orchestrator:
        run = await orchestrator.solve(QUESTION, DEBATE)
        spec = RunSpec.stored(run.run, (await orchestrator.run(run.run)).spec)
        other = await orchestrator.solve(QUESTION, DEBATE, seed=1)
        difference = repr(await orchestrator.diff(run.run, other.run))
    run.write_trace(tmp_path / "trace.jsonl")
    trace = (tmp_path / "trace.jsonl").read_text(encoding="utf-8")
    told = trace + json.dumps(run.to_dict(), default=str) + repr((spec, run)) + difference

    assert spec.secret is not None
    assert spec.secret not in told
    assert spec.secret not in json.dumps(spec.head())


async def test_a_fork_keeps_it(tmp_path: Path) -> None:
    """So that nothing is called but what is downstream of the change."""
    backend = agents()
    async with orchestrated(tmp_path / "l.db", backend) as orchestrator:
        run = await orchestrator.solve(QUESTION, DEBATE)
        made = len(backend.requests)
        last = next(turn for turn in reversed(run.trace.turns) if turn.card)
        fork = await orchestrator.fork(run.run, edits={last.id: "Answer: 7"})
        replay = await orchestrator.replay(fork.run)
        secrets = [(await orchestrator.run(one.run)).spec["secret"] for one in (run, fork)]

    assert len(backend.requests) == made
    assert secrets[0] == secrets[1]
    assert replay.identical


async def test_a_run_without_a_secret_stays_without(tmp_path: Path) -> None:
    """As those were stored before: it replays and is forked as it was, and its record has no word of one."""
    backend = agents()
    async with orchestrated(tmp_path / "l.db", backend) as orchestrator:
        spec = orchestrator.specify(QUESTION, DEBATE, RunOptions())
        outcome, _ = await orchestrator.runner.run_or_load(spec, "20260101-000000-abcdef")
        record = await orchestrator.run(outcome["run"])
        made = len(backend.requests)
        replay = await orchestrator.replay(record.run)
        seat = max(turn.seat for turn in replay.outcome.trace.turns)
        fork = await orchestrator.fork(record.run, models={int(seat[-1]): "n"})

    assert "secret" not in record.spec
    assert replay.identical
    assert "secret" not in (await _record(tmp_path, fork.run)).spec
    assert prompts(backend.requests[made:]).isdisjoint(prompts(backend.requests[:made]))


async def _record(folder: Path, run: str) -> Any:
    async with orchestrated(folder / "l.db") as orchestrator:
        return await orchestrator.run(run)


async def test_settings_may_say_it() -> None:
    """Then two ledgers give the same prompts; with "public" they are those of before."""
    keys = []
    for secret in ("ours", "ours", None, None, PUBLIC, PUBLIC):
        backend = agents()
        async with orchestrated(":memory:", backend, secret=secret) as orchestrator:
            await orchestrator.solve(QUESTION, DEBATE)
        keys.append(frozenset(prompts(backend.requests)))

    assert keys[0] == keys[1]
    assert keys[2] != keys[3]
    assert keys[4] == keys[5]
    assert len(set(keys)) == 4


def test_documents_share_a_secret_whatever_is_asked() -> None:
    """So that servers read them once."""
    from contemplate import Document

    async def secret(text: str, *documents: Document) -> str | None:
        async with orchestrated(":memory:") as orchestrator:
            spec = orchestrator.specify(Question(text=text, kind="number", documents=documents), "single", RunOptions())
        return with_secret(spec, "source").secret

    import anyio

    notes = Document(name="n", text="Notes.")
    assert anyio.run(secret, "One?", notes) == anyio.run(secret, "Other?", notes)
    assert anyio.run(secret, "One?") != anyio.run(secret, "Other?")


# --- experiments --------------------------------------------------------------------------------------

PLAN = {"strategies": [DEBATE], "questions": "builtin:arithmetic?level=1&size=2", "models": "m", "draws": 1000}


async def test_an_experiment_is_repeated_with_its_replies_and_its_secret(tmp_path: Path) -> None:
    """Its own ledger finds all again; another one does with the secret that stands in `experiment.json`, and only with that."""
    backend, out = agents(), tmp_path / "out"
    await compare(PLAN, backend=backend, ledger=tmp_path / "l.db", out=out)
    made = len(backend.requests)
    await compare(PLAN, backend=backend, ledger=tmp_path / "l.db")
    secret = json.loads((out / "experiment.json").read_text(encoding="utf-8"))["secret"]
    ledger, theirs = await open_ledger(tmp_path / "l.db"), await open_ledger(tmp_path / "theirs.db")
    keys = sorted(prompts(backend.requests))
    await export_replies(ledger, tmp_path / "replies.jsonl.gz", keys)
    await import_replies(theirs, tmp_path / "replies.jsonl.gz")
    for one in (ledger, theirs):
        await one.aclose()
    other = agents()
    await compare({**PLAN, "secret": secret}, backend=other, ledger=tmp_path / "theirs.db")
    found = len(other.requests)
    await compare(PLAN, backend=other, ledger=tmp_path / "theirs.db")

    assert len(backend.requests) == made
    assert found == 0
    assert len(other.requests) > 0


async def test_an_experiment_goes_on_with_the_secret_of_its_folder(tmp_path: Path) -> None:
    """One that was begun before there were secrets goes on without; another secret is another experiment."""
    from contemplate import InputError

    out = tmp_path / "out"
    await compare({**PLAN, "secret": PUBLIC}, backend=agents(), ledger=tmp_path / "l.db", out=out)
    head = json.loads((out / "experiment.json").read_text(encoding="utf-8"))
    del head["secret"]
    (out / "experiment.json").write_text(json.dumps(head), encoding="utf-8")
    backend = agents()
    await compare(PLAN, backend=backend, ledger=tmp_path / "l.db", out=out)

    assert backend.requests == []
    with pytest.raises(InputError, match="secret changed"):
        await compare({**PLAN, "secret": "other"}, backend=agents(), ledger=tmp_path / "l.db", out=out)


async def test_an_export_of_the_whole_ledger_carries_the_secret(tmp_path: Path) -> None:
    """Whoever imports it into a new ledger asks nothing again."""
    backend = agents()
    async with orchestrated(tmp_path / "l.db", backend) as orchestrator:
        await orchestrator.solve(QUESTION, DEBATE)
        await export_replies(orchestrator.ledger, tmp_path / "all.jsonl")
    theirs = await open_ledger(tmp_path / "theirs.db")
    await import_replies(theirs, tmp_path / "all.jsonl")
    await theirs.aclose()
    silent = ScriptedBackend([])
    async with orchestrated(tmp_path / "theirs.db", silent) as orchestrator:
        again = await orchestrator.solve(QUESTION, DEBATE)

    assert again.usage.calls == 0
    assert silent.requests == []
