"""Reports say what the comparison says, and text of others stays text in every medium."""

from __future__ import annotations

import io
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from importlib import import_module
from importlib.util import find_spec
from math import fsum
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from rich.cells import cell_len
from rich.console import Console

from contemplate.analysis.statistics import amounts
from contemplate.errors import InputError
from contemplate.experiments import Comparison, ExperimentPlan, FailedCell
from contemplate.experiments.report import document, figures, page, terminal, write_report
from contemplate.experiments.report import tables as made
from contemplate.experiments.report.canvas import Drawing, svg
from contemplate.experiments.report.contents import findings, sections
from contemplate.experiments.report.repeat import plan_text
from contemplate.experiments.report.table import Table, clean, figure, points, probability, span
from contemplate.experiments.report.versus import Versus, baseline_of, votes
from contemplate.experiments.rows import MEASURES
from contemplate.text import printable

Compared = Callable[..., Comparison]


@pytest.fixture(scope="module")
def html(comparison: Comparison) -> str:
    """The report as a page."""
    return page(comparison)


def _scores(comparison: Comparison) -> dict[str, list[float]]:
    """Each strategy's scores, from the rows themselves."""
    found: dict[str, list[float]] = {}
    for row in comparison.rows:
        found.setdefault(row.strategy, []).append(row.score or 0.0)
    return found


def _column(table: Table, name: str) -> list[str]:
    return [row[table.columns.index(name)] for row in table.rows]


class _Parsed(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def _plain(comparison: Comparison, width: int) -> str:
    """What a terminal of a width would show, without its own colours."""
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system="truecolor", legacy_windows=False)
    console.print(terminal(comparison))
    assert isinstance(console.file, io.StringIO)
    return re.sub(r"\x1b\[[0-9;]*m", "", console.file.getvalue())


def test_standings_are_the_shares_of_the_rows(comparison: Comparison) -> None:
    """Accuracy, n and interval in the table are those of the rows and of the comparison."""
    table = made.standings(comparison)
    expected = [f"{100 * fsum(scores) / 30:.1f}%" for scores in _scores(comparison).values()]
    assert sorted(expected) == sorted(_column(table, "accuracy"))
    assert [f"{100 * one.accuracy.value:.1f}%" for one in comparison.standings] == _column(table, "accuracy")
    assert [span(one.interval) for one in comparison.standings] == _column(table, "interval")
    assert ["30"] * len(comparison.standings) == _column(table, "n")
    assert "n = 30 questions" in table.note
    assert "Wilson's 95% interval" in table.note


def test_repeats_and_groups_are_said(compared: Compared) -> None:
    """With repeats the line below says that a question's score is their mean, and where the interval is from."""
    table = made.standings(compared(5, strategies=["single"], baselines=[], repeats=2))
    assert "each asked 2 times and scored with the mean" in table.note
    assert "95% interval by Student's t over questions" in table.note


def test_costs_are_those_of_the_comparison(comparison: Comparison) -> None:
    """Calls stand with their median, mean and 95th percentile; there is no column of unknown prices."""
    table = made.costs(comparison)
    assert ("#", "strategy", *(measure.heading for name, measure in MEASURES.items() if name != "usd")) == table.columns
    assert "1 (1, 1)" == _column(table, "calls")[0]
    expected = [(one.calls.median, one.calls.mean, one.calls.p95) for one in comparison.standings]
    assert [f"{median:.3g} ({mean:.3g}, {p95:.3g})" for median, mean, p95 in expected] == _column(table, "calls")


def test_prices_have_a_column_where_one_is_known(comparison: Comparison) -> None:
    """US dollars stand beside the calls, and a dash where a price is not known."""
    first, *others = comparison.standings
    table = made.costs(replace(comparison, standings=(replace(first, usd=first.calls), *others)))
    assert ["1 (1, 1)", *"-" * len(others)] == _column(table, "USD")


def test_prices_have_a_figure_where_something_has_one(comparison: Comparison) -> None:
    """What is free under all strategies is not drawn."""
    for usd, drawn in ((None, False), (amounts([0.0] * 30), False), (amounts([0.5] * 30), True)):
        priced = replace(comparison, standings=tuple(replace(one, usd=usd) for one in comparison.standings))
        assert drawn == ("accuracy-usd" in {drawing.key for drawing in figures.accuracy_by_cost(priced)})


