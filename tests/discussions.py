"""Talks about solutions, and voters that fill in ballots."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contemplate import Request

CONSENSUS = ["majority", "supermajority", "unanimity"]
VOTES = ["simple", "ranked", "cumulative", "approval"]


def talk(draft: str, *statements: str) -> dict[str, list[str]]:
    """A draft, then statements: "=1" agrees with a solution of 1, "2" disagrees and puts up 2; each marked S2, S3, ..."""
    said = [
        f"S{number} Stance: {'agree' if text[0] == '=' else 'disagree'}\nAnswer: {text.lstrip('=')}"
        for number, text in enumerate(statements, 2)
    ]
    return {"proposer": [f"S1 Answer: {draft}"], "discusser": said}


def lettered(request: Request) -> dict[str, str]:
    """The letter of each answer on a ballot."""
    lines = request.messages[-1].content.splitlines()
    return {lines[at + 1]: line.split()[2] for at, line in enumerate(lines) if line.startswith("--- Answer ")}


def voters(*wishes: Mapping[str, int] | list[str], form: str) -> Callable[[Request], str]:
    """Voters that fill in ballots: points by answer, or answers best first; by draw."""

    def fill_in(request: Request) -> str:
        letters, wish = lettered(request), wishes[request.draw % len(wishes)]
        if isinstance(wish, dict):
            return "Points: " + ", ".join(f"{letters[answer]} {points}" for answer, points in wish.items())
        named = ", ".join(letters[answer] for answer in wish)
        return {"choice": f"Choice: {named}", "ranking": f"Final ranking: {named}", "approval": f"Approved: {named}"}[form]

    return fill_in


THREE = talk("1", "2", "3", "1", "2", "3", "1", "2", "3")
