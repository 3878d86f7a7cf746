"""Mixed panels: what of a private run those models see that may not see all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from contemplate.agents import reply_formats
from contemplate.agents.prompts import Quote, ask_apart, document_text
from contemplate.errors import InputError
from contemplate.errors.boundary import typed
from contemplate.orchestration.run_spec import RunSpec
from contemplate.redaction.shield import Shield, all_parts, private_parts
from contemplate.run import Run
from contemplate.run.state import RunState
from contemplate.text import one_line
from contemplate.types import OutsideView, Privacy, Question, may_see

DIGESTER = "digester"
"""The card of whoever digests private parts."""
STEP = "0.digest"

Hide = Sequence[str] | Callable[[str], Iterable[str]]
"""Names that are hidden; or a function that finds in a text what must be, as it stands there."""

_SHORTEST = 2


def outside_view(mode: str | OutsideView | None, hide: Hide | None, question: Question) -> OutsideView | None:
    """The view that was asked for. A function is asked once for each part of the question, now.

    Raises:
        InputError: something is hidden of a run in which nobody sees another view; or what a function found can't be hidden.
        ProgramError: the function raised an exception.
    """
    if mode is None:
        if hide is not None:
            raise InputError("hide: it goes with outside='redact' or 'digest', which lets others see a view of what is private")
        return None
    if question.strictest_privacy == "any":
        raise InputError("outside: nothing here is private; label the question or a document, as privacy='local'")
    if question.attachments:
        raise InputError(
            "outside: of pictures, sound and their readings there is no view; leave the attachments away, or outside"
        )
    view = mode if isinstance(mode, OutsideView) else OutsideView(mode="digest" if mode == "digest" else "redact")
    if hide is None:
        return view
    if not callable(hide):
        hide = [name for name in hide if name.strip()]
        return view.model_copy(update={"names": tuple(dict.fromkeys((*view.names, *map(_long_enough, hide))))})
    with typed("hide"):
        found = [value for part in all_parts(question) for value in hide(part)]
    return view.model_copy(update={"values": tuple(dict.fromkeys((*view.values, *map(_long_enough, found))))})


def _long_enough(value: str) -> str:
    if not isinstance(value, str) or len(value.strip()) < _SHORTEST:
        raise InputError(f"hide: {one_line(repr(value), 40)} can't be hidden: give texts of two characters or more")
    return value.strip()


def shield_of(spec: RunSpec, question: Question, privacy_of: Callable[[str], Privacy]) -> Shield | None:
    """The shield of a run; None where all see all."""
    return None if spec.outside is None else Shield.of(spec.outside, question, spec.secret, privacy_of)


def digesters(spec: RunSpec, privacy_of: Callable[[str], Privacy]) -> list[str]:
    """The models of a run that may see all of it, those of the panel first."""
    return [model for model in spec.names if may_see(privacy_of(model), spec.privacy)]


async def digest_parts(spec: RunSpec, run: Run, state: RunState, shield: Shield) -> None:
    """Have each private part digested by a model that may see it; what comes to nothing is withheld."""
    parts = private_parts(state.config.question)
    model = digesters(spec, shield.privacy_of)[0]
    agent = run.played_by(DIGESTER, model)
    here, form = replace(run, step=STEP), reply_formats.anything()
    asked = []
    for number, (name, text) in enumerate(parts, 1):
        material = here.quote(
            [Quote("Problem", state.config.question.text), Quote(f"Text: {one_line(name, 80)}", text)], str(number)
        )
        nothing = replace(here.posed, question=Question(text=""))
        prompt = partial(ask_apart, agent.card, nothing, material=material)
        asked.append(here.say(agent, prompt=prompt, form=form, detail=str(number)))
    said = [await one for one in asked]
    digests = {text: turn.words if turn.failure is None else "" for (_, text), turn in zip(parts, said, strict=True)}
    shown = {text.strip(): digest for text, digest in digests.items()}
    for document in state.config.question.documents:
        if document.text in digests:
            shown[document_text(document, state.config.quoting)] = digests[document.text]
    shield.put_instead(dict(sorted(shown.items(), key=lambda one: -len(one[0]))))
