"""Two servers on two ports in one panel: who answered, where keys went, and what is stored, resumed and replayed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contemplate import (
    Budget,
    InputError,
    Limits,
    Model,
    Orchestrator,
    Outcome,
    Price,
    Retry,
    Sampling,
    ScriptedBackend,
    Settings,
    compare,
    solve,
)
from contemplate.errors import RejectedError
from contemplate.experiments.arms import run_id
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.run_spec import RunSpec
from loopback import Loopback

LEFT_KEY, RIGHT_KEY = "left-key-0123456789", "right-key-0123456789"
ONCE = Retry(attempts=1)


@pytest.fixture
def servers() -> Iterator[tuple[Loopback, Loopback]]:
    """A server that answers 1, and one that answers 2."""
    with Loopback("Answer: 1") as left, Loopback("Answer: 2") as right:
        yield left, right


def panel(servers: tuple[Loopback, Loopback], **options: Any) -> list[Model]:
    """The model of the same name at both, with a key for each."""
    left, right = servers
    return [
        Model("m", left.url, key=LEFT_KEY, label="left", **options),
        Model("m", right.url, key=RIGHT_KEY, label="right", **options),
    ]


def bytes_of(folder: Path) -> bytes:
    """All that stands in the files of a folder."""
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())


async def answers(outcome: Outcome) -> dict[str, str]:
    """What each model answered."""
    return {turn.model: turn.answer.text for turn in outcome.trace.turns if turn.answer is not None}


async def test_each_server_gets_its_own_calls_and_key(servers: tuple[Loopback, Loopback], tmp_path: Path) -> None:
    """The trace says which model answered; a key is sent to its own server, and written nowhere."""
    outcome = await solve(
        "1?", "self-consistency", models=panel(servers), answer="number", parameters={"seats": 4}, ledger=tmp_path / "l.db"
    )
    outcome.write_trace(tmp_path / "t.jsonl")

    assert {"left": "1", "right": "2"} == await answers(outcome)
    assert [[("m", LEFT_KEY)] * 2, [("m", RIGHT_KEY)] * 2] == [[(s.body["model"], s.key) for s in one.seen] for one in servers]
    assert [False, False] == [key.encode() in bytes_of(tmp_path) for key in (LEFT_KEY, RIGHT_KEY)]
    head = json.loads((tmp_path / "t.jsonl").read_text().splitlines()[0])
    assert {"left": servers[0].url, "right": servers[1].url} == {name: one["base_url"] for name, one in head["routes"].items()}


async def test_keys_of_requests_differ_by_address(servers: tuple[Loopback, Loopback], tmp_path: Path) -> None:
    """The address stands in each request, so that no server's reply is taken for another's."""
    file = tmp_path / "l.db"
    for place in (0, 1):
        await solve("1?", "single", models=[Model("m", servers[place].url)], answer="number", ledger=file)
    with sqlite3.connect(file) as database:
        rows = database.execute("SELECT DISTINCT key FROM calls").fetchall()
    assert 2 == len(rows)
    assert [1, 1] == [len(one.seen) for one in servers]


async def test_a_name_alone_has_the_key_that_it_always_had(servers: tuple[Loopback, Loopback]) -> None:
    """A model of its own name at an address asks the ledger what the name with that base URL asks."""
    left, _ = servers
    async with Orchestrator(["m"], base_url=left.url, ledger=":memory:") as plain:
        first = await plain.solve("1?", "single", answer="number")
        async with Orchestrator([Model("m", left.url)], ledger=plain.ledger) as own:
            second = await own.solve("1?", "single", answer="number")
    assert (1, 0) == (first.usage.calls, second.usage.calls)


async def test_resume_and_replay(servers: tuple[Loopback, Loopback], tmp_path: Path) -> None:
    """A run that was cut short goes on at the same addresses, and is done again from the ledger without a key or a call."""
    file = tmp_path / "l.db"
    options: dict[str, Any] = {"answer": "number", "parameters": {"seats": 4}}
    async with Orchestrator(panel(servers), ledger=file) as orchestrator:
        first = await orchestrator.solve("1?", "self-consistency", budget=Budget(calls=2), **options)
    await as_if_cut_short(file, first.run)
    async with Orchestrator(panel(servers), ledger=file) as orchestrator:
        resumed = await orchestrator.resume(first.run)
    before = [len(one.seen) for one in servers]
    async with Orchestrator(ledger=file) as stranger:
        replay = await stranger.replay(first.run)
    assert (None, resumed.answer) == (replay.difference, replay.outcome.answer)
    assert before == [len(one.seen) for one in servers]
    assert {LEFT_KEY} == {seen.key for seen in servers[0].seen}


async def as_if_cut_short(file: Path, run: str) -> None:
    """Make a stored run one that was interrupted."""
    with sqlite3.connect(file) as database:
        database.execute("UPDATE runs SET state = 'interrupted', outcome = NULL WHERE run = ?", (run,))


async def test_a_run_is_resumed_where_it_began(servers: tuple[Loopback, Loopback], tmp_path: Path) -> None:
    """Also where the label now stands for another address; whose key is then not sent to the old one."""
    left, right = servers
    file = tmp_path / "l.db"
    async with Orchestrator([Model("m", left.url, label="x")], ledger=file) as orchestrator:
        first = await orchestrator.solve("1?", "single", answer="number", budget=Budget(calls=1))
    await as_if_cut_short(file, first.run)
    async with Orchestrator([Model("m", right.url, label="x", key=RIGHT_KEY)], ledger=file) as orchestrator:
        resumed = await orchestrator.resume(first.run)
        assert 1 == len(left.seen)
        fresh = await orchestrator.solve("1?", "single", answer="number")
    assert ("1", "2") == (resumed.answer, fresh.answer)
    assert [[""], [RIGHT_KEY]] == [[seen.key for seen in one.seen] for one in servers]


def test_specs_that_use_nothing_new_stay_as_they_were() -> None:
    """No new word stands in their JSON, and so they are the same cell of an experiment."""
    backend = ScriptedBackend(["Answer: 1"])
    options = RunOptions(answer="number")
    plain = Orchestrator(["m"], backend=backend).specify("1?", "single", options)
    same = Orchestrator([Model("m")], backend=backend).specify("1?", "single", replace(options, sampling=Sampling()))
    other = Orchestrator([Model("m", timeout=9)], backend=backend).specify("1?", "single", options)
    assert set() == {"routes", "sampling"} & set(plain.model_dump(mode="json"))
    assert run_id(plain) == run_id(same) != run_id(other)
    assert other == RunSpec.stored("r", json.loads(other.model_dump_json()))


@pytest.mark.parametrize(
    ("models", "says"),
    [
        (
            [Model("m", "http://a/v1"), Model("m", "http://b/v1")],
            r"two models are called 'm' \(http://a/v1 and http://b/v1\).*label",
        ),
        ([Model("m", key="a-key-0123456"), Model("m", key="b-key-0123456")], "two models are called 'm'"),
        (["m@http://a/v1", "m@http://b/v1"], "or other=m@http://b/v1"),
        (["m@http://u:secret-word@h/v1"], "a key or password does not belong in it"),
    ],
)
def test_models_that_can_not_be_told_apart(models: list[Model | str], says: str) -> None:
    """One line says how to tell them apart."""
    with pytest.raises(InputError, match=says) as caught:
        Orchestrator(models)
    assert not any(key in str(caught.value) for key in ("a-key-0123456", "b-key-0123456", "secret-word"))


def test_a_key_for_no_address() -> None:
    """`api_key` goes with `base_url` alone."""
    with pytest.raises(InputError, match="api_key is the key for base_url"):
        Orchestrator(["openai/gpt-5"], api_key=LEFT_KEY)


async def test_a_key_for_the_run_s_address(servers: tuple[Loopback, Loopback], monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes before the environment's, and to models without an address of their own alone."""
    left, right = servers
    monkeypatch.setenv("CONTEMPLATE_API_KEY", "of-the-environment")
    await solve(
        "1?",
        "self-consistency",
        models=["m", Model("n", right.url)],
        base_url=left.url,
        api_key=LEFT_KEY,
        answer="number",
        parameters={"seats": 2},
        ledger=":memory:",
    )
    assert [[LEFT_KEY], [""]] == [[seen.key for seen in one.seen] for one in servers]


