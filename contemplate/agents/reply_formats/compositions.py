"""The format of an open answer, each sentence with the numbers of the claims that it rests on."""

from __future__ import annotations

from contemplate import answers
from contemplate.agents.reply_formats.base import Parsed, ReplyFormat
from contemplate.answers.reading import WHOLE_REPLY, visible
from contemplate.claims.written import read_sentences
from contemplate.types import Composition, Found, Question

_NUMBERS = (
    "Write in Markdown. End each sentence, list item, table row and code block with the numbers of the claims that it rests on,"
    " in square brackets, as [2][5]."
)


def composition(question: Question) -> ReplyFormat:
    """An answer in sentences that name claims, found as `composition`; the answer itself is without the numbers.

    Text everywhere: no object holds a Markdown text as well as a text does.
    """

    def read(text: str) -> Parsed | None:
        written = read_sentences(visible(text, WHOLE_REPLY))
        answer = answers.read(written.text, question)
        if answer is None:
            return None
        if question.kind == "open":
            answer = answer.model_copy(update={"text": written.text})  # where the sentences stand
        return Parsed(answer=answer, found=Found(composition=Composition(sentences=written.sentences)))

    return ReplyFormat(f"{_NUMBERS}\n{answers.answer_form(question)}", read)
