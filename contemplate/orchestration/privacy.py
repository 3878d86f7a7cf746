"""Whether all models that a private run may call may see what it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from contemplate.errors import ModelNotAllowedError
from contemplate.orchestration.run_spec import RunSpec
from contemplate.text import one_line
from contemplate.types import Privacy, Question, may_see

PrivacyOf = Callable[[str], Privacy]
"""The label of a model, by what it is called."""


def check_private(spec: RunSpec, privacy_of: PrivacyOf) -> None:
    """Refuse a run that names a model for words that it may not see: on the panel, as a fallback, or in a card.

    Args:
        spec: what is to be done.
        privacy_of: says the label of a model.

    Raises:
        ModelNotAllowedError: with part, label and model.
    """
    if spec.outside is not None:
        _check_digester(spec, privacy_of)
    elif spec.privacy != "any":
        for role, model in _roles(spec):
            check_model(spec.question, role, model, privacy_of(model))


def _check_digester(spec: RunSpec, privacy_of: PrivacyOf) -> None:
    """Refuse a digest that nobody could make."""
    digests = spec.outside is not None and spec.outside.mode == "digest"
    if digests and not any(may_see(privacy_of(model), spec.privacy) for model in spec.names):
        raise ModelNotAllowedError(
            f"a digest is made by a model that may see what is labelled {spec.privacy}, and the run has none: name one, "
            "or have words redacted (redact); nothing was called"
        )


def check_model(question: Question, role: str, model: str, label: Privacy) -> None:
    """Refuse a model that may not see a question, or a document of it.

    Args:
        question: with its documents.
        role: what the model is for, as "the fallback".
        model: what it is called.
        label: its own.

    Raises:
        ModelNotAllowedError: so it is.
    """
    for part, words in _parts(question):
        if not may_see(label, words):
            name = one_line(model, 80)
            allowed = "local" if words == "local" else "local or eu"
            raise ModelNotAllowedError(
                f"{part} is labelled {words}, and {role} is {name!r}, which is labelled {label} and may not see it: name a model "
                f"labelled {allowed}, or say where this one runs (contemplate.toml: [model.{name!r}] privacy); nothing was called"
            )


def _parts(question: Question) -> Iterator[tuple[str, Privacy]]:
    """What a question is made of, with its label."""
    yield "the question", question.privacy
    for document in question.documents:
        yield f"document {one_line(document.name, 80)!r}", document.privacy
    for attachment in question.attachments:
        yield f"attachment {one_line(attachment.name, 80)!r}", attachment.privacy


def _roles(spec: RunSpec) -> Iterator[tuple[str, str]]:
    """All models of a run, with what they are for."""
    for number, model in enumerate(spec.models, 1):
        yield f"the model of seat {number}", model
    for seat, model in spec.changes.models.items():
        yield f"the model of seat {seat}", model
    for model in spec.fallbacks:
        yield "the fallback", model
    for name, card in spec.cards.items():
        for model in card.models:
            yield f"the model of card {name!r}", model
