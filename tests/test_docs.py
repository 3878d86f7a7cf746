"""The pages are right: their examples run, their recipes load, their commands parse, their links lead somewhere.

The Python blocks of a page are one program, run in order in one namespace, with `await` at the top as in a notebook.
No model is called: where an example names none of its own, every call is answered by `REPLY`.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from contemplate import Catalogue, Orchestrator, Price, ScriptedBackend, Settings
from contemplate.agents.card import load_card
from contemplate.answers import KINDS
from contemplate.api import solve
from contemplate.catalogue.recipe import load
from contemplate.cli.app import app
from contemplate.orchestration.policies import read_policy
from contemplate.steps import VERBS
from contemplate.trace.trace import Trace

ROOT = Path(__file__).parents[1]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
EXPERIMENTS = sorted((ROOT / "docs" / "experiments").glob("*/README.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")), *EXPERIMENTS, *DECISIONS]
REPLY = "17 * 23 = 17 * 20 + 17 * 3 = 340 + 51 = 391.\nAnswer: 391"
PRICE = Price(prompt=1, completion=1)
_LOAD_LONG = ("frameworks.md",)
_QUIET = [pytest.mark.filterwarnings(f"ignore::{kind}") for kind in ("DeprecationWarning", "ResourceWarning", "UserWarning")]


def blocks(page: Path, language: str) -> list[tuple[int, str]]:
    """The fenced blocks of a language on a page, each with the line on which it begins."""
    text = page.read_text(encoding="utf-8")
    found = re.finditer(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [(text.count("\n", 0, block.start(1)) + 1, block[1]) for block in found]


def pages_with(language: str) -> list[Any]:
    """The pages that have blocks of a language; those on which libraries are loaded that take long are slow tests."""
    marks = {page: (pytest.mark.slow, *_QUIET) for page in PAGES if page.name in _LOAD_LONG}
    return [pytest.param(page, id=page.name, marks=marks.get(page, ())) for page in PAGES if blocks(page, language)]


def each_block(language: str) -> list[Any]:
    """All blocks of a language."""
    return [pytest.param(text, id=f"{page.name}:{line}") for page in PAGES for line, text in blocks(page, language)]


# --- examples -----------------------------------------------------------------------------------------


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever model an example names, a script answers for it, unless it starts a server; files go to a folder of its own."""
    make = Orchestrator.__init__

    def scripted_orchestrator(self: Orchestrator, models: Any = (), **options: Any) -> None:
        if "127.0.0.1" not in str(options.get("base_url")):
            options["backend"] = options.get("backend") or ScriptedBackend(lambda _: REPLY)
        options["ledger"] = options.get("ledger") or tmp_path / "ledger.db"
        options["settings"] = Settings(prices=dict.fromkeys(map(str, models), PRICE))
        make(self, models, **options)

    monkeypatch.setattr(Orchestrator, "__init__", scripted_orchestrator)
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("scripted")
@pytest.mark.parametrize("page", pages_with("python"))
async def test_python_examples_run(page: Path) -> None:
    """The examples of a page run from its first to its last, and their questions are answered."""
    names: dict[str, Any] = {"__name__": page.stem}
    for line, text in blocks(page, "python"):
        tree = ast.increment_lineno(ast.parse(text), line - 1)
        code = compile(tree, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        if inspect.isawaitable(result := eval(code, names)):  # noqa: S307 - our own pages
            await result
    assert isinstance(names["outcome"].trace, Trace)
    assert names["outcome"].answer is not None


@pytest.mark.parametrize("text", each_block("yaml"))
def test_recipe_loads(text: str) -> None:
    """A recipe on a page is one; what has rules is a policy."""
    assert (read_policy(text, "example.yaml") if "\nrules:" in text else load(text)).summary


@pytest.mark.parametrize("text", each_block("markdown"))
def test_card_loads(text: str) -> None:
    """A card on a page is one."""
    assert load_card(text, "example", "example.md").summary


@pytest.mark.parametrize("text", each_block("toml"))
def test_settings_load(text: str) -> None:
    """Settings on a page are allowed, and set something."""
    assert Settings.model_validate(tomllib.loads(text)) != Settings()


@pytest.mark.parametrize("text", each_block("json"))
def test_json_is_what_is_printed(text: str) -> None:
    """An outcome on a page has the fields, in their order, that an outcome has."""
    backend = ScriptedBackend([REPLY, REPLY])
    outcome = load_outcome(backend)
    assert shape(outcome) == shape(json.loads(text))


def load_outcome(backend: ScriptedBackend) -> dict[str, Any]:
    """What `contemplate ask --json` prints of a run."""
    from contemplate import solve_sync

    options = {"parameters": {"seats": 2}, "ledger": ":memory:"}
    return solve_sync("17 * 23?", "self-consistency", backend=backend, answer="number", **options).to_dict()  # type: ignore[arg-type]


def shape(value: object) -> object:
    """The names in a JSON value, without what they hold."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    return [shape(inner) for inner in value[:1]] if isinstance(value, list) else None


# --- commands -----------------------------------------------------------------------------------------


def commands() -> Iterator[Any]:
    """Every `contemplate ...` in a shell block, by itself or at the end of a chain, as its words."""
    for page in PAGES:
        for line, text in blocks(page, "sh"):
            for part in re.split(r"&&|\n", text):
                words = shlex.split(part, comments=True)
                if words and Path(words[0]).name == "contemplate":
                    yield pytest.param(words[1:], id=f"{page.name}:{line}: {' '.join(words[1:4])}")


@pytest.mark.parametrize("words", list(commands()))
def test_command_parses(words: list[str]) -> None:
    """The command exists, and takes these options and arguments."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    name, command, rest = group.resolve_command(group.make_context("contemplate", [], resilient_parsing=True), list(words))
    assert command is not None
    with command.make_context(name, rest) as context:
        assert context.command.name == words[0]


# --- tables -------------------------------------------------------------------------------------------


def table(page: str, first: str) -> list[list[str]]:
    """The rows of the table on a page whose first column is headed `first`."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    found = re.search(rf"^\| {first} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert found is not None
    return [[cell.strip() for cell in row.strip("|\n").split("|")] for row in found[1].splitlines()]


def quoted(cell: str) -> set[str]:
    """What stands in backticks in a cell."""
    return set(re.findall(r"`([^`]+)`", cell))


def test_table_of_strategies_is_whole() -> None:
    """Each recipe that is shipped has its row, with its paper."""
    catalogue = Catalogue()
    expected = {name: catalogue.recipe(name).paper or "" for name in catalogue.names("strategies")}
    assert expected == {row[0].strip("`"): row[1] for row in table("strategies.md", "recipe")}


def test_table_of_kinds_is_whole() -> None:
    """Each kind of answer has its row."""
    assert list(KINDS) == [row[0].strip("`") for row in table("answers.md", "kind")]


def test_table_of_verbs_is_whole() -> None:
    """Each verb has its row; its parameters are all there, and whatever else is quoted is a value of one of them."""
    rows = {row[0].strip("`"): quoted(row[1]) for row in table("strategies.md", "verb")}
    assert set(VERBS) == set(rows)
    for name, words in rows.items():
        parameters = set(VERBS[name].model_fields) - {"do"}
        values = set(re.findall(r"'([\w-]+)'", str(VERBS[name].model_json_schema())))
        assert set() == parameters - words, name
        assert set() == words - parameters - values, name


def test_table_of_arguments_is_whole() -> None:
    """Each argument of `solve` has its row."""
    expected = set(inspect.signature(solve).parameters)
    assert expected == {name for row in table("python.md", "argument") for name in quoted(row[0])}


# --- links --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    """Each relative link points to a file that is there."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    links = [link for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose) if "://" not in link]
    assert [] == [link for link in links if not (page.parent / link).exists()]


def test_the_table_of_capabilities_names_tests_that_are_there() -> None:
    """Each row at least one."""
    rows = [
        line for line in (ROOT / "docs" / "capabilities.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")
    ]
    named = {row: re.findall(r"`(tests/[^`]+)`", row.rsplit("|", 2)[1]) for row in rows if not row.startswith("| capability ")}
    assert len(named) > 30
    assert [row for row, files in named.items() if not files] == []
    assert [file for files in named.values() for file in files if not (ROOT / file).is_file()] == []


def test_the_table_of_capabilities_names_options_that_are_there() -> None:
    """As `--tool`; each is one of some command."""
    text = (ROOT / "docs" / "capabilities.md").read_text(encoding="utf-8")
    command = typer.main.get_command(app)
    known = {option for one in (command, *_below(command)) for parameter in one.params for option in parameter.opts}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - known == set()


def _below(group: Any) -> Iterator[Any]:
    """All commands of a group, those of its groups among them."""
    for one in getattr(group, "commands", {}).values():
        yield one
        yield from _below(one)