async def test_a_server_that_echoes_its_key(servers: tuple[Loopback, Loopback], tmp_path: Path) -> None:
    """The key of a model gets into no failure."""
    left, _ = servers
    left.script = lambda seen: left.reply(status=401, body=f'{{"error": {{"message": "bad {seen.key}"}}}}'.encode())
    outcome = await solve("1?", "single", models=panel(servers), answer="number", ledger=tmp_path / "l.db")
    assert outcome.answer is None
    assert LEFT_KEY.encode() not in bytes_of(tmp_path)
    assert RejectedError.kind == outcome.trace.turns[0].failure.kind  # type: ignore[union-attr]


async def test_a_server_that_answers_too_late_fails_its_turn(servers: tuple[Loopback, Loopback]) -> None:
    """The timeout of the run reaches the call; the model's own goes before it."""
    for one in servers:
        one.delay = 0.5
    left, right = servers
    outcome = await solve(
        "1?",
        "self-consistency",
        models=[Model("m", left.url), Model("n", right.url, timeout=20)],
        timeout=0.1,
        retry=ONCE,
        answer="number",
        parameters={"seats": 2},
        ledger=":memory:",
    )
    failures = {turn.model: turn.failure.kind for turn in outcome.trace.turns if turn.failure is not None}
    assert ({"m": "timeout"}, {"n": "2"}) == (failures, await answers(outcome))