def test_pairs_are_those_of_the_comparison(comparison: Comparison) -> None:
    """Differences, intervals, discordant counts and p-values stand as they were computed."""
    table = made.pairs(comparison)
    assert [points(pair.difference.value) for pair in comparison.pairs] == _column(table, "difference")
    assert [probability(pair.p_holm) for pair in comparison.pairs] == _column(table, "Holm p")
    counts = [(str(pair.discordant.b), str(pair.discordant.c)) for pair in comparison.pairs if pair.discordant]
    assert counts == list(zip(_column(table, "b"), _column(table, "c"), strict=True))
    assert f"all {len(comparison.pairs)} pairs" in table.note


def test_equal_calls_are_strategy_less_baseline(comparison: Comparison) -> None:
    """Whichever came first in the plan, the difference is the strategy's accuracy less its baseline's."""
    table = made.equal_calls(comparison)
    scores = _scores(comparison)
    debate, contemplating = comparison.standings[2], comparison.standings[3]
    baselines = [baseline_of(comparison, one) for one in (debate, contemplating)]
    assert "self-consistency (seats=6)" == getattr(baselines[0], "strategy", None)
    assert comparison.standings[-1] is baselines[1]
    expected = [
        points((fsum(scores[one.strategy]) - fsum(scores[other.strategy])) / 30)
        for one, other in zip((debate, contemplating), baselines, strict=True)
        if other
    ]
    assert expected == _column(table, "difference")
    assert ["3", "4"] == _column(table, "#")


def test_a_pair_seen_from_its_second_is_mirrored(comparison: Comparison) -> None:
    """Difference, interval and counts change sides; p-values stay."""
    pair = comparison.pairs[0]
    there, back = Versus.of(pair), Versus.of(pair, swapped=True)
    assert (pair.second, pair.first, -there.difference) == (back.first, back.second, back.difference)
    assert (-there.interval.high, -there.interval.low) == (back.interval.low, back.interval.high)
    assert there.only == (back.only or ())[::-1]
    assert (there.p, there.p_holm) == (back.p, back.p_holm)


def test_flips_and_calibration_are_those_of_the_comparison(comparison: Comparison) -> None:
    """Turned decisions and calibration errors stand as they were computed."""
    turned = made.flips(comparison)
    expected = [(str(one.flips.to_right), str(one.flips.to_wrong)) for one in comparison.standings if one.flips]
    assert expected == list(zip(_column(turned, "to right"), _column(turned, "to wrong"), strict=True))
    believed = made.calibration(comparison)
    errors = [f"{one.calibration.ece:.4f}" for one in comparison.standings if one.calibration]
    assert errors == [cell.split(" [")[0] for cell in _column(believed, "ECE")]
    assert [f"{one.calibration.brier.score:.4f}" for one in comparison.standings if one.calibration] == _column(believed, "Brier")


def test_failures_are_cut_with_their_count(comparison: Comparison, hostile: str) -> None:
    """Of 60 failures 50 are listed, and the line below says so."""
    failed = tuple(FailedCell("set", f"q{i}", hostile, "p", 1, f"cell-{i}", hostile) for i in range(60))
    table = made.failures(replace(comparison, failures=failed))
    assert 50 == len(table.rows)
    assert table.note.startswith("n = 60 runs that failed, of 150; these are the first 50")


def test_every_table_and_figure_says_of_what_it_is(comparison: Comparison) -> None:
    """Each has one line, and those of results say n."""
    for part in sections(comparison):
        for one in (*part.tables, *part.drawings):
            assert "\n" not in one.note
            assert re.search(r"\bn\b", one.note) or part.key == "repeat"


def test_votes_are_ordered_by_their_samples(comparison: Comparison) -> None:
    """The curve goes through one sample, the vote of the plan, and the baseline with as many calls."""
    found = votes(comparison)
    assert sorted([1, 6, round(comparison.standings[3].calls.mean)]) == [k for k, _ in found]
    assert [len(one.curve) for _, one in found] == [0, 0, found[-1][0]]


def test_equal_cost_has_a_table(comparison: Comparison) -> None:
    """A line for each strategy that is no vote; without any vote of several samples there is no table."""
    shown = made.equal_cost(comparison)
    assert _column(shown, "strategy") == [clean(one.strategy) for one in comparison.equal_cost]
    assert _column(shown, "samples") == [figure(one.samples) for one in comparison.equal_cost]
    assert made.equal_cost(replace(comparison, equal_cost=())).rows == ()


