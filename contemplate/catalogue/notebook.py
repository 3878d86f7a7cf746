"""A recipe as a notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contemplate.text.html import WRAPPED, Html, card, element, folded, line, table
from contemplate.text.visible import clipped

if TYPE_CHECKING:
    from contemplate.catalogue.recipe import Recipe

_STEPS = 60
"""The most steps that are shown."""
_TEXT = 20_000
"""How much of a recipe's text is shown, in characters."""


def recipe_html(recipe: Recipe) -> str:
    """A recipe: what it does, whom it follows, its parameters and steps with their defaults, and its text."""
    rows = [(name, str(one.default), clipped(one.summary, 300)) for name, one in recipe.parameters.items()]
    text = recipe.text if len(recipe.text) <= _TEXT else f"{recipe.text[:_TEXT]}…"
    return card(
        line(element("b", clipped(recipe.name, 120)), f": {clipped(recipe.summary, 400)}"),
        line(f"After {clipped(str(recipe.paper), 200)}" if recipe.paper else "", dim=True),
        table(("parameter", "default", ""), rows) if rows else "",
        element("div", *_steps(recipe.strategy().to_dict()["steps"])),
        folded("Recipe", element("pre", text, style=WRAPPED)),
    )


def _steps(steps: list[dict[str, Any]], depth: int = 0) -> list[Html]:
    """A line for each step; those inside of another are set in."""
    found: list[Html] = []
    for step in steps[:_STEPS]:
        words = ", ".join(f"{name}: {clipped(str(value), 120)}" for name, value in step.items() if name not in {"do", "steps"})
        indent = "\u2003" * (2 * depth)
        found.append(line(indent, element("code", str(step["do"])), f" {words}" if words else ""))
        found += _steps(step.get("steps", []), depth + 1)
    return found
