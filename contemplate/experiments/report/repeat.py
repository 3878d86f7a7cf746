"""The facts that it takes to repeat an experiment: its plan, digests, versions, seeds, ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from contemplate.errors import redact
from contemplate.experiments.comparison import Comparison
from contemplate.experiments.report.table import NONE, Table
from contemplate.text import printable
from contemplate.types import Json

_DIGITS = 12
"""Of a digest in a table; the whole of it is in the experiment's folder."""


_LINES = ("summary", "name")
"""What may be left empty in a plan."""


def plan_text(comparison: Comparison) -> str:
    """The plan without what says nothing: JSON that is YAML too. Letters that steer a terminal or an eye are written as codes."""
    text = json.dumps(_said(comparison.head.get("plan", {})), indent=2, ensure_ascii=False)
    return redact("".join(letter if printable(letter) else f"\\U{ord(letter):08x}" for letter in text))


def _said(value: object) -> object:
    """A plan's value without entries that are empty by default."""
    if isinstance(value, dict):
        said = {name: _said(inside) for name, inside in value.items()}
        return {name: inside for name, inside in said.items() if not (inside in (None, {}) or (name in _LINES and inside == ""))}
    return [_said(inside) for inside in value] if isinstance(value, list) else value


def settings(comparison: Comparison) -> Table:
    """Versions, seeds and the ledger."""
    head = comparison.head
    plan: Json = head.get("plan", {})
    seed, repeats = plan.get("seed", 0), plan.get("repeats", 1)
    rows = [
        ("contemplate", str(head.get("contemplate", NONE))),
        ("Python", str(head.get("python", NONE))),
        ("seeds of the runs", str(seed) if repeats == 1 else f"{seed} to {seed + repeats - 1}, one for each repeat"),
        ("seed of the statistics", f"derived from {seed} and the names; {plan.get('draws', NONE)} draws"),
        ("ledger", str(head.get("ledger", NONE))),
        *_settings(next(iter(head.get("strategies", {}).values()), {})),
    ]
    note = "the same plan with this ledger gives this report again, without a call"
    return Table("Versions, seeds, ledger", ("what", "value"), tuple(rows), note, words=2)


def _settings(run: Json) -> Iterator[tuple[str, str]]:
    """The settings and options of all runs, beside the plan."""
    longest = run.get("max_tokens")
    yield "tokens of a reply, at most", "as usual for the model, or as its card says" if longest is None else f"{longest:,}"
    if run.get("fallbacks"):
        yield "fallbacks", ", ".join(map(str, run["fallbacks"]))
    if run.get("base_url"):
        yield "base URL", str(run["base_url"])
    for name, route in run.get("routes", {}).items():
        yield f"model {name}", ", ".join(f"{word} {value}" for word, value in route.items())


def questions(comparison: Comparison) -> Table:
    """The question sets with their digests."""
    sets: dict[str, Json] = comparison.head.get("questions", {})
    rows = [
        (
            name,
            f"{row['questions']:,}",
            str(row["digest"])[:_DIGITS],
            str(row["grader"]),
            _listed(row.get("versions", {}).items()),
        )
        for name, row in sets.items()
    ]
    note = f"n: questions; digest: the first {_DIGITS} digits of the SHA-256 of the questions"
    return Table("Question sets", ("set", "n", "digest", "grader", "versions"), tuple(rows), note, words=5)


def strategies(comparison: Comparison) -> Table:
    """The strategies with the digests of their recipes and cards."""
    found: dict[str, Json] = comparison.head.get("strategies", {})
    rows = [
        (
            name,
            ", ".join(map(str, row.get("models", ()))),
            str(row.get("recipe", NONE))[:_DIGITS],
            _listed((card, str(digest)[:_DIGITS]) for card, digest in row.get("cards", {}).items()),
        )
        for name, row in found.items()
    ]
    note = f"the first {_DIGITS} digits of the SHA-256 of each recipe and card"
    return Table("Strategies", ("strategy", "models", "recipe", "cards"), tuple(rows), note, words=4)


def _listed(pairs: Iterable[tuple[str, object]]) -> str:
    return ", ".join(f"{name} {value}" for name, value in pairs) or NONE
