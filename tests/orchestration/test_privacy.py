"""What is private reaches only models that may see it: refused when it is planned, and held back when it would leave."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import anyio
import pytest

from contemplate import Caller, Document, Message, Model, Orchestrator, Question, Request, Retry, ScriptedBackend, Settings
from contemplate.catalogue.strategy import Strategy
from contemplate.errors import ContemplateError, ModelNotAllowedError, OverloadedError, PrivacyError, RejectedError
from contemplate.models.budget import Account, Budget
from contemplate.orchestration import planning, runner
from contemplate.orchestration.conversation import Conversation
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.run_spec import RunSpec
from contemplate.run.run import Run
from contemplate.steps import PROTOCOLS, Panel, Propose, Step, Vote
from contemplate.types import PRIVACY, AttachedPart, Attachment, Blob, Privacy, Reading, may_see
from loopback import Loopback, Seen

ONCE = Settings(retry=Retry(attempts=1, first_wait=0.001, deadline=1))
MARK = re.compile(r"MARK-\d+-\w+")
STRATEGIES = ("single", "self-consistency", "council", "best-of-n", "mixture-of-agents", "verify-refine", "contemplating")


# --- generated questions and panels -------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A question with a marker for each part, and who is to answer it."""

    question: Question
    marks: Mapping[str, Privacy]
    panel: tuple[str, ...]
    fallbacks: tuple[str, ...]
    strategy: str

    @property
    def allowed(self) -> bool:
        """Whether all its models may see all of it."""
        label = self.question.strictest_privacy
        return all(may_see(_label(model), label) for model in (*self.panel, *self.fallbacks))


def _label(model: str) -> Privacy:
    return next(label for label in PRIVACY if model.startswith(label))


def _attached(mark: str, label: Privacy) -> Attachment:
    """A picture that was opened and read before."""
    blob = Blob(sha256="0" * 64, mime="image/png", size=1)
    part = AttachedPart(blob=blob, reading=Reading(text=f"{mark} stands in it.", by="a program"))
    return Attachment(name="a.png", media_type="image/png", sha256="1" * 64, size=1, parts=(part,), privacy=label)


def _case(number: int) -> Case:
    draw = random.Random(number)
    own = draw.choice(PRIVACY)
    documents = tuple(
        Document(name=f"{place}.md", text=f"MARK-{number}-d{place} says so.", privacy=draw.choice(PRIVACY))
        for place in range(draw.randrange(3))
    )
    apart = random.Random(f"attachments of {number}")
    attachments = (_attached(f"MARK-{number}-a0", apart.choice(PRIVACY)),) if apart.random() < 0.3 else ()
    question = Question(
        text=f"MARK-{number}-q: what is 6 * 7?",
        kind=draw.choice(["number", "text"]),
        system=f"MARK-{number}-s be brief." if draw.random() < 0.3 else None,
        history=(Message(role="user", content=f"MARK-{number}-h?"), Message(role="assistant", content="Yes."))
        if draw.random() < 0.3
        else (),
        documents=documents,
        attachments=attachments,
        privacy=own,
    )
    marks = {f"MARK-{number}-{part}": own for part in "qsh"}
    marks |= {f"MARK-{number}-d{place}": document.privacy for place, document in enumerate(documents)}
    marks |= {f"MARK-{number}-a{place}": attachment.privacy for place, attachment in enumerate(attachments)}
    floor = draw.choice(PRIVACY)  # so that whole panels fit often enough
    models = [f"{label}-{which}" for label in PRIVACY[: PRIVACY.index(floor) + 1] for which in "ab"]
    panel = tuple(draw.choice(models) for _ in range(draw.randint(1, 3)))
    fallbacks = tuple(draw.choice(models) for _ in range(draw.randrange(3)))
    return Case(question, marks, panel, fallbacks, draw.choice(STRATEGIES))