async def test_limits_of_a_model_and_of_the_run(servers: tuple[Loopback, Loopback]) -> None:
    """A model with limits of its own keeps them; the others those of the run."""
    left, right = servers
    for one in servers:
        one.delay = 0.05
    await solve(
        "1?",
        "self-consistency",
        models=[Model("m", left.url, limits=Limits(concurrency=1)), Model("n", right.url)],
        limits=Limits(concurrency=2),
        answer="number",
        parameters={"seats": 10},
        ledger=":memory:",
    )
    assert (1, 2) == (left.peak, right.peak)


async def test_prices_of_models(servers: tuple[Loopback, Loopback]) -> None:
    """A budget in US dollars is possible where each model has a price."""
    price = Price(prompt=1, completion=1)
    with pytest.raises(InputError, match="price"):
        await solve("1?", "single", models=panel(servers), budget=Budget(usd=1), ledger=":memory:")
    by_model = await solve("1?", "single", models=panel(servers, price=price), budget=Budget(usd=1), ledger=":memory:")
    by_option = await solve(
        "1?", "single", models=panel(servers), prices={"left": price, "right": price}, budget=Budget(usd=1), ledger=":memory:"
    )
    assert by_model.usage.usd == by_option.usage.usd
    assert by_model.usage.usd


@pytest.mark.parametrize(
    ("of_run", "of_model", "max_tokens", "expected"),
    [
        (None, None, None, (None, 2048)),
        (None, None, 100, (None, 100)),
        (None, Sampling(top_p=0.1), 100, (0.1, 100)),
        (None, Sampling(max_tokens=50), 100, (None, 50)),
        (Sampling(top_p=0.2), Sampling(top_p=0.1, max_tokens=50), 100, (0.2, 50)),
        (Sampling(max_tokens=7), Sampling(top_p=0.1, max_tokens=50), 100, (0.1, 7)),
    ],
)
async def test_who_says_how_replies_are_drawn(
    of_run: Sampling | None, of_model: Sampling | None, max_tokens: int | None, expected: tuple[float | None, int]
) -> None:
    """The run before the model before the settings before the default; only what is set counts."""
    backend = ScriptedBackend(lambda _: "Answer: 1")
    settings = Settings(max_tokens=max_tokens)
    async with Orchestrator([Model("m", sampling=of_model)], backend=backend, ledger=":memory:", settings=settings) as one:
        await one.solve("1?", "single", answer="number", sampling=of_run)
    drawn = backend.requests[0].sampling
    assert expected == (drawn.top_p, drawn.max_tokens)


