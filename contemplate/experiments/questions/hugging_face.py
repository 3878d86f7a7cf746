"""Data sets of Hugging Face, through the library `datasets` where it is installed.

`hf:openai/gsm8k:test?config=main` is a split of a data set of the hub, `hf:FOLDER:test` of a folder of data files or of one that
`save_to_disk` wrote, and `hf:FOLDER` what that wrote of one split. Code that comes with a data set is never run.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from contemplate.errors import InputError
from contemplate.errors.boundary import boundary
from contemplate.experiments.questions.address import Address
from contemplate.experiments.questions.rows import QuestionRow

_SAVED = ("state.json", "dataset_dict.json")
"""One of these stands in a folder that `save_to_disk` wrote."""


def rows(address: Address) -> tuple[Iterator[QuestionRow], Mapping[str, str]]:
    """The rows of a data set one at a time, and the version of the library.

    Args:
        address: its options are `config`, the name of a part of the data set, and `revision`, a commit, tag or branch of it.

    Raises:
        InputError: the library is not installed; or it can't open the data set, for its own reason; or there is no such split.
    """
    address.only(("config", "revision"))
    library = _library(address.source)
    path, colon, split = address.name.rpartition(":")
    if not colon:
        path, split = split, ""
    if not path:
        raise InputError(f"{address.source}: a data set is named as hf:NAME:SPLIT, as hf:openai/gsm8k:test")
    with boundary(f"{address.source}: opening the data set") as caught:
        saved = any(Path(path, name).is_file() for name in _SAVED)
        found = (_saved if saved else _loaded)(library, address, path, split)
    if caught.error is not None:
        raise InputError(str(caught.error))
    return _rows(address.source, found), {"datasets": str(library.__version__)}


def _library(source: str) -> Any:  # noqa: ANN401 - a module that has no types here
    # A package `datasets` of somebody's own, in the working folder, is none of Hugging Face.
    with boundary(f"{source}: importing the library `datasets`") as caught:
        library = importlib.import_module("datasets") if find_spec("datasets") is not None else None
    if caught.error is not None:
        raise InputError(str(caught.error))
    if not all(hasattr(library, name) for name in ("load_dataset", "load_from_disk", "__version__")):
        raise InputError(f"{source}: data sets of Hugging Face need the library `datasets`: pip install datasets")
    return library


def _loaded(library: Any, address: Address, path: str, split: str) -> Iterable[Mapping[str, object]]:  # noqa: ANN401
    if not split:
        raise InputError(f"{address.source}: which split? It stands behind the name, as hf:{path}:test")
    options = address.options
    config, revision = options.get("config"), options.get("revision")
    return library.load_dataset(path, config, split=split, revision=revision, streaming=True)  # type: ignore[no-any-return]


def _saved(library: Any, address: Address, path: str, split: str) -> Iterable[Mapping[str, object]]:  # noqa: ANN401
    if address.options:
        raise InputError(f"{address.source}: options are of no use for what save_to_disk wrote")
    found = library.load_from_disk(path)
    if not isinstance(found, dict):  # a `DatasetDict` is one
        if split:
            raise InputError(f"{address.source}: the folder holds one split only; it is hf:{path}")
        return found  # type: ignore[no-any-return]
    if split not in found:
        raise InputError(f"{address.source}: there is no split {split!r} in it; there are: {', '.join(map(str, found))}")
    return found[split]  # type: ignore[no-any-return]


def _rows(source: str, found: Iterable[Mapping[str, object]]) -> Iterator[QuestionRow]:
    numbered = enumerate(found, 1)
    number = 0
    while True:
        with boundary(f"{source}: row {number + 1}") as caught:
            number, fields = next(numbered, (number, None))
        if caught.error is not None:
            raise InputError(str(caught.error))
        if fields is None:
            return
        yield QuestionRow(f"{source}: row {number}", number, fields)
