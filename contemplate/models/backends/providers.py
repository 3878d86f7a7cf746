"""Providers known by name whose API is OpenAI's, or close enough to be called without litellm."""

from __future__ import annotations

from contemplate.models.backends.abilities import Ability
from contemplate.types import Value


class Provider(Value):
    """One provider.

    Attributes:
        base_url: the address before `/chat/completions`.
        keys: the environment variables that may hold the key, in the order in which they are looked at; a server on this
            machine has none.
        max_tokens_field: what it calls the limit on completion tokens.
        seed_field: what it calls the sampling seed; None where it takes none.
        lacks: what its documentation says that it does not take.
    """

    base_url: str
    keys: tuple[str, ...] = ()
    max_tokens_field: str = "max_tokens"
    seed_field: str | None = "seed"
    lacks: tuple[Ability, ...] = ()


_NEW_LIMIT = "max_completion_tokens"

PROVIDERS: dict[str, Provider] = {
    "openai": Provider(base_url="https://api.openai.com/v1", keys=("OPENAI_API_KEY",), max_tokens_field=_NEW_LIMIT),
    "groq": Provider(
        base_url="https://api.groq.com/openai/v1",
        keys=("GROQ_API_KEY",),
        max_tokens_field=_NEW_LIMIT,
        lacks=("logprobs", "n"),
    ),
    "together_ai": Provider(base_url="https://api.together.xyz/v1", keys=("TOGETHER_API_KEY", "TOGETHERAI_API_KEY")),
    "openrouter": Provider(base_url="https://openrouter.ai/api/v1", keys=("OPENROUTER_API_KEY",)),
    "deepseek": Provider(
        base_url="https://api.deepseek.com/v1", keys=("DEEPSEEK_API_KEY",), seed_field=None, lacks=("reply_schema",)
    ),
    "mistral": Provider(base_url="https://api.mistral.ai/v1", keys=("MISTRAL_API_KEY",), seed_field="random_seed"),
    "xai": Provider(base_url="https://api.x.ai/v1", keys=("XAI_API_KEY",)),
    "fireworks_ai": Provider(
        base_url="https://api.fireworks.ai/inference/v1", keys=("FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY")
    ),
    "cerebras": Provider(base_url="https://api.cerebras.ai/v1", keys=("CEREBRAS_API_KEY",), max_tokens_field=_NEW_LIMIT),
    "deepinfra": Provider(base_url="https://api.deepinfra.com/v1/openai", keys=("DEEPINFRA_API_KEY",)),
    "nvidia_nim": Provider(base_url="https://integrate.api.nvidia.com/v1", keys=("NVIDIA_NIM_API_KEY", "NVIDIA_API_KEY")),
    "ollama": Provider(base_url="http://localhost:11434/v1"),
    "lm_studio": Provider(base_url="http://localhost:1234/v1"),
    "vllm": Provider(base_url="http://localhost:8000/v1"),
    "sglang": Provider(base_url="http://localhost:30000/v1"),
    "llama_cpp": Provider(base_url="http://localhost:8080/v1"),
}
"""The providers by the prefix of their models' names, spelled as litellm spells them."""