async def test_what_is_said_for_the_run_goes_first(tmp_path: Path) -> None:
    """Before the wishes of a card, which go before those of a model."""
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "cool.md").write_text("---\nsummary: cool\ntemperature: 0\n---\nSolve it. {answer_form}\n")
    (tmp_path / "strategies").mkdir()
    (tmp_path / "strategies" / "one.yaml").write_text(
        "summary: one\nsteps:\n  - {do: propose, agent: cool, seats: 1}\n  - {do: vote}\n"
    )
    backend = ScriptedBackend(lambda _: "Answer: 1")
    model = Model("m", sampling=Sampling(temperature=0.5, top_p=0.5))
    for wish in (None, Sampling(temperature=1)):
        await solve(
            "1?", "one", models=model, backend=backend, project=tmp_path, sampling=wish, answer="number", ledger=":memory:"
        )
    assert [(0, 0.5), (1, 0.5)] == [(request.sampling.temperature, request.sampling.top_p) for request in backend.requests]


async def test_a_fallback_is_drawn_from_in_its_own_way(servers: tuple[Loopback, Loopback]) -> None:
    """At its own address, with its own settings."""
    left, right = servers
    left.script = left.reply(status=400)
    outcome = await solve(
        "1?",
        "single",
        models=[Model("m", left.url, sampling=Sampling(top_p=0.1))],
        fallbacks=[Model("n", right.url, sampling=Sampling(max_tokens=9))],
        answer="number",
        ledger=":memory:",
    )
    assert ("2", 0.1) == (outcome.answer, left.seen[0].body["top_p"])
    assert (None, 9) == (right.seen[0].body.get("top_p"), right.seen[0].body["max_tokens"])


async def test_a_card_may_name_a_model_of_the_settings(servers: tuple[Loopback, Loopback], tmp_path: Path) -> None:
    """By its label."""
    _, right = servers
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "picky.md").write_text("---\nsummary: picky\nmodels: [right]\n---\nSolve it. {answer_form}\n")
    (tmp_path / "strategies").mkdir()
    (tmp_path / "strategies" / "one.yaml").write_text(
        "summary: one\nsteps:\n  - {do: propose, agent: picky, seats: 1}\n  - {do: vote}\n"
    )
    (tmp_path / "contemplate.toml").write_text(f'[model.right]\nname = "m"\nbase_url = "{right.url}"\n')
    outcome = await solve("1?", "one", models=["right"], project=tmp_path, answer="number", ledger=":memory:")
    assert ("2", "m") == (outcome.answer, right.seen[0].body["model"])


async def test_backends_by_pattern(servers: tuple[Loopback, Loopback]) -> None:
    """A backend of one's own beside a server, in one panel."""
    left, _ = servers
    own = ScriptedBackend(lambda _: "Answer: 7")
    outcome = await solve(
        "1?",
        "self-consistency",
        models=["acme/a", Model("m", left.url)],
        backends={"acme/*": own},
        answer="number",
        parameters={"seats": 2},
        ledger=":memory:",
    )
    assert {"acme/a": "7", "m": "1"} == await answers(outcome)
    assert [None] == [request.endpoint for request in own.requests]


async def test_panels_of_an_experiment(servers: tuple[Loopback, Loopback], tmp_path: Path) -> None:
    """A panel may name models with their addresses."""
    left, right = servers
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"question": "1?", "gold": "2", "kind": "number"}\n{"question": "2?", "gold": "2", "kind": "number"}\n')
    plan = {
        "strategies": ["single"],
        "questions": str(questions),
        "panels": {"one": [f"left=m@{left.url}"], "other": [f"right=m@{right.url}"]},
        "baselines": [],
    }
    found = await compare(plan, ledger=tmp_path / "l.db")
    assert {"one": 0.0, "other": 1.0} == {one.panel: one.accuracy.value for one in found.standings}
    assert [2, 2] == [len(one.seen) for one in servers]