@dataclass
class Ears:
    """What each model was told, by its label; some calls fail, so that fallbacks are asked."""

    told: list[tuple[Privacy, str]] = field(default_factory=list)
    failing: random.Random = field(default_factory=lambda: random.Random(7))

    def hear(self, request: Request) -> str | Exception:
        """Remember it, and answer or fail."""
        self.told.append((_label(request.model), "\n".join(message.text for message in request.messages)))
        if self.failing.random() < 0.3:
            return self.failing.choice([OverloadedError("busy", status=503), RejectedError("no")])
        said = f"Answer: {self.failing.randrange(3)}\nChoice: A\nFinal ranking: A, B\nVerdict: sound\nScore: 7"
        return said if "--- " not in self.told[-1][1] else f"It says: {self.told[-1][1][-200:]}\n{said}"

    def orchestrator(self, case: Case | None = None) -> Orchestrator:
        """One whose models are labelled by their names, and heard here."""
        names = [f"{label}-{which}" for label in PRIVACY for which in "ab"]
        models = {name: Model(name, privacy=_label(name), accepts=["text"]) for name in names}
        panel, fallbacks = (case.panel, case.fallbacks) if case is not None else (tuple(models), ())
        return Orchestrator(
            [models[name] for name in panel],
            fallbacks=[models[name] for name in fallbacks],
            backend=ScriptedBackend(self.hear),
            ledger=":memory:",
            settings=ONCE,
        )

    def check(self, marks: Mapping[str, Privacy]) -> None:
        """No marker reached a model that may not see it."""
        found = [(label, mark) for label, text in self.told for mark in MARK.findall(text)]
        assert found
        assert not [(label, mark, marks[mark]) for label, mark in found if not may_see(label, marks[mark])]


async def test_2000_panels_are_refused_when_planned_or_may_see_all() -> None:
    """A plan is refused exactly where a model is named that may not see a part; the line names part, label and model."""
    refused = 0
    for number in range(2000):
        case, ears = _case(number), Ears()
        orchestrator = ears.orchestrator(case)
        if case.allowed:
            orchestrator.specify(case.question, case.strategy, RunOptions())
            continue
        refused += 1
        with pytest.raises(
            ModelNotAllowedError, match=r"is labelled (local|eu), and the .* is '(eu|any)-[ab]', which is labelled (eu|any) "
        ) as said:
            orchestrator.specify(case.question, case.strategy, RunOptions())
        assert "\n" not in str(said.value)
        assert not ears.told
    assert 400 < refused < 1600


