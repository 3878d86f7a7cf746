"""The options of one question, besides its text and the strategy: all surfaces share them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import Literal, TypedDict

import anyio.to_thread
from pydantic import BaseModel

from contemplate.errors import InputError
from contemplate.models.backends.model import Model
from contemplate.models.budget import Budget
from contemplate.orchestration.arguments import check_arguments
from contemplate.orchestration.outside import Hide
from contemplate.orchestration.policies import GivenPolicy
from contemplate.orchestration.tool_table import GivenTool
from contemplate.run.reviewing import Review
from contemplate.trace.events import Observer, Observers
from contemplate.types import (
    AnswerKind,
    Attachment,
    Criterion,
    Document,
    FocusMode,
    Json,
    Message,
    OutsideView,
    Privacy,
    Question,
    Sampling,
    Stakes,
    strictest,
)

Given = Document | str | PathLike[str]
"""A document, or the path of a file that holds one."""
GivenAttachment = Attachment | str | PathLike[str] | bytes
"""An attachment, the path of a file, a `data:` URL, or bytes."""
GivenFocus = FocusMode | None
"""What each agent is shown of the documents; None: as the strategy says."""


@dataclass(frozen=True)
class RunOptions:
    """The options of one question.

    Attributes:
        answer: the kind of answer, where the question is a text; "choice" if there are choices, "json" if there is a schema,
            else "open" where its words ask for more than a short answer, else "text". A pydantic model is "json" with that
            model's schema.
        choices: the options of a multiple choice, where the question is a text.
        schema: the JSON Schema of the answer, where the question is a text.
        parameters: values for the recipe's parameters.
        seed: everything random comes from it, in [0, 2**63).
        budget: caps on this question.
        sampling: how all replies are drawn, whatever cards and models say; only what is set in it counts.
        models: instead of the orchestrator's.
        criteria: by what the replies and the answer are scored: criteria, a text as "correct:3,short:1", or "panel" for those
            that the panel proposes.
        documents: what the question comes with: documents, or paths of files that hold them.
        history: what was said before it, by a user and an assistant in turn.
        system: what every agent is told first, in its system message.
        privacy: how far the question may go, if less far than it says itself.
        tools: that all who answer may call: names, `Tool`s, functions, or MCP servers.
        policy: the policy that it is under besides that of the settings; "off" for none.
        profile: under which policies are used; None: as the settings say.
        stakes: "high", or what is asked for before it is answered; None: nothing.
        outside: what models see of private words that may not see them all: "redact", "digest"; None: they are not called.
        hide: names that are hidden from them besides, or a function that finds what is.
        attachments: what else it comes with: pictures, PDF files, sound or films, as paths, bytes, or `data:` URLs.
        refine: put the question more tightly first: True, or a function that is asked about it (`Review`).
        focus: what each agent is shown of the documents: "full", "digest" or "split"; None: as the strategy says, which is all.
    """

    answer: AnswerKind | type[BaseModel] | None = None
    choices: Sequence[str] = ()
    schema: Json | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    seed: int = 0
    budget: Budget | None = None
    sampling: Sampling | None = None
    models: tuple[str | Model, ...] = ()
    criteria: Sequence[Criterion] | str | None = None
    documents: Sequence[Given] = ()
    history: Sequence[Message] = ()
    system: str | None = None
    privacy: Privacy = "any"
    attachments: Sequence[GivenAttachment] = ()
    tools: Sequence[GivenTool] = ()
    policy: GivenPolicy | None = None
    profile: str | None = None
    stakes: Stakes | Literal["high"] | None = None
    outside: OutsideView | Literal["redact", "digest"] | None = None
    hide: Hide | None = None
    refine: bool | Review = False
    focus: GivenFocus = None

    def __post_init__(self) -> None:
        """Refuse what is of another kind.

        Raises:
            InputError: in one line, by the names that `solve` has for them.
        """
        check_arguments(**vars(self))

    @property
    def review(self) -> Review | None:
        """Who is asked about a question that was put more tightly; None for nobody."""
        return None if isinstance(self.refine, bool) else self.refine

    def read(self) -> RunOptions:
        """These options with their documents and attachments read. Waits for the disk, and for PDF for another process.

        Raises:
            InputError: one of them can't be read.
        """
        if self._is_read:
            return self
        read = iter(Document.from_files([one for one in self.documents if not isinstance(one, Document)]))
        documents = tuple(one if isinstance(one, Document) else next(read) for one in self.documents)
        return replace(self, documents=documents, attachments=tuple(map(_attachment, self.attachments)))

    @property
    def _is_read(self) -> bool:
        return all(isinstance(one, Document) for one in self.documents) and all(
            isinstance(one, Attachment) for one in self.attachments
        )

    async def read_apart(self) -> RunOptions:
        """As `read`, in a thread of its own where there is something to read."""
        return self if self._is_read else await anyio.to_thread.run_sync(self.read)

    def added_to(self, question: Question) -> Question:
        """The question with the documents, attachments, history, system prompt and criteria given here, and the stricter label.

        Raises:
            InputError: it has such a part already; or a document or an attachment can't be read.
        """
        read = self.read()
        told = {
            "documents": tuple(read.documents),
            "attachments": tuple(read.attachments),
            "history": tuple(self.history),
            "system": self.system,
            "criteria": self.criteria,
        }
        given: dict[str, object] = {name: value for name, value in told.items() if value is not None and value != ()}
        for name in given:
            if getattr(question, name):
                raise InputError(f"{name}: the Question has its own; give one of the two")
        if (label := strictest(question.privacy, self.privacy)) != question.privacy:
            given["privacy"] = label
        return Question(**{**dict(question), **given}) if given else question


def _attachment(given: GivenAttachment) -> Attachment:
    if isinstance(given, Attachment):
        return given
    if isinstance(given, bytes):
        return Attachment.from_bytes(given)
    return Attachment.from_url(given) if isinstance(given, str) and given.startswith("data:") else Attachment.from_file(given)


class QuestionOptions(TypedDict, total=False):
    """The options of `Orchestrator.solve` and `stream` by name, besides question, strategy and the kind of answer."""

    choices: Sequence[str]
    schema: Json | None
    parameters: Mapping[str, object] | None
    seed: int
    budget: Budget | None
    sampling: Sampling | None
    criteria: Sequence[Criterion] | str | None
    on_event: Observer | Sequence[Observer] | None
    deltas: bool
    documents: Sequence[Given]
    history: Sequence[Message]
    system: str | None
    privacy: Privacy
    tools: Sequence[GivenTool]
    policy: GivenPolicy | None
    profile: str | None
    stakes: Stakes | Literal["high"] | None
    outside: OutsideView | Literal["redact", "digest"] | None
    hide: Hide | None
    attachments: Sequence[GivenAttachment]
    refine: bool | Review
    focus: GivenFocus


def observers_of(on_event: Observer | Sequence[Observer] | None, *, deltas: bool = False) -> Observers:
    """The observers that were given, as none, as one or as several.

    Raises:
        InputError: one of them can't be called.
    """
    check_arguments(on_event=on_event, deltas=deltas)
    if on_event is None:
        return Observers(deltas=deltas)
    return Observers((on_event,) if callable(on_event) else tuple(on_event), deltas)
