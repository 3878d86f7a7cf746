"""A page for each recipe, drawn by the code: a run of its defaults with scripted agents, who reads whom, calls and rounds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import anyio
import pages

from contemplate import Catalogue, Orchestrator, Outcome, Question, Settings
from contemplate.catalogue.recipe import Recipe
from contemplate.errors import InputError
from contemplate.ledger.base import StoredTurn
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.rehearsal import Cast, agreeing, differing
from contemplate.viewer.layout import HIGH, NODE, lay_out

INK, PAPER, FRAME = "#1f2933", "#ffffff", "#7b8794"
VERBS = {"vote": "#fbe9b7", "judge": "#fbe9b7", "critique": "#fadbd8", "verify": "#fadbd8", "revise": "#d4e8f7"}
EDGES = {"saw": "#9fb3c8", "revised": "#2680c2", "criticised": "#ba2525", "counted": "#cb8b0c"}
TOP = 34
MOST_EDGES = 1500
"""More than that are a grey surface, and are left out."""
SETTINGS = Settings.model_validate({"secret": "public"})
"""So that each build draws the same."""
QUESTION = Question(text="What is 17 * 23?", kind="number")
OPEN = Question(text="Explain how a heat pump warms a house.", kind="open")

Run = tuple[Outcome, list[StoredTurn]]


def written(source: Path) -> list[str]:
    """Write the pages; return their names in the site."""
    catalogue = Catalogue()
    names = list(catalogue.names("strategies"))
    rows = _table()
    for name in names:
        pages.write(source, f"protocols/{name}.md", page(catalogue.recipe(name), rows.get(name, ())))
        _draw(source, name)
    pages.write(source, "protocols/README.md", _overview(catalogue, names))
    return ["protocols/README", *(f"protocols/{name}" for name in names)]


def _draw(source: Path, name: str) -> None:
    for which in ("agree", "differ"):
        if (run := performed(name, which)) is not None:
            (source / "protocols" / f"{name}-{which}.svg").write_text(drawing(run[1], name), encoding="utf-8")


@cache
def performed(name: str, which: str) -> Run | None:
    """A run of a recipe's defaults with scripted agents who agree, or differ; None where scripted agents can't play it."""
    return anyio.run(_perform, name, which)


async def _perform(name: str, which: str) -> Run | None:
    actor = agreeing("391") if which == "agree" else differing([])
    question = OPEN if name == "contemplating-open" else QUESTION
    backend = Cast.playing(actor).backend
    async with Orchestrator(["a-model"], backend=backend, ledger=":memory:", settings=SETTINGS) as orchestrator:
        try:
            outcome = await orchestrator.carry_out(question, name, RunOptions())
        except InputError:  # one that needs what was learned, or gold answers
            return None
        return outcome, (await orchestrator.stored(outcome.run))[1]


def _table() -> dict[str, Sequence[str]]:
    """The rows of the table of strategies, by recipe: calls, what it follows, what its tests check."""
    lines = (pages.DOCS / "strategies.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| `")]
    return {row[0].strip("` "): row[2:] for row in cells if len(row) == 5}  # noqa: PLR2004 - the columns of that table


def page(recipe: Recipe, row: Sequence[str]) -> str:
    """The page of a recipe."""
    name = recipe.name
    parts = [f"# {name}", recipe.summary]
    if recipe.paper:
        parts.append(f"After {_paper(recipe.paper)}.")
    parts += [recipe.note] if recipe.note else []
    if row:
        told = {"Calls (defaults)": row[0], "What it follows": _linked(row[1]), "What its tests check": _linked(row[2])}
        parts += [f"**{title}**: {text}" for title, text in told.items()]
    parts += _pictures(name)
    if recipe.parameters:
        lines = [f"| `{key}` | `{one.default}` | {one.summary} |" for key, one in recipe.parameters.items()]
        parts += ["## Parameters", "\n".join(["| parameter | default | |", "|---|---|---|", *lines])]
    parts += ["## The recipe", pages.fenced(recipe.text, "yaml").rstrip()]
    parts.append(
        f'`contemplate ask --strategy {name} "..."` runs it; [all strategies](../strategies.md), and how to write your own.'
    )
    return "\n\n".join(parts) + "\n"


def _linked(text: str) -> str:
    """A cell of the page of strategies, whose links are relative to that."""
    return text.replace("](", "](../")


def _pictures(name: str) -> list[str]:
    parts = ["## The graph"]
    told = {"agree": "Where all agents agree", "differ": "Where they differ"}
    runs = {which: run for which in told if (run := performed(name, which)) is not None}
    if not runs:
        return [*parts, "Scripted agents can't play it: it needs what a ledger has learned."]
    parts.append(
        "Drawn from runs of its defaults with scripted agents: a column for each round of a step, a row for each seat. An arrow "
        "leads from what was read to who read it: grey for *saw*, blue for *revised*, red for *criticised*, yellow for *counted*."
    )
    if len(runs) == len(told) and _shape(runs["agree"]) == _shape(runs["differ"]):
        del runs["differ"]
        told["agree"] = "Whether agents agree or not"
    for which, (outcome, turns) in runs.items():
        spoken = sum(bool(turn.calls) for turn, _ in turns)
        rounds = len({(turn.step, turn.round) for turn, _ in turns})
        calls = f"{outcome.usage.calls} calls, {spoken} turns that say something, {rounds} rounds of steps"
        parts.append(f"**{told[which]}**: {calls}; it stops as *{outcome.stopped}*.")
        parts.append(f"![The graph of {name}: {calls}]({name}-{which}.svg)")
    return parts


def _shape(run: Run) -> list[object]:
    return [(turn.id, turn.status, sees) for turn, sees in run[1]]


def _paper(paper: str) -> str:
    if paper.startswith("arXiv:"):
        return f"[{paper}](https://arxiv.org/abs/{paper.removeprefix('arXiv:')})"
    return f"<{paper}>" if paper.startswith("https://") else paper


def drawing(turns: Sequence[StoredTurn], name: str) -> str:
    """A run as a picture."""
    layout = lay_out(turns, {})
    width, height = layout.size[0], layout.size[1] + TOP
    places = {turn.id: at for (turn, _), at in zip(turns, layout.places, strict=True)}
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="system-ui, sans-serif" font-size="11" role="img">',
        f"<title>{escape(name)}</title>",
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
    ]
    parts += [
        f'<text x="{column.x}" y="20" font-weight="600" fill="{INK}">{escape(column.label)}</text>' for column in layout.columns
    ]
    edges = [(other, turn.id, kind) for turn, sees in turns for other, kind in sees if other in places]
    if len(edges) <= MOST_EDGES:
        parts += [_edge(places[one], places[other], EDGES[kind]) for one, other, kind in edges]
    for turn, _ in turns:
        x, y = places[turn.id]
        fill, style = VERBS.get(turn.verb, "#f0f4f8"), ' stroke-dasharray="4 3"' if turn.status != "said" else ""
        parts.append(f'<rect x="{x}" y="{y + TOP}" width="{NODE}" height="{HIGH}" rx="5" fill="{fill}" stroke="{FRAME}"{style}/>')
        label = f"{turn.seat or 'decision'}: {turn.verb}"
        parts.append(f'<text x="{x + 7}" y="{y + TOP + HIGH / 2 + 4}" fill="{INK}">{escape(label[:22])}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _edge(one: tuple[int, int], other: tuple[int, int], color: str) -> str:
    """A curve from the right side of one turn to the left side of the other; within a column from side to side."""
    x, y = one[0] + NODE, one[1] + TOP + HIGH / 2
    to_x, to_y = other[0], other[1] + TOP + HIGH / 2
    if to_x < x:
        x, to_x, bend = one[0], other[0], -26.0
        path = f"M{x} {y} C{x + bend} {y} {to_x + bend} {to_y} {to_x} {to_y}"
    else:
        bend = (to_x - x) / 2
        path = f"M{x} {y} C{x + bend} {y} {to_x - bend} {to_y} {to_x} {to_y}"
    return f'<path d="{path}" fill="none" stroke="{color}" stroke-opacity="0.7"/>'


def _overview(catalogue: Catalogue, names: Sequence[str]) -> str:
    lines = ["# Protocols", "", "Each page shows the graph of a strategy, drawn from a run of its defaults.", ""]
    lines += ["| strategy | calls where agents agree | where they differ | |", "|---|---|---|---|"]
    for name in names:
        counts = [str(run[0].usage.calls) if (run := performed(name, which)) else "" for which in ("agree", "differ")]
        lines.append(f"| [`{name}`]({name}.md) | {counts[0]} | {counts[1]} | {catalogue.recipe(name).summary} |")
    return "\n".join(lines) + "\n"
