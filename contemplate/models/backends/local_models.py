"""The embedded models: those that are known by name, and any file of weights by its path or its place on the hub."""

from __future__ import annotations

import re
from pathlib import Path

import anyio.to_thread

from contemplate.errors import InputError, UnknownNameError
from contemplate.models.backends import hub
from contemplate.models.backends.published import QWEN_CODER_05B, QWEN_CODER_15B, SMOLLM2, HubFile, Weights
from contemplate.models.backends.weights import cache_dir, ensure, not_kept, place_of
from contemplate.models.names import EMBEDDED, LOCAL
from contemplate.text import one_line
from contemplate.types import Value

_MAGIC = b"GGUF"
_PLAIN = r"\w[\w.-]*"
"""A name that leads nowhere else when it stands in a path."""
_ON_THE_HUB = re.compile(rf"hf:(?P<repo>{_PLAIN}/{_PLAIN}):(?P<file>(?:{_PLAIN}/)*{_PLAIN}\.gguf)", re.ASCII)


class LocalModel(Value):
    """An embedded model.

    Attributes:
        weights: those with a digest that is known beforehand.
        path: a file of the user's own, instead.
        hub: a file on the hub, whose commit and digest are looked up when it is first fetched, instead.
        context: tokens of prompt and reply together.
        parameters: how many it has, for people, as "0.5 billion".
    """

    weights: Weights | None = None
    path: Path | None = None
    hub: HubFile | None = None
    context: int
    parameters: str = ""
    licence: str = ""

    def published(self) -> Weights | None:
        """What is known of its file: None for a file of the user's own, and for one on the hub that was not looked up yet."""
        return self.weights or (None if self.hub is None else _noted(self.hub))

    def there(self) -> Path | None:
        """The path of its file, if there is one; None before it was fetched."""
        weights = self.published()
        path = self.path if weights is None else place_of(weights)
        return path if path is not None and path.is_file() else None

    async def file(self) -> Path:
        """The path of its file on this machine; it is fetched if it is not there.

        Raises:
            InputError: there is no such file, or it is no GGUF file.
            UnreachableError: it can't be fetched.
        """
        if self.weights is not None:
            return await ensure(self.weights)
        path = self.path
        if self.hub is not None:
            path = await ensure(await _on_the_hub(self.hub))
        assert path is not None  # noqa: S101 - one of the three is given
        await anyio.to_thread.run_sync(_check, path)
        return path


LOCAL_MODELS: dict[str, LocalModel] = {
    EMBEDDED: LocalModel(weights=SMOLLM2, context=4096, parameters="135 million", licence="Apache-2.0"),
    f"{LOCAL}/qwen2.5-coder-0.5b": LocalModel(
        weights=QWEN_CODER_05B, context=8192, parameters="0.5 billion", licence="Apache-2.0"
    ),
    f"{LOCAL}/qwen2.5-coder-1.5b": LocalModel(
        weights=QWEN_CODER_15B, context=8192, parameters="1.5 billion", licence="Apache-2.0"
    ),
}
"""The embedded models that are known by name."""


def local_model(name: str) -> LocalModel:
    """The embedded model of a name, as "local/smollm2", "local/folder/x.gguf" or "local/hf:owner/name:x.gguf".

    Raises:
        UnknownNameError: there is no such embedded model.
    """
    if name in LOCAL_MODELS:
        return LOCAL_MODELS[name]
    own = name.removeprefix(f"{LOCAL}/")
    if found := _ON_THE_HUB.fullmatch(own):
        return LocalModel(hub=HubFile(repo=found["repo"], revision="main", file=found["file"]), context=8192)
    if own.endswith(".gguf") and not own.startswith("hf:"):
        return LocalModel(path=_own_file(own), context=8192)
    what = "embedded model"
    hint = f"(or a file: {LOCAL}/PATH.gguf, {LOCAL}/hf:OWNER/REPO:FILE.gguf)"
    raise UnknownNameError(what, one_line(name, 200), sorted(LOCAL_MODELS), hint)


def _own_file(written: str) -> Path:
    """The absolute path of a file of the user's own.

    Raises:
        InputError: it begins with the home folder of a user who has none.
    """
    try:
        return Path(written).expanduser().absolute()
    except RuntimeError:
        raise InputError(f"model file {one_line(written, 300)}: there is no such home folder; is the path right?") from None


def fetched() -> dict[str, LocalModel]:
    """The models that were fetched from the hub by their place there, by name."""
    notes = (cache_dir() / "models").glob("*/*/**/*.source")
    found = [one.hub for note in sorted(notes) if (one := _read(note)) is not None and one.hub is not None]
    names = [f"{LOCAL}/hf:{one.repo}:{one.file}" for one in found]
    return {name: local_model(name) for name in names}


async def _on_the_hub(wanted: HubFile) -> Weights:
    """The weights of a file on the hub: of the commit that was noted when it was first fetched."""
    if (noted := _noted(wanted)) is not None:
        return noted
    exact, size, sha256 = await hub.resolve(wanted)
    weights = Weights(file=f"{exact.repo}/{exact.file}", size=size, sha256=sha256, hub=exact)
    note = _note(wanted)
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(weights.model_dump_json(), encoding="utf-8")
    except OSError as error:
        raise not_kept(note.parent, error) from None
    return weights


def _note(wanted: HubFile) -> Path:
    return (cache_dir() / "models" / wanted.repo / wanted.file).with_suffix(".source")


def _noted(wanted: HubFile) -> Weights | None:
    """What was noted of a file; None if nothing was."""
    return _read(_note(wanted))


def _read(note: Path) -> Weights | None:
    try:
        return Weights.model_validate_json(note.read_bytes())
    except (OSError, ValueError):
        return None


def _check(path: Path) -> None:
    """See whether a file is there, and begins as GGUF files do.

    Raises:
        InputError: it is not, or does not.
    """
    try:
        with path.open("rb") as file:
            begins = file.read(len(_MAGIC))
    except (OSError, ValueError) as error:  # a name with a null character is a ValueError
        why = (error.strerror if isinstance(error, OSError) else None) or "it cannot be read"
        raise InputError(f"model file {one_line(str(path), 300)}: {why.lower()}; is the path right?") from None
    if begins != _MAGIC:
        raise InputError(f"model file {path}: it is no GGUF file; embedded models are read from GGUF files only")