async def test_no_marked_words_pass_the_path_of_calls() -> None:
    """2,000 panels whose plan nobody checked: what is asked of each model and its fallbacks goes only where it may."""
    ears, came, marks = Ears(), Counter[str](), {}
    cases = iter([_case(number) for number in range(2000)])

    async def work(orchestrator: Orchestrator) -> None:
        for case in cases:
            marks.update(case.marks)
            read = [part.reading for one in case.question.attachments for part in one.parts]
            words = "\n".join([case.question.text, *(one.text for one in (*case.question.documents, *filter(None, read)))])
            said = Message(role="user", content=words)
            requests = [Request(model=model, messages=(said,)) for model in (*case.panel, *case.fallbacks)]
            caller = Caller(account=Account(Budget()), run="", turn="")
            try:
                await orchestrator.runner._calls_for(case.question).call(requests, caller)
                came["answered"] += 1
            except ContemplateError as error:
                came[error.kind] += 1

    async with ears.orchestrator() as orchestrator, anyio.create_task_group() as tasks:
        for _ in range(40):
            tasks.start_soon(work, orchestrator)
    ears.check(marks)
    assert came.keys() == {"answered", "privacy", "rejected", "overloaded"}
    assert min(came["answered"], came["privacy"]) > 300


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks at labels before a run begins, so that only the guard in the path of calls is left."""
    monkeypatch.setattr(planning, "check_private", lambda *_: None)
    monkeypatch.setattr(runner, "check_private", lambda *_: None)


@pytest.mark.usefixtures("unchecked")
async def test_no_marked_words_leave_a_whole_run() -> None:
    """Runs with rankings, synthesis and verdicts, mixed panels, failures and fallbacks, and no check but the last one."""
    kinds: set[str] = set()
    cards: set[str] = set()
    told: list[tuple[Privacy, str]] = []
    marks: dict[str, Privacy] = {}
    for number in range(40):
        case, ears = _case(number), Ears()
        async with ears.orchestrator(case) as orchestrator:
            outcome = await orchestrator.solve(case.question, case.strategy)
        told, marks = [*told, *ears.told], {**marks, **case.marks}
        cards |= {turn.card for turn in outcome.trace.turns if turn.failure is not None and turn.failure.kind == "privacy"}
        kinds |= {turn.failure.kind for turn in outcome.trace.turns if turn.failure is not None}
        if case.allowed:
            assert ears.told
    Ears(told).check(marks)
    assert {"privacy", "rejected"} <= kinds
    assert {"proposer", "council-member", "chairman", "aggregator"} <= cards


@pytest.fixture
def servers() -> Iterator[dict[Privacy, Loopback]]:
    """A server for each label, which fails now and then."""
    with ExitStack() as stack:
        yield {label: stack.enter_context(Loopback(_answer)) for label in PRIVACY}


def _answer(seen: Seen) -> Loopback.reply | str:  # type: ignore[valid-type]
    if seen.place % 4 == 3:
        return Loopback.reply(status=503, body=b'{"error": {"message": "busy"}}')
    return f"Answer: {seen.place % 2}\nChoice: A\nFinal ranking: A, B\nVerdict: sound"


@pytest.mark.usefixtures("unchecked")
async def test_what_servers_received(servers: dict[Privacy, Loopback], tmp_path: Path) -> None:
    """Over HTTP, from the bytes of each request: no mark where it may not be."""
    marks: dict[str, Privacy] = {}
    models = {label: Model("m", servers[label].url, label=label, privacy=label, accepts=["text"]) for label in PRIVACY}
    for number in (*range(20), 33):  # the last one may go anywhere
        case = _case(number)
        marks |= case.marks
        async with Orchestrator(
            [models[_label(name)] for name in case.panel],
            fallbacks=[models[_label(name)] for name in case.fallbacks],
            ledger=tmp_path / "l.db",
            settings=ONCE,
        ) as orchestrator:
            await orchestrator.solve(case.question, case.strategy)
    for server in servers.values():
        assert server.seen
    Ears([(label, str(seen.body)) for label, server in servers.items() for seen in server.seen]).check(marks)


# --- where a label goes -------------------------------------------------------------------------------


class Rogue(Step):
    """A step that asks a model of its own choice, on a path and with a caller of its own making."""

    do: Literal["rogue"] = "rogue"

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Ask, and say nothing of it."""
        request = Request(model="any-a", messages=(Message(role="user", content=run.question.text),))
        with pytest.raises(PrivacyError):
            await run.state.services.calls.call([request], Caller(account=Account(Budget()), run="x", turn="x"))
        return panel


