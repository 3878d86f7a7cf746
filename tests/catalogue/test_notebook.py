"""What a notebook shows of a recipe."""

from __future__ import annotations

import json

import pytest

from contemplate import Catalogue
from contemplate.catalogue.recipe import Recipe
from hostile import PAYLOADS
from shown import Shown, harmless

READABLE = [words for words in PAYLOADS if words.isprintable()]


@pytest.mark.parametrize("name", ["multiagent-debate", "contemplating", "contemplating-open", "dylan"])
def test_a_recipe(name: str) -> None:
    """What it does, whom it follows, its parameters with their defaults, its steps, and its text."""
    recipe = Catalogue().recipe(name)
    words = harmless(recipe._repr_html_()).words

    assert words.startswith(f"{name}: ")
    assert all(parameter in words for parameter in recipe.parameters)
    assert all(step.do in words for step in recipe.strategy().leaves())
    assert recipe.text in words


def test_plain() -> None:
    """Its name and what can be set."""
    assert repr(Catalogue().recipe("self-consistency")).startswith("<Recipe 'self-consistency': seats=")


@pytest.mark.parametrize("words", READABLE)
def test_a_file_of_others_does_nothing(words: str) -> None:
    """Whatever its summary, its notes and its parameters say."""

    def recipe(said: str) -> Recipe:
        quoted = json.dumps(said)
        text = (
            f"summary: {quoted}\npaper: {quoted}\nnote: {quoted}\n"
            f"parameters:\n  seats:\n    default: 3\n    summary: {quoted}\n"
            "steps:\n  - do: propose\n    seats: $seats\n  - do: vote\n"
        )
        return Recipe(text, said, "mine.yaml")

    shown = harmless(recipe(words)._repr_html_())
    assert shown.elements == Shown(recipe("x")._repr_html_()).elements
    assert words in shown.words
