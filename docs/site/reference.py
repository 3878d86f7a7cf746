"""The reference: the public names with their signatures and docstrings, in Markdown."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType

import pages

import contemplate

MODULES = {
    "contemplate.errors": "errors",
    "contemplate.experiments.questions": "question sets",
    "contemplate.inspect": "Inspect AI",
    "contemplate.integrations.dspy": "DSPy",
    "contemplate.integrations.langgraph": "LangGraph",
    "contemplate.integrations.litellm": "LiteLLM",
    "contemplate.integrations.pydantic_ai": "pydantic-ai",
    "contemplate.telemetry": "telemetry",
    "contemplate.testing": "testing",
}
"""The modules beside `contemplate` that have public names."""

_WIDE = 100
"""How long a line of a signature may be, in characters."""

_SECTION = re.compile(r"^(Args|Attributes|Returns|Raises|Yields|Example|References):\s*$")


def written(source: Path) -> list[str]:
    """Write the pages; return their names in the site."""
    pages.write(source, "reference/contemplate.md", _page("contemplate", contemplate.__doc__ or "", list(contemplate.__all__)))
    found = ["reference/contemplate"]
    for name in MODULES:
        module = import_module(name)
        public = getattr(module, "__all__", None) or [
            key for key, value in vars(module).items() if getattr(value, "__module__", "") == name and not key.startswith("_")
        ]
        page = f"reference/{name.removeprefix('contemplate.')}"
        pages.write(source, f"{page}.md", _page(name, module.__doc__ or "", list(public)))
        found.append(page)
    return found


def _page(name: str, told: str, names: list[str]) -> str:
    module = import_module(name)
    parts = [f"# `{name}`", *_words(told)]
    for key in sorted(names, key=str.casefold):
        value = getattr(module, key)
        if inspect.isclass(value):
            parts += _class(key, value)
        elif inspect.isfunction(value):
            parts += [f"## {key}", _signature(key, value), *_words(value.__doc__ or "")]
    return "\n\n".join(parts) + "\n"


def _class(name: str, kind: type) -> Iterator[str]:
    yield f"## {name}"
    bases = [base.__name__ for base in kind.__bases__ if base.__module__.startswith("contemplate") and base.__name__ != "Value"]
    if bases:
        yield f"A kind of {', '.join(f'`{base}`' for base in bases)}."
    yield _signature(name, kind)
    yield from _words(kind.__doc__ or "")
    for key, value in vars(kind).items():
        inner = value.__func__ if isinstance(value, classmethod | staticmethod) else value
        if key.startswith("_") or not isinstance(inner, FunctionType) or not inner.__doc__:
            continue
        yield f"### {name}.{key}"
        yield _signature(key, inner)
        yield from _words(inner.__doc__)
    for key, value in vars(kind).items():
        if isinstance(value, property) and value.__doc__ and not key.startswith("_"):
            yield f"### {name}.{key}"
            yield from _words(value.__doc__)


def _signature(name: str, value: object) -> str:
    """How something is called, as code."""
    try:
        signature = inspect.signature(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return pages.fenced(f"class {name}", "python").rstrip()
    asynchronous = "async " if inspect.iscoroutinefunction(inspect.unwrap(value)) else ""  # type: ignore[arg-type]
    given = list(_parameters(signature, _annotations(value)))
    line = f"{asynchronous}{name}({', '.join(given)})"
    if len(line) > _WIDE:
        line = f"{asynchronous}{name}(\n    " + ",\n    ".join(given) + ",\n)"
    return pages.fenced(re.sub(r" at 0x[0-9a-f]+", "", line), "python").rstrip()


def _annotations(value: object) -> dict[str, str]:
    """The types of a class's fields as its source has them."""
    bases = reversed(value.__mro__) if inspect.isclass(value) else ()
    return {key: text for base in bases for key, text in vars(base).get("__annotations__", {}).items() if isinstance(text, str)}


def _parameters(signature: inspect.Signature, known: dict[str, str]) -> Iterator[str]:
    """The parameters, each with its type and default, and a star before the first that is given by name only."""
    starred = False
    for name, one in signature.parameters.items():
        by_name = one.kind is inspect.Parameter.KEYWORD_ONLY
        if by_name and not starred and not any(_is_star(other) for other in signature.parameters.values()):
            yield "*"
        starred = starred or by_name
        kind = known.get(name) or (
            one.annotation if isinstance(one.annotation, str) else inspect.formatannotation(one.annotation)
        )
        stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}.get(one.kind, "")
        typed = "" if one.annotation is inspect.Parameter.empty else f": {kind}"
        default = "" if one.default is inspect.Parameter.empty else f" = {one.default!r}" if typed else f"={one.default!r}"
        yield f"{stars}{name}{typed}{default}"


def _is_star(one: inspect.Parameter) -> bool:
    return one.kind is inspect.Parameter.VAR_POSITIONAL


def _words(docstring: str) -> Iterator[str]:
    """A docstring of Google's style in Markdown: sections as lists, examples as code, drawings as they are."""
    text = inspect.cleandoc(docstring)
    block: list[str] = []
    section = ""
    for line in [*text.splitlines(), "Example:"]:
        if found := _SECTION.match(line):
            yield from _section(section, "\n".join(block))
            section, block = found[1], []
        else:
            block.append(line)


def _section(title: str, text: str) -> Iterator[str]:
    body = inspect.cleandoc(f"\n{text}")
    if not body:
        return
    if not title:
        yield _prose(body)
    elif title == "Example":
        yield "Example:"
        yield pages.fenced(body, "pycon").rstrip()
    else:
        yield f"**{title}**"
        yield "\n".join(f"- {_item(one)}" for one in _items(body))


def _items(body: str) -> list[str]:
    """The entries of a section, each in one line."""
    items: list[str] = []
    for line in body.splitlines():
        if line.startswith(" ") and items:
            items[-1] += f" {line.strip()}"
        elif line.strip():
            items.append(line.strip())
    return items


def _item(line: str) -> str:
    found = re.match(r"^(\*{0,2}[\w., ]+?): (.*)$", line)
    return f"`{found[1]}`: {_escaped(found[2])}" if found else _escaped(line)


def _prose(text: str) -> str:
    """Paragraphs; what is indented behind a double colon is a drawing."""
    parts, drawn = [], False
    for part in re.split(r"\n\s*\n", text):
        if drawn or part.startswith("    "):
            parts.append(pages.fenced(part, "text").rstrip())
            drawn = False
            continue
        drawn = part.rstrip().endswith("::")
        words = part.rstrip().removesuffix("::")
        if words:
            parts.append(_escaped(words))
    return "\n\n".join(parts)


def _escaped(text: str) -> str:
    """Words in which only code in backticks is no plain text."""
    pieces = re.split(r"(``[^`]+``|`[^`]+`)", text)
    return "".join(one if one.startswith("`") else re.sub(r"([<>*_\[\]|])", r"\\\1", one) for one in pieces)