async def test_a_step_can_t_call_around_the_label(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even with a caller that says nothing of it."""
    monkeypatch.setitem(PROTOCOLS, "rogue", Rogue)
    ears = Ears(failing=random.Random(1))
    async with ears.orchestrator(Case(Question(text="?"), {}, ("local-a",), (), "single")) as orchestrator:
        strategy = Strategy(steps=(Propose(seats=1), Rogue(), Vote()))
        await orchestrator.solve("SECRET 1?", strategy, answer="number", privacy="local")
    assert ears.told
    assert {"local"} == {label for label, _ in ears.told}


async def test_an_ask_outside_of_any_run() -> None:
    """As graders and judges are asked: held back, and nothing is charged."""
    ears = Ears()
    async with ears.orchestrator() as orchestrator:
        with pytest.raises(PrivacyError):
            await orchestrator.runner.ask("judge", Question(text="1?", privacy="eu"), {}, "Say.", model="any-a")
        assert orchestrator.account.usage.calls == 0
    assert not ears.told


async def test_a_conversation_keeps_the_strictest_label() -> None:
    """What was said of a private document is private in later turns, also when it is taken up again."""
    ears = Ears(failing=random.Random(1))
    async with ears.orchestrator(Case(Question(text="?"), {}, ("local-a", "local-b"), (), "single")) as orchestrator:
        document = Document(name="a", text="b", privacy="local")
        conversation = Conversation(orchestrator, "self-consistency", documents=[document])
        outcome = await conversation.ask("1?")
        again = await Conversation.resume(orchestrator)
        record = await orchestrator.ledger.run(outcome.run)
        assert record is not None
        assert ("local", "local") == (conversation._options.privacy, again._options.privacy)
        assert RunSpec.stored(record.run, record.spec).privacy == "local"


async def test_a_fork_can_t_move_a_seat_to_a_model_that_may_not_see_it() -> None:
    """It is refused, before anything is called."""
    ears = Ears(failing=random.Random(1))
    async with ears.orchestrator(Case(Question(text="?"), {}, ("local-a",), (), "single")) as orchestrator:
        outcome = await orchestrator.solve("1?", "self-consistency", answer="number", privacy="local")
        before = len(ears.told)
        with pytest.raises(ModelNotAllowedError, match="the model of seat 2 is 'any-a', which is labelled any"):
            await orchestrator.fork(outcome.run, models={2: "any-a"})
        assert before == len(ears.told)


@pytest.mark.parametrize(
    ("models", "fallbacks", "card", "document", "said"),
    [
        (
            ("any-a",),
            (),
            None,
            False,
            "the question is labelled local, and the model of seat 1 is 'any-a', which is labelled any",
        ),
        (("local-a", "eu-a"), (), None, False, "the question is labelled local, and the model of seat 2 is 'eu-a', which is"),
        (
            ("local-a",),
            ("eu-b",),
            None,
            False,
            "the question is labelled local, and the fallback is 'eu-b', which is labelled eu",
        ),
        (("local-a",), (), "any-b", False, "labelled local, and the model of card 'proposer' is 'any-b', which is labelled any"),
        (
            ("any-a",),
            (),
            None,
            True,
            "document 'notes.md' is labelled eu, and the model of seat 1 is 'any-a', which is labelled any",
        ),
    ],
)
async def test_what_a_refusal_says(
    models: tuple[str, ...], fallbacks: tuple[str, ...], card: str | None, document: bool, said: str
) -> None:
    """Part, label and model, in one line; also of a stored spec that is gone on with."""
    ears = Ears()
    question = Question(
        text="1?",
        kind="number",
        privacy="any" if document else "local",
        documents=(Document(name="notes.md", text="b", privacy="eu"),) if document else (),
    )
    async with ears.orchestrator(Case(question, {}, models, fallbacks, "single")) as orchestrator:
        fine = orchestrator.specify("1?", "single", RunOptions(answer="number"))
        cards = {name: one.model_copy(update={"models": (card,)}) if card else one for name, one in fine.cards.items()}
        with pytest.raises(ModelNotAllowedError) as refused:
            await orchestrator.runner.execute(fine.model_copy(update={"question": question, "cards": cards}))
        assert await orchestrator.ledger.run_ids() == []
    assert said in str(refused.value)
    assert not ears.told


async def test_comparing_answers_is_held_back_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether two texts mean the same is asked of a model that may see them, or of none."""
    monkeypatch.setattr(planning, "check_private", lambda *_: None)
    monkeypatch.setattr(runner, "check_private", lambda *_: None)
    told: list[str] = []

    def say(request: Request) -> str:
        told.append(request.model)
        return f"Answer: {'the left pump' if request.draw else 'pump on the left'}"

    panel = [Model("any-a", privacy="any"), Model("local-a", privacy="local"), Model("local-b", privacy="local")]
    async with Orchestrator(panel, backend=ScriptedBackend(say), ledger=":memory:", settings=ONCE) as orchestrator:
        outcome = await orchestrator.solve("Which pump?", "self-consistency", answer="text", privacy="local")
    held = {turn.card for turn in outcome.trace.turns if turn.failure is not None and turn.failure.kind == "privacy"}
    assert {"local-a", "local-b"} >= set(told)
    assert held == {"proposer", "equivalence"}
