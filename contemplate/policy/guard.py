"""The guard of a run: it looks at question, prompts, replies, tools' calls and the answer by the rules in force.

What applied is on record with the turn that it was about. A replay takes it from there and asks neither functions nor models.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import anyio.to_thread

from contemplate.errors import PolicyError
from contemplate.errors.boundary import boundary
from contemplate.models.call import Caller, Reply
from contemplate.policy.rules import Policy, Rule, Subject
from contemplate.text import one_line
from contemplate.types import AnswerKind, Document, Message, PolicyStage, Privacy, Question, Request, Ruling, Text, ToolResult

Classifier = Callable[[str], bool | float]
"""A function of one text: whether it is such a text, or how far, as a number. It is called in a thread of its own."""

Judge = Callable[[str, str, Caller], Awaitable[bool]]
"""Asks a model in the role of the card of that name whether a text is such as the card says, on behalf of a caller."""

QUESTION, ANSWER = "0.policy", "end.policy"
"""The turns of the trace that hold what was decided on the question, and on the answer."""


@dataclass
class Guard:
    """Looks at what a run asks, hears and answers.

    Attributes:
        policies: in force, one after the other; one can't allow what another refuses.
        label, kind: of the question.
        classifiers: functions by name.
        judge: asks models.
        told: told each ruling, once it is made; what it raises ends the run.
        recorded: what is on record, by turn, in a replay; None where rules are looked at.
        rulings: what applied so far, by turn.
    """

    policies: tuple[Policy, ...]
    label: Privacy
    kind: AnswerKind
    judge: Judge
    classifiers: Mapping[str, Classifier] = field(default_factory=dict)
    told: Callable[[str, Ruling], Awaitable[None]] | None = None
    recorded: Mapping[str, Sequence[Ruling]] | None = None
    rulings: dict[str, list[Ruling]] = field(default_factory=dict)
    _calls: dict[str, int] = field(default_factory=dict)

    def of(self, turn: str) -> tuple[Ruling, ...]:
        """What applied to a turn, once it is over."""
        found = self.rulings.get(turn, ()) if self.recorded is None else self.recorded.get(turn, ())
        return tuple(dict.fromkeys(found))

    # --- the stages of a call -------------------------------------------------------------------------

    async def outgoing(self, requests: Sequence[Request], caller: Caller) -> tuple[Sequence[Request], Caller]:
        """The requests that may be sent, rewritten where a rule says so.

        Raises:
            PolicyError: none may.
        """
        number = self._calls[caller.turn] = self._calls.get(caller.turn, 0) + 1
        kept, refused = list[Request](), None
        for request in requests:
            try:
                kept.append(await self._request(request, caller, number))
            except PolicyError as error:
                refused = error
        if not kept and refused is not None:
            raise refused
        return kept, caller

    async def _request(self, request: Request, caller: Caller, number: int) -> Request:
        look = _Look(self, caller, number)
        told = "\n\n".join(message.text for message in request.messages)
        rules = await look.applying(self._subject("prompt", told, model=request.model))
        if not rules:
            return request
        messages = tuple(_rewritten(message, rules) for message in request.messages)
        if messages == request.messages:
            return request
        return Request(**{**{name: getattr(request, name) for name in Request.model_fields}, "messages": messages})

    async def incoming(self, reply: Reply, caller: Caller) -> Reply:
        """The reply as it may be used. The ledger keeps it as it came.

        Raises:
            PolicyError: it may not.
        """
        look = _Look(self, caller, self._calls.get(caller.turn, 1))
        said = reply.completion.text
        rules = await look.applying(self._subject("reply", said, model=reply.request.model))
        if (text := _all(rules, said)) == said:
            return reply
        return replace(reply, completion=reply.completion.model_copy(update={"text": text}))

    async def tool_call(self, tool: str, arguments: str, caller: Caller, model: str = "") -> str:
        """The arguments with which a tool may be called, rewritten where a rule says so; they are the JSON text of an object.

        Raises:
            PolicyError: it may not be called so.
        """
        look = _Look(self, caller, self._calls.get(caller.turn, 1))
        return _all(await look.applying(self._subject("tool", arguments, model=model, tool=tool)), arguments)

    # --- question and answer --------------------------------------------------------------------------

    async def question(self, question: Question, caller: Caller) -> Question:
        """The question as it may be asked.

        Raises:
            PolicyError: it may not.
        """
        parts = [question.text, *question.choices, question.system or ""]
        parts += [*(one.text for one in question.history), *(f"{one.name}\n{one.text}" for one in question.documents)]
        look = _Look(self, replace(caller, turn=QUESTION), 0)
        rules = await look.applying(self._subject("question", "\n\n".join(parts)))
        return question_by(question, rules)

    async def answer(self, answer: str, caller: Caller) -> str:
        """The answer as it may be given.

        Raises:
            PolicyError: it may not; also where it would be rewritten and is no text, but a number, a choice or the like.
        """
        look = _Look(self, replace(caller, turn=ANSWER), 0)
        text = _all(await look.applying(self._subject("answer", answer)), answer)
        if text != answer and self.kind not in {"text", "open"}:
            made = next(one for one in reversed(self.rulings[ANSWER]) if one.effect == "rewrite")
            raise PolicyError(f"{made}; an answer of kind {self.kind} can't be rewritten, so it is held back")
        return text

    def _subject(self, stage: PolicyStage, text: str, *, model: str = "", tool: str = "") -> Subject:
        return Subject(stage=stage, text=text, label=self.label, kind=self.kind, model=model, tool=tool)


@dataclass
class _Look:
    """One look at the rules, on behalf of one call."""

    guard: Guard
    caller: Caller
    number: int

    async def applying(self, subject: Subject) -> list[Rule]:
        """The rules that apply, in their order; what applied is written down.

        Raises:
            PolicyError: one of them refuses.
        """
        found: list[Rule] = []
        for policy in self.guard.policies:
            for rule in policy.at(subject.stage):
                ruling = await self._ruling(policy, rule, subject)
                if ruling is None:
                    continue
                await self._made(ruling)
                found.append(rule)
                if rule.effect == "refuse":
                    raise PolicyError(str(ruling))
                if rule.effect == "allow":
                    break
        return found

    async def _ruling(self, policy: Policy, rule: Rule, subject: Subject) -> Ruling | None:
        """What a rule says of a subject; None if it does not apply."""
        if self.guard.recorded is not None:
            known = self.guard.recorded.get(self.caller.turn, ())
            wanted = policy.ruling(rule, subject, call=self.number)
            return next((one for one in known if one.model_copy(update={"unsure": None}) == wanted), None)
        applies, unsure = False, None
        with boundary(f"rule {rule.id}") as caught:
            applies = await self._applies(rule, subject)
        if caught.error is not None:
            unsure = None if rule.effect == "allow" else one_line(str(caught.error), 200)  # who is not sure allows nothing
        return policy.ruling(rule, subject, unsure=unsure, call=self.number) if applies or unsure else None

    async def _applies(self, rule: Rule, subject: Subject) -> bool:
        when = rule.when
        if not when.plain(subject):
            return False
        if when.classifier is not None:
            classifier = self.guard.classifiers[when.classifier.name]
            if not float(await anyio.to_thread.run_sync(classifier, subject.text)) > when.classifier.above:
                return False
        if when.judge is not None:
            asks = replace(self.caller, turn=f"{self.caller.turn}/{rule.id}", on_text=None)
            return await self.guard.judge(when.judge, subject.text, asks)
        return True

    async def _made(self, ruling: Ruling) -> None:
        known = self.guard.rulings.setdefault(self.caller.turn, [])
        if ruling not in known:
            known.append(ruling)
            if self.guard.told is not None and self.guard.recorded is None:
                await self.guard.told(self.caller.turn, ruling)


def _all(rules: Sequence[Rule], text: str) -> str:
    for rule in rules:
        text = rule.rewritten(text)
    return text


def _rewritten(message: Message, rules: Sequence[Rule]) -> Message:
    if isinstance(message.content, str):
        return Message(role=message.role, content=_all(rules, message.content))
    parts = (
        part.model_copy(update={"text": _all(rules, part.text)}) if isinstance(part, Text | ToolResult) else part
        for part in message.content
    )
    return Message(role=message.role, content=tuple(parts))


def question_by(question: Question, rules: Sequence[Rule]) -> Question:
    """The question as the rules that apply to it rewrite it: its text, choices, history, documents, and the user's own system."""
    if not any(rule.effect == "rewrite" for rule in rules):
        return question
    documents = tuple(_document(one, rules) for one in question.documents)
    changed = {
        "text": _all(rules, question.text),
        "choices": tuple(_all(rules, choice) for choice in question.choices),
        "system": None if question.system is None else _all(rules, question.system),
        "history": tuple(_rewritten(message, rules) for message in question.history),
        "documents": documents,
    }
    return question.model_copy(update=changed)


def _document(document: Document, rules: Sequence[Rule]) -> Document:
    """A document with its words rewritten, page by page, so that pages stay what they are."""
    ends = (*document.pages[1:], len(document.text))
    begins = document.pages or (0,)
    texts = [
        _all(rules, document.text[begin:end]) for begin, end in zip(begins, ends if document.pages else ends[-1:], strict=True)
    ]
    if not document.pages:
        return document.model_copy(update={"text": texts[0], "name": _all(rules, document.name)})
    places = [sum(map(len, texts[:number])) for number in range(len(texts))]
    return document.model_copy(update={"text": "".join(texts), "pages": tuple(places), "name": _all(rules, document.name)})
