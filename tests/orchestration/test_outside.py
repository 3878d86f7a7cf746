"""Mixed panels: what reached models that may not see private words, by what they received."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from contemplate import Document, Message, Model, Orchestrator, Question, Request, Retry, ScriptedBackend, Settings
from contemplate.errors import InputError, ModelNotAllowedError, OverloadedError, RejectedError
from contemplate.types import PRIVACY, Privacy, may_see
from loopback import Loopback, Seen

ONCE = Settings(retry=Retry(attempts=1, first_wait=0.001, deadline=1))
STRATEGIES = ("single", "self-consistency", "council", "best-of-n", "mixture-of-agents", "verify-refine", "contemplating")
NAMES = ("Anna Schmidt", "Zoltan")


@dataclass(frozen=True)
class Case:
    """A question with planted marks, a mixed panel, and how the others see it."""

    question: Question
    marks: tuple[str, ...]
    rows: tuple[str, ...]
    models: tuple[str, ...]
    fallbacks: tuple[str, ...]
    strategy: str
    mode: str

    @property
    def parameters(self) -> dict[str, object]:
        """So that no panel has a hundred seats."""
        return {"seats": 4} if self.strategy == "best-of-n" else {}

    def leaked(self, told: str) -> list[str]:
        """The marks in what was told to a model that may not see them."""
        words = " ".join(re.findall(r"\w+", told.casefold()))
        marks = [mark for mark in self.marks if mark.casefold() in told.casefold()]
        return marks + [row for row in self.rows if f" {row} " in f" {words} "]


def _case(number: int) -> Case:
    draw = random.Random(number)
    digits = "".join(str(draw.randrange(10)) for _ in range(9))
    marks = (
        f"anna.{digits}@mark.example",
        f"+49 30 {digits[:7]}",
        _iban(digits),
        _card(digits),
        f"sk-mark{digits}abcdef",
        *NAMES,
    )
    odd = [f"w{digits}q{place}" for place in range(12)]  # words that stand nowhere else
    said = f"{' '.join(odd)}: {', '.join(marks)}. {' '.join(reversed(odd))}"
    label: Privacy = draw.choice(["local", "eu"])
    mode = draw.choice(["redact", "digest"])
    where = draw.choice(["text", "document", "history", "both"])
    documents = (Document(name="notes.md", text=said, privacy=label),) if where in {"document", "both"} else ()
    history = (Message(role="user", content=f"{said}?"), Message(role="assistant", content=said)) if where == "history" else ()
    text = f"{said} What is 6 * 7?" if where in {"text", "both"} else "What is 6 * 7?"
    question = Question(
        text=text,
        kind=draw.choice(["number", "text"]),
        documents=documents,
        history=history,
        privacy="any" if where == "document" else label,
    )
    outside = [f"{one}-{which}" for one in PRIVACY if not may_see(one, label) for which in "ab"]
    models = ["local-a", *(draw.choice([*outside, "local-b"]) for _ in range(draw.randint(1, 3)))]
    draw.shuffle(models)
    fallbacks = tuple(draw.choice([*outside, "local-b"]) for _ in range(draw.randrange(3)))
    rows = tuple(" ".join(odd[begin : begin + 5]) for begin in range(8)) if mode == "digest" else ()
    codes = tuple(odd) if mode == "digest" else ()
    return Case(question, (*marks, *codes), rows, tuple(models), fallbacks, draw.choice(STRATEGIES), mode)


def _iban(digits: str) -> str:
    account = f"37040044{digits}0"
    return f"DE{98 - int(f'{account}131400') % 97:02d}{account}"


def _card(digits: str) -> str:
    body = f"411111{digits}"
    doubled = [int(one) * (2 - place % 2) for place, one in enumerate(reversed(body))]
    return f"{body}{-sum(one - 9 * (one > 9) for one in doubled) % 10}"


def _label(model: str) -> Privacy:
    return next(one for one in PRIVACY if model.startswith(one))


def _say(told: str, draw: random.Random, place: int) -> str:
    """A reply that repeats much of what its author was told, as the worst of readers would."""
    words = told.split()
    begin = draw.randrange(max(len(words) - 60, 1))
    said = " ".join(words[begin : begin + 120])
    return f"It says: {said}\nAnswer: {place % 3}\nChoice: A\nFinal ranking: A, B\nVerdict: sound\nScore: 7"


@dataclass
class Ears:
    """What models outside were told; some calls fail, so that fallbacks are asked."""

    draw: random.Random
    failing: float = 0.2
    told: list[tuple[Privacy, str]] = field(default_factory=list)

    def hear(self, request: Request) -> str | Exception:
        """Remember, and answer or fail."""
        told = "\n".join(message.text for message in request.messages)
        self.told.append((_label(request.model), told))
        if self.draw.random() < self.failing:
            return self.draw.choice([OverloadedError("busy", status=503), RejectedError("no")])
        return _say(told, self.draw, len(self.told))

    def orchestrator(self, case: Case, **options: Any) -> Orchestrator:
        """One whose models are labelled by their names, and heard here."""
        models = [Model(name, privacy=_label(name)) for name in case.models]
        fallbacks = [Model(name, privacy=_label(name)) for name in case.fallbacks]
        backend = ScriptedBackend(self.hear)
        return Orchestrator(models, fallbacks=fallbacks, backend=backend, ledger=":memory:", settings=ONCE, **options)

    def outside(self, label: Privacy) -> list[str]:
        """What those were told that may not see what has a label."""
        return [told for one, told in self.told if not may_see(one, label)]


async def _run(number: int) -> int:
    """One panel; how often somebody outside was asked."""
    case, ears = _case(number), Ears(random.Random(number), failing=0.2 if number % 2 else 0)
    async with ears.orchestrator(case) as orchestrator:
        outcome = await orchestrator.solve(
            case.question, case.strategy, outside=case.mode, hide=NAMES, parameters=case.parameters
        )
        difference = None if number % 2 else (await orchestrator.replay(outcome.run)).difference
    told = ears.outside(case.question.strictest_privacy)
    assert [] == [leak for one in told for leak in case.leaked(one)], (number, case.mode)
    assert difference is None, number
    return len(told)


async def test_10_panels() -> None:
    """Runs with rankings, synthesis and comparisons: every other one with failures and fallbacks, the rest replayed."""
    assert sum([await _run(number) for number in range(10)]) > 10


@pytest.mark.slow
async def test_2000_panels() -> None:
    """The same for 2,000 generated questions and panels."""
    assert sum([await _run(number) for number in range(2000)]) > 3000


@pytest.fixture
def servers() -> Iterator[dict[Privacy, Loopback]]:
    """A server for each label, which fails now and then."""

    def answer(seen: Seen) -> Any:
        if seen.place % 5 == 4:
            return Loopback.reply(status=503, body=b'{"error": {"message": "busy"}}')
        return _say("\n".join(str(one["content"]) for one in seen.body["messages"]), random.Random(seen.place), seen.place)

    with ExitStack() as stack:
        made = {label: stack.enter_context(Loopback(answer)) for label in PRIVACY}
        for server in made.values():
            server.modes["n"] = "takes"
        yield made


async def _over_http(servers: dict[Privacy, Loopback], folder: Path, number: int) -> None:
    case, before = _case(number), {label: len(server.seen) for label, server in servers.items()}
    models = {label: Model(label, servers[label].url, privacy=label) for label in PRIVACY}
    async with Orchestrator(
        [models[_label(name)] for name in case.models],
        fallbacks=[models[_label(name)] for name in case.fallbacks],
        ledger=folder / "l.db",
        settings=ONCE,
    ) as orchestrator:
        await orchestrator.solve(case.question, case.strategy, outside=case.mode, hide=NAMES, parameters=case.parameters)
    for label, server in servers.items():
        if not may_see(label, case.question.strictest_privacy):
            assert [] == [leak for seen in server.seen[before[label] :] for leak in case.leaked(str(seen.body))], number


async def test_what_servers_received(servers: dict[Privacy, Loopback], tmp_path: Path) -> None:
    """Over HTTP, from the bytes of each request."""
    for number in range(5):
        await _over_http(servers, tmp_path, number)
    assert servers["any"].seen


@pytest.mark.slow
async def test_what_servers_received_of_2000(servers: dict[Privacy, Loopback], tmp_path: Path) -> None:
    """The same for 2,000 generated questions and panels."""
    for number in range(2000):
        await _over_http(servers, tmp_path, number)
    assert servers["any"].seen


def _mixed(**fields: Any) -> Case:
    question = Question(text="Does Anna Schmidt (anna@mark.example) pay 42?", privacy="local", kind="text", **fields)
    return Case(question, (), (), ("local-a", "any-a"), (), "self-consistency", "redact")


async def test_words_come_back_at_the_end() -> None:
    """A model outside answers with a placeholder, and the trace has the words."""
    case, told = _mixed(), []

    def say(request: Request) -> str:
        told.append((request.model, request.messages[-1].text))
        found = re.search(r"\[EMAIL-1\]|anna@mark\.example", request.messages[-1].text)
        return f"Verdict: same\nAnswer: {found.group() if found else '?'}"

    models = [Model(name, privacy=_label(name)) for name in case.models]
    async with Orchestrator(models, backend=ScriptedBackend(say), ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve(case.question, "self-consistency", outside="redact", hide=["Anna Schmidt"])
    assert "anna@mark.example" == outcome.answer
    assert {turn.answer.text for turn in outcome.trace.turns if turn.answer} == {"anna@mark.example"}
    assert all("[NAME-1] ([EMAIL-1]) pay 42?" in text for model, text in told if model == "any-a")
    assert any("Anna Schmidt (anna@mark.example)" in text for model, text in told if model == "local-a")


async def test_a_function_of_one_s_own() -> None:
    """It is asked once for each part; what it finds is hidden wherever it stands, also in a replay without it."""
    case, ears = _mixed(documents=(Document(name="a", text="Project Falcon costs 42."),)), Ears(random.Random(1), failing=0)
    async with ears.orchestrator(case) as orchestrator:
        outcome = await orchestrator.solve(
            case.question, "self-consistency", outside="redact", hide=lambda text: re.findall(r"Project \w+", text)
        )
        assert (await orchestrator.replay(outcome.run)).difference is None
    assert ears.outside("local")
    assert not [told for told in ears.outside("local") if "Falcon" in told]
    assert [told for label, told in ears.told if label == "local" and "Falcon" in told]


async def test_a_digest_stands_in_place_of_a_part() -> None:
    """Those outside read what a model here made of it; the digest is a turn of the trace."""
    document = Document(name="notes.md", text="The red pump in hall seven of the plant leaks oil since May.", privacy="local")
    case, told = _mixed(documents=(document,)), []

    def say(request: Request) -> str:
        told.append((request.model, request.messages[-1].text))
        if "Some who work on the problem may not see it" in request.messages[-1].text:
            return "There is a machine that needs repair. Quoted: the red pump in hall seven of the plant leaks oil."
        return "Answer: yes"

    models = [Model(name, privacy=_label(name)) for name in case.models]
    async with Orchestrator(models, backend=ScriptedBackend(say), ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve(case.question, "self-consistency", outside="digest")
    outside = [text for model, text in told if model == "any-a"]
    assert outside
    assert all("There is a machine that needs repair. Quoted: [withheld]." in text for text in outside)
    assert ["0.digest/digester/1", "0.digest/digester/2"] == [turn.id for turn in outcome.trace.turns if turn.verb == "digest"]


@pytest.mark.parametrize(
    ("models", "options", "said"),
    [
        (
            ("any-a",),
            {"outside": "digest", "privacy": "local"},
            "a digest is made by a model that may see what is labelled local",
        ),
        (("local-a", "any-a"), {"outside": "redact"}, "outside: nothing here is private"),
        (("local-a",), {"hide": ["Anna"], "privacy": "local"}, "hide: it goes with outside="),
        (("local-a", "any-a"), {"outside": "redact", "privacy": "local", "hide": lambda _: [""]}, "hide: '' can't be hidden"),
        (("local-a", "any-a"), {"privacy": "local"}, "the question is labelled local, and the model of seat 2 is 'any-a'"),
        (("local-a",), {"outside": "some", "privacy": "local"}, "outside: expected 'redact', 'digest' or an OutsideView"),
    ],
)
async def test_what_is_refused(models: tuple[str, ...], options: dict[str, Any], said: str) -> None:
    """In one line, before any call."""
    ears = Ears(random.Random(1))
    async with ears.orchestrator(Case(Question(text="?"), (), (), models, (), "single", "redact")) as orchestrator:
        with pytest.raises((InputError, ModelNotAllowedError), match=re.escape(said)):
            await orchestrator.solve("Is it so?", "single", answer="text", **options)
    assert not ears.told
