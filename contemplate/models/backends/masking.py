"""The key of a call, blotted out of whatever comes back: a reply that echoes it must not carry it into ledger, trace or page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

MASK = "[redacted]"
_SHORTEST = 12
"""Shorter "keys", as the `none` or `ollama` that local servers are given, are ordinary words, and stay."""


def masked(value: object, secrets: Sequence[str]) -> object:
    """A JSON value, or text, in which no secret stands any more; names of fields are looked through as well."""
    known = [secret for secret in secrets if len(secret) >= _SHORTEST]
    return _masked(value, known) if known else value


def _masked(value: object, known: Sequence[str]) -> object:
    if isinstance(value, str):
        for secret in known:
            value = value.replace(secret, MASK)
        return value
    if isinstance(value, dict):
        return {_masked(name, known): _masked(inner, known) for name, inner in value.items()}
    return [_masked(inner, known) for inner in value] if isinstance(value, list) else value


def may_hold(content: bytes, secret: str) -> bool:
    """Whether `secret` may stand in the bytes of a JSON text: as it is, or with letters written as escapes."""
    return len(secret) >= _SHORTEST and (secret.encode() in content or b"\\u00" in content or b"\\/" in content)


class MaskedText:
    """Passes the pieces of a reply on as they come, without the secret; what may be the beginning of one waits for the rest."""

    def __init__(self, on_text: Callable[[str], None], secret: str) -> None:
        """Take who is told, and what must not be.

        Args:
            on_text: is told the pieces.
            secret: the key.
        """
        self._on_text, self._secret = on_text, secret if len(secret) >= _SHORTEST else ""
        self._held = ""

    def __call__(self, piece: str) -> None:
        """Take a piece."""
        if not self._secret:
            self._on_text(piece)
            return
        text = (self._held + piece).replace(self._secret, MASK)
        begun = next((size for size in range(len(self._secret) - 1, 0, -1) if text.endswith(self._secret[:size])), 0)
        safe, self._held = text[: len(text) - begun], text[len(text) - begun :]
        if safe:
            self._on_text(safe)

    def end(self) -> None:
        """Pass on what still waits."""
        if self._held:
            self._on_text(self._held)
            self._held = ""