def test_verdicts_have_a_table(comparison: Comparison) -> None:
    """A line for each strategy and step; shares with what they are of."""
    found = next(one for one in comparison.standings if one.verdicts)
    shown = made.verdicts(comparison)
    audits = found.verdicts["critique"]
    wrong = audits.faulted_wrong + audits.passed_wrong

    assert [found.strategy] * 2 == _column(shown, "strategy")
    assert _column(shown, "step") == ["critique", "verify"]
    assert _column(shown, "of wrong answers")[0].endswith(f"({audits.faulted_wrong} of {wrong})")


def test_panels_are_kept_apart(compared: Compared) -> None:
    """With two panels each table names them, and each strategy is compared with the vote on its own."""
    both = compared(4, strategies=["multiagent-debate"], panels={"a": ["m"], "b": ["n"]})
    assert Counter({"a": 3, "b": 3}) == Counter(_column(made.standings(both), "panel"))
    rows = made.equal_calls(both)
    assert ["multiagent-debate · a", "multiagent-debate · b"] == _column(rows, "strategy")
    assert ["self-consistency (6 calls) · a", "self-consistency (6 calls) · b"] == _column(rows, "baseline")
    drawn = {drawing.key: drawing for part in sections(both) for drawing in part.drawings}
    assert "votes-" in svg(drawn["votes"])


def test_one_strategy_alone_has_a_report(compared: Compared) -> None:
    """Without pairs and baselines there is nothing to compare, and the rest stands."""
    alone = compared(2, strategies=["single"], baselines=[])
    assert {"accuracy", "calibration", "repeat"} == {part.key for part in sections(alone)}
    assert "1 strategy on 2 questions, 2 runs." == findings(alone)[0]


def test_the_plan_in_the_report_is_the_plan(comparison: Comparison, tmp_path: Path) -> None:
    """What stands under "To repeat it", saved as a file, is the same plan, and printable."""
    text = plan_text(comparison)
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    assert ExperimentPlan.model_validate(comparison.head["plan"]) == ExperimentPlan.read(path)
    assert printable(text) == text


def test_a_page_holds_no_markup_but_its_own(html: str) -> None:
    """Names that mean harm are text: no script, no address, no handler; nothing is asked for."""
    parsed = _Parsed(html)
    shapes = {"svg", "g", "path", "defs", "clippath", "rect", "use", "pattern"}
    words = {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "nav",
        "a",
        "section",
        "h1",
        "h2",
        "p",
        "b",
        "span",
        "ul",
        "li",
    }
    tabular = {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "pre"}
    assert set() == set(parsed.tags) - shapes - words - tabular
    assert all(value.startswith("#") for name, value in parsed.attributes if name.endswith(("href", "src")))
    assert not [name for name, _ in parsed.attributes if name.startswith("on")]
    assert "<script>alert(1)</script>|`x`[red]" in parsed.text
    assert set("\x1b\x07\u202e\u200f").isdisjoint(html)
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert ("content", policy) in parsed.attributes
    assert not re.search(r"url\((?!#)|@import", html)


def test_answers_are_text_wherever_they_stand(comparison: Comparison, html: str) -> None:
    """What models said stands in the tables of lost questions as they said it, and is no markup."""
    said = {row.answer for row in comparison.rows if row.answer and row.answer.startswith("alert")}
    shown = [one for one in said if one in _Parsed(html).text]
    assert shown
    assert not [answer for answer in said if answer in html or answer in document(comparison)]


def test_ids_in_a_page_are_unique_and_found(html: str) -> None:
    """Each id stands once, though figures are drawn one by one, and each reference leads somewhere."""
    ids = [value for name, value in _Parsed(html).attributes if name == "id"]
    assert len(set(ids)) == len(ids)
    wanted = {*re.findall(r'href="#([^"]*)"', html), *re.findall(r"url\(#([^)]*)\)", html)}
    assert wanted <= set(ids)
    assert any(one.startswith("votes-") for one in wanted)


