"""The facts in the name of a model: its provider, whether it is embedded, and how long its replies usually are."""

from __future__ import annotations

from collections.abc import Iterable

from contemplate.errors import UnknownNameError
from contemplate.text import one_line
from contemplate.types import AnswerKind

LOCAL = "local"
"""The provider of the embedded models: small open models that run in a process of this machine."""
EMBEDDED = f"{LOCAL}/smollm2"
"""The model that is used where none is named."""
LOCAL_SLOTS = 2
"""How many calls one embedded model works on at once. Each slot reads what prompts share once, and four were no faster."""

LOCAL_MAX_TOKENS = 320
DEFAULT_MAX_TOKENS = 2048
"""The most tokens of a reply, where nobody says otherwise: small local models ramble."""
_SMALL, _LARGER = (LOCAL_MAX_TOKENS, 640), (512, 1024)
"""The same for the smallest embedded model and for all others: where the answer is words of its own (a text or a JSON object)
the second."""

_FAMILIES = {
    "gpt": "openai",
    "o1": "openai",
    "o3": "openai",
    "o4": "openai",
    "claude": "anthropic",
    "gemini": "gemini",
    "mistral": "mistral",
    "deepseek": "deepseek",
    "grok": "xai",
    "command": "cohere",
    "llama": "ollama",
    "qwen": "ollama",
    "gemma": "ollama",
    "smollm2": LOCAL,
}


def provider_of(name: str) -> str:
    """The provider that a name begins with, as "openai"; empty where it names none."""
    provider, slash, _ = name.partition("/")
    return provider if slash else ""


def is_embedded(name: str) -> bool:
    """Whether a name is that of an embedded model."""
    return provider_of(name) == LOCAL


def usual_max_tokens(name: str, local: int = LOCAL_MAX_TOKENS) -> int:
    """The most tokens of a reply of a model, where nobody says otherwise; `local` are those of an embedded one."""
    return local if is_embedded(name) else DEFAULT_MAX_TOKENS


def local_max_tokens(kind: AnswerKind, names: Iterable[str]) -> int:
    """The most tokens of a reply of the embedded models of a run to a question of that kind, where nobody says otherwise.

    Args:
        kind: of the answer.
        names: the models that the run may call. The largest of the embedded ones sets it for all of them.
    """
    embedded = set(filter(is_embedded, names))
    if not embedded:
        return LOCAL_MAX_TOKENS
    return (_SMALL if embedded == {EMBEDDED} else _LARGER)[kind in {"text", "json", "open"}]


def leads_nowhere(name: str) -> UnknownNameError:
    """The error for a name that does not say where its model is."""
    family = next((provider for begin, provider in _FAMILIES.items() if name.lower().startswith(begin)), None)
    known = [EMBEDDED] if family is None else [f"{family}/{name.lower()}"]
    hint = "(write PROVIDER/MODEL, as openai/gpt-5, anthropic/claude-sonnet-4-5 or ollama/qwen3, or give a --base-url)"
    what = "model"
    return UnknownNameError(what, one_line(name, 100), known, hint)
