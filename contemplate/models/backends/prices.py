"""Prices, context windows and what models take, from the list that litellm is shipped with; litellm is not imported."""

from __future__ import annotations

import importlib.util
import json
from contextlib import suppress
from pathlib import Path

from contemplate.types import Json, Modality, Price

_FILE = "model_prices_and_context_window_backup.json"


class PriceList:
    """Prices and context windows by model, as `provider/name`."""

    def __init__(self, entries: Json) -> None:
        """Take the entries of litellm's list."""
        self._entries = {name: entry for name, entry in entries.items() if isinstance(entry, dict)}

    @classmethod
    def load(cls) -> PriceList:
        """Read the list; an empty one where there is none. Takes some 50 ms."""
        spec = importlib.util.find_spec("litellm")
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            with suppress(OSError, ValueError):
                return cls(json.loads(Path(folder, _FILE).read_bytes()))
        return cls({})

    def price(self, model: str) -> Price | None:
        """The price of `model`, or None where the list has none for it."""
        entry = self._entry(model)
        prompt, completion = (_per_million(entry.get(f"{part}_cost_per_token")) for part in ("input", "output"))
        return None if prompt is None or completion is None else Price(prompt=prompt, completion=completion)

    def window(self, model: str) -> int | None:
        """The most tokens of a prompt of `model`, or None where the list does not say."""
        most = self._entry(model).get("max_input_tokens")
        return int(most) if isinstance(most, int | float) and most > 0 else None

    def accepts(self, model: str) -> frozenset[Modality] | None:
        """What messages to `model` may hold, or None where the list does not know it."""
        entry = self._entry(model)
        if entry.get("mode") not in {"chat", "responses"}:
            return None
        fields: dict[Modality, str] = {"image": "supports_vision", "audio": "supports_audio_input", "file": "supports_pdf_input"}
        return frozenset({"text", *(kind for kind, field in fields.items() if entry.get(field) is True)})

    def _entry(self, model: str) -> Json:
        """What the list says of `model`; nothing where it does not know it."""
        provider, _, name = model.partition("/")
        entry: Json | None = self._entries.get(model)
        if entry is None:
            entry = self._entries.get(name)
            if entry is None or not str(entry.get("litellm_provider", "")).startswith(provider):
                return {}
        return entry


def _per_million(per_token: object) -> float | None:
    return round(per_token * 1e6, 6) if isinstance(per_token, int | float) and per_token >= 0 else None
