"""The shield of a mixed panel: who may not see private words is shown another view of them, whatever is asked, and by whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from contemplate.agents.quoting import Quoting
from contemplate.errors import PrivacyError
from contemplate.models.call import Caller, Reply
from contemplate.redaction.placeholders import Redactor
from contemplate.redaction.withholding import WITHHELD, Withholder, codes_in
from contemplate.text import one_line
from contemplate.types import Message, OutsideView, Privacy, Question, Request, Text, ToolResult, canonical_json, may_see

_SHORTEST_CHECKED = 4
_BARE = Quoting()
"""Words are quoted without what nobody sees; so they are looked for in both forms."""


@dataclass
class Shield:
    """Shows each model what it may see.

    Attributes:
        label: of the run.
        privacy_of: says the label of a model.
        redactor: hides single words, and puts them back.
        withholder: withholds rows of words; None: none are.
        instead: what stands in place of whole texts, by the texts: digests.
    """

    label: Privacy
    privacy_of: Callable[[str], Privacy]
    redactor: Redactor
    withholder: Withholder | None = None
    instead: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, view: OutsideView, question: Question, secret: str | None, privacy_of: Callable[[str], Privacy]) -> Shield:
        """The shield of a run.

        Args:
            view: what is shown.
            question: with all that it comes with.
            secret: of the run, if it has one.
            privacy_of: says the label of a model.
        """
        private = tuple(text for _, part in private_parts(question) for text in (part, _BARE.inert(part)))
        codes = [code for text in private for code in codes_in(text)] if view.mode == "digest" else []
        redactor = Redactor.of(
            [*all_parts(question), *map(_BARE.inert, all_parts(question))], view.names, view.values, codes, secret or ""
        )
        withholder = Withholder(private) if view.mode == "digest" else None
        return cls(question.strictest_privacy, privacy_of, redactor, withholder)

    def sees_all(self, model: str) -> bool:
        """Whether a model may see all there is."""
        return may_see(self.privacy_of(model), self.label)

    async def outgoing(self, requests: Sequence[Request], caller: Caller) -> tuple[Sequence[Request], Caller]:
        """The requests as each model may see them.

        Raises:
            PrivacyError: none can be shown so, as one with a picture.
        """
        shown, views, failed = list[Request](), dict[str, Privacy](), None
        for request in requests:
            if self.sees_all(request.model):
                shown.append(request)
                continue
            try:
                view = self._view(request)
            except PrivacyError as error:
                failed = error
                continue
            shown.append(view)
            views[view.key] = "any"
        if not shown and failed is not None:
            raise failed
        return shown, replace(caller, views={**caller.views, **views}) if views else caller

    async def incoming(self, reply: Reply, caller: Caller) -> Reply:
        """The reply with the words put back that its model saw as placeholders."""
        if reply.request.key not in caller.views:
            return reply
        text = self.redactor.restored(reply.completion.text)
        return replace(reply, completion=reply.completion.model_copy(update={"text": text}))

    def shown(self, text: str) -> str:
        """A text as others may see it."""
        for whole, instead in self.instead.items():
            text = text.replace(whole, instead)
        return self.redactor.hidden(text if self.withholder is None else self.withholder.withheld(text))

    def _view(self, request: Request) -> Request:
        messages = tuple(self._message(message, request.model) for message in request.messages)
        schema = None if request.reply_schema is None else canonical_json(request.reply_schema)
        if schema is not None and self.shown(schema) != schema:
            raise PrivacyError(
                f"not sent: the form of the reply holds private words that {one_line(request.model, 80)!r} may not see"
            )
        left = next((one for one in self.redactor.values if _stands_in(one, messages)), None)
        if left is not None:
            raise PrivacyError(f"not sent: private words would be left in what {one_line(request.model, 80)!r} is told")
        return Request(**{**{name: getattr(request, name) for name in Request.model_fields}, "messages": messages})

    def _message(self, message: Message, model: str) -> Message:
        if isinstance(message.content, str):
            return Message(role=message.role, content=self.shown(message.content))
        if not all(isinstance(part, Text | ToolResult) for part in message.content):
            raise PrivacyError(f"not sent: of pictures and the like there is no view that {one_line(model, 80)!r} may see")
        texts = (part for part in message.content if isinstance(part, Text | ToolResult))
        return Message(
            role=message.role, content=tuple(part.model_copy(update={"text": self.shown(part.text)}) for part in texts)
        )

    def put_instead(self, digests: Mapping[str, str]) -> None:
        """Show digests in place of texts; of each only what may be seen of it."""
        self.instead = {whole: self.shown(digest) or WITHHELD for whole, digest in digests.items() if whole.strip()}


def _stands_in(value: str, messages: Sequence[Message]) -> bool:
    return len(value) >= _SHORTEST_CHECKED and any(value in message.text for message in messages)


def private_parts(question: Question) -> list[tuple[str, str]]:
    """The parts of a question that not everybody may see: what each is called, and its words."""
    found = []
    if question.privacy != "any":
        found += [("the question", question.text), ("the system prompt", question.system or "")]
        found += [(f"choice {number}", choice) for number, choice in enumerate(question.choices, 1)]
        found += [(f"message {number} of what was said before", one.text) for number, one in enumerate(question.history, 1)]
    found += [(f"document {one.name}", one.text) for one in question.documents if one.privacy != "any"]
    return [(name, text) for name, text in found if text.strip()]


def all_parts(question: Question) -> list[str]:
    """The words of all parts of a question."""
    said = (one.text for one in question.history)
    documents = (f"{one.name}\n{one.text}" for one in question.documents)
    return [question.text, question.system or "", *question.choices, *said, *documents]
