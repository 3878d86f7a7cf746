"""The table of README.md between two marks, from what was measured: ours, bare aiohttp, and the least and the most of others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from side_by_side_picture import BARE, FIGURES, OURS, Rows, name_of, shown

BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
WORDS = {
    "votes": "200 votes of 5, 64 requests in flight: ms of processor time a call",
    "debate": "a debate of 3 agents and 3 rounds: wall time / its critical path",
    "held": "1,000 debates begun at once, 2 s a reply: seconds until all are done",
}


def table(rows: Rows) -> Iterator[str]:
    """The lines of the table; a figure that was not measured has none."""
    yield "| | contemplate | bare aiohttp | other frameworks |\n|---|---|---|---|"
    for name in [one for one in FIGURES if one in rows]:
        field, _, form, _ = FIGURES[name]
        found = shown(rows[name], field)
        others = [f"{form.format(value)} ({name_of(client)})" for client, value in found.items() if client not in {OURS, BARE}]
        said = " to ".join(dict.fromkeys([others[0], others[-1]])) if others else "not measured"
        yield f"| {WORDS[name]} | **{form.format(found[OURS])}** | {form.format(found[BARE])} | {said} |"


def written_into(readme: str, rows: Rows) -> str:
    """The README with the table of these figures between its marks.

    Raises:
        ValueError: it has no marks.
    """
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if not pattern.search(readme):
        raise ValueError(f"README.md has no {BEGIN} ... {END}")
    text = "\n".join([BEGIN, "", *table(rows), "", END])
    return pattern.sub(lambda _: text, readme)
