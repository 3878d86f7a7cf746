"""What each agent of a run is shown of long documents, where not all are shown all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from contemplate.agents.dealt import dealt_documents, in_place_of
from contemplate.agents.prompts import documents as all_documents
from contemplate.agents.quoting import Quoting
from contemplate.claims.grounds import passages_in
from contemplate.run.pending import Prompt
from contemplate.types import Document, FocusView, Message, Turn

READER = "reader"
"""The card of whoever reads a part of a long document for all."""


@dataclass
class Dealt:
    """The documents of a run, dealt to its seats.

    Attributes:
        view: the parts, who read them, and what was found.
        documents: those of the question, whole.
        quoting: how they are quoted.
    """

    view: FocusView
    documents: tuple[Document, ...]
    quoting: Quoting
    _texts: dict[frozenset[int], str] = field(default_factory=dict)

    @property
    def apart(self) -> bool:
        """Whether seats are shown different things."""
        return self.view.mode == "split"

    def shown(self, seat: str, prompt: Prompt) -> Prompt:
        """A prompt with what `seat` is shown in place of the documents, wherever these stand in it."""

        def dealt(form: str) -> tuple[Message, ...] | None:
            messages = prompt(form)
            whole = all_documents(self.documents, self.quoting)
            return None if messages is None else in_place_of(whole, self.of(seat), messages)

        return dealt

    def of(self, seat: str) -> str:
        """The documents as `seat` is shown them; a role outside of the panel sees what was found in all parts, and none whole."""
        whole = frozenset(part.number for part in self.view.parts if seat in part.seats)
        if whole not in self._texts:
            self._texts[whole] = dealt_documents(self.view.parts, self.documents, whole, self.quoting)
        return self._texts[whole]

    def grounded(self, turn: Turn, documents: Sequence[Document]) -> Turn:
        """A turn with the passages on which its answer rests: those that it quotes, else the one that its words stand in."""
        if turn.answer is None or not turn.text or not (passages := passages_in(turn.text, documents)):
            return turn
        return turn.model_copy(update={"found": turn.found.model_copy(update={"passages": passages})})