def test_a_figure_is_the_same_each_time(comparison: Comparison, html: str) -> None:
    """The same comparison gives the same bytes, whatever the user's settings of matplotlib are; these stay."""
    drawing = figures.accuracy_by_cost(comparison)[0]
    matplotlib = import_module("matplotlib")
    with matplotlib.rc_context({"font.size": 20.0, "svg.hashsalt": "else"}):
        shown = svg(drawing)
        assert (20.0, "else") == (matplotlib.rcParams["font.size"], matplotlib.rcParams["svg.hashsalt"])
    assert shown.split(">", 1)[1] in html


def test_markdown_holds_no_markup_but_its_own(comparison: Comparison) -> None:
    """Rendered with HTML allowed, names that mean harm are text, tables keep their columns, and pictures are ours."""
    text = document(comparison)
    rendered = _Parsed(MarkdownIt("commonmark").enable("table").render(text))
    assert {"h1", "h2", "p", "strong", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "img", "pre", "code"} == set(
        rendered.tags
    )
    pictures = [value for name, value in rendered.attributes if name == "src"]
    assert {f"figures/{drawing.key}.png" for part in sections(comparison) for drawing in part.drawings} == set(pictures)
    assert not [name for name, _ in rendered.attributes if name == "href"]
    assert "<script>alert(1)</script>|`x`[red]" in rendered.text
    assert "http://e.vil" not in text.split("## To repeat it")[0]
    assert printable(text) == text
    told = [table for part in sections(comparison) for table in part.tables]
    assert sum(len(table.rows) * len(table.columns) for table in told) == rendered.tags["td"]


@pytest.mark.parametrize("width", [20, 40, 100, 250])
def test_a_terminal_shows_names_as_they_are(comparison: Comparison, width: int) -> None:
    """On any width no line is too long, and nothing of a name steers the terminal."""
    shown = _plain(comparison, width)
    assert printable(shown) == shown
    assert all(cell_len(line) <= width for line in shown.splitlines())
    assert "[red]" in shown.replace("\n", "")
    assert "100.0%" in shown or f"{100 * comparison.standings[0].accuracy.value:.1f}%" in shown


def test_a_report_is_written(comparison: Comparison, tmp_path: Path, html: str) -> None:
    """All files are there, each figure of the Markdown among them; the page is the same to the byte; the rows are all of them."""
    written = write_report(comparison, tmp_path / "report")
    names = {path.relative_to(tmp_path / "report").as_posix() for path in written}
    drawn = {f"figures/{drawing.key}.png" for part in sections(comparison) for drawing in part.drawings}
    assert {"report.html", "report.md", "rows.csv", "disagreements.csv"} | drawn == names - {"rows.parquet"}
    assert html.encode() == (tmp_path / "report" / "report.html").read_bytes()
    assert bool(find_spec("polars")) == ("rows.parquet" in names)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written if path.suffix == ".png")
    assert {"accuracy-calls", "accuracy-tokens", "votes", "flips", "rounds", "reliability"} == {Path(name).stem for name in drawn}
    assert 30 * len(comparison.standings) == len((tmp_path / "report" / "rows.csv").read_text(encoding="utf-8").splitlines()) - 1


def test_a_missing_matplotlib_is_one_line(comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install, and nothing is written."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(InputError, match=r"^matplotlib is not installed: pip install 'contemplate-ai\[experiments\]'$"):
        write_report(comparison, tmp_path / "report")
    assert not (tmp_path / "report").exists()


def test_a_place_that_can_not_be_written_is_one_line(comparison: Comparison, tmp_path: Path) -> None:
    """A file in the way of the folder is named."""
    (tmp_path / "report").write_text("in the way")
    with pytest.raises(InputError, match=r"report.*can't be written"):
        write_report(comparison, tmp_path / "report")


def test_letters_that_no_font_has_are_drawn() -> None:
    """A figure with such letters, formulas and markup is made without a warning, and holds no text."""

    def draw(figure: object) -> None:
        figure.text(0.5, 0.5, "\u4f60\U0001f600 $\\frac{$ <b>x</b>")  # type: ignore[attr-defined]

    picture = svg(Drawing("letters", "Letters", "n = 0", (2, 2), draw))
    assert {"svg", "g", "path", "defs", "use"} >= set(_Parsed(picture).tags)
    assert not _Parsed(picture).text.strip()


@pytest.fixture(autouse=True)
def _no_figure_is_left() -> Iterator[None]:
    """No test goes through pyplot, which would keep figures."""
    before = "matplotlib.pyplot" in sys.modules
    yield
    assert before == ("matplotlib.pyplot" in sys.modules)
