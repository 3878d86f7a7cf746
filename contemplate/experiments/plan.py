"""The plan of an experiment: strategies on panels of models, over question sets, so many times; as YAML or in Python."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, ValidationError, field_validator, model_serializer, model_validator

from contemplate.errors import InputError
from contemplate.experiments.pairwise.spec import PairwiseSpec
from contemplate.experiments.questions import Fields
from contemplate.explain import explain
from contemplate.models.budget import Budget
from contemplate.types import AnswerKind, Json, Value
from contemplate.yaml_file import Location, parse_yaml, scalar

Baseline = Literal["single", "self-consistency"]
Setting = str | int | float | bool

_SETTINGS = re.compile(r":\s*([a-z_]\w*\s*=[^@]*)")
"""What sets parameters in the text of a strategy."""
_ANOTHER = re.compile(r"[a-z_]\w*\s*=")
"""What sets one more."""


class ArmSpec(Value):
    """A strategy that takes part.

    Attributes:
        use: the name of a recipe, or a path to one.
        set: values for its parameters.
        models: those that it runs on, on a panel of their own; none for the panels of the plan.
        name: what the tables call it; by default `use`, with what is set.

    As a text it is `NAME`, `NAME:KEY=VALUE,...`, `NAME@MODEL`, or both in either order.
    """

    use: str
    set: dict[str, Setting] = Field(default_factory=dict)
    models: tuple[str, ...] = ()
    name: str = ""

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, value: object) -> object:
        return _read(value) if isinstance(value, str) else value

    @model_serializer(mode="wrap")
    def _as_before(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without models where there are none: so plans were kept before they could have any."""
        row: dict[str, Any] = write(self)
        return row if self.models else {name: value for name, value in row.items() if name != "models"}

    @property
    def panel(self) -> str:
        """The name of the panel of its own models; empty where it has none."""
        return " + ".join(self.models)

    @property
    def label(self) -> str:
        """What the tables call it."""
        given = ", ".join(f"{name}={value}" for name, value in self.set.items())
        return self.name or (f"{self.use} ({given})" if given else self.use)


def entrants(typed: str) -> list[str]:
    """The strategies in a text, with commas between them; what follows one and sets a parameter more belongs to it."""
    found: list[str] = []
    for part in filter(None, map(str.strip, typed.split(","))):
        if found and _SETTINGS.search(found[-1]) and _ANOTHER.match(part):
            found[-1] += f",{part}"
        else:
            found.append(part)
    return found


def _read(text: str) -> dict[str, Any]:
    """The words of a strategy that is given as one text."""
    settings = _SETTINGS.search(text)
    rest = text if settings is None else text[: settings.start()] + text[settings.end() :]
    use, _, model = (part.strip() for part in rest.partition("@"))
    row: dict[str, Any] = {"use": use}
    if settings is not None:
        pairs = (one.partition("=") for one in settings[1].split(","))
        row["set"] = {name.strip(): scalar(value.strip()) for name, _, value in pairs}
    return {**row, "models": [model]} if model else row


class Source(Value):
    """Questions that are asked.

    Attributes:
        source: what `contemplate.experiments.questions.load_questions` takes: a file, `builtin:...`, `gym:...` or `hf:...`.
        mapping: which field of a row is what.
        kind: of the questions that name none.
        limit: the first questions only.
        skip: so many of them are left out before that.
        grader: "kind", "own", `judge:CARD`, or a function as `module:function` or `file.py:function`.
    """

    source: str
    mapping: Fields | None = None
    kind: AnswerKind | None = None
    limit: Annotated[int, Field(ge=1)] | None = None
    skip: Annotated[int, Field(ge=0)] = 0
    grader: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, value: object) -> object:
        return {"source": value} if isinstance(value, str) else value

    @field_validator("mapping", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        try:
            return Fields.of(value) if isinstance(value, dict) else value
        except InputError as error:
            raise ValueError(str(error)) from None


class ExperimentPlan(Value):
    """An experiment before it starts.

    Attributes:
        summary: one line on the question that it is to answer.
        strategies: at least one; their labels differ.
        panels: lists of models by name, on each of which every strategy runs. Empty: the models of the settings, or the
            embedded one.
        questions: at least one source.
        repeats: how often each question is asked; repeats make a question's score more precise, and are no new questions.
        seed: everything random comes from it; the first repeat runs with it, the next with the number after it.
        budget: caps on the whole experiment; what its cells have cost before counts.
        each: caps on each question and strategy.
        baselines: what is run beside the strategies: one answer alone, and self-consistency at the same number of calls.
        judge: the model that grades, where a judge grades, and that compares answers; None for the first one.
        pairwise: whose answers to open questions the judge compares; None for nobody's.
        failed: a question on which a strategy failed counts as "wrong" for it, or is "left-out" for all.
        at_once: how many runs are under way at the same time.
        level: of confidence intervals, in (0, 1).
        draws: of bootstrap and randomisation, at least 1,000.
        secret: what the tags of quotations hang on; None for that of the ledger, `public` for none, as before there were secrets.
            It stands in `experiment.json`, and whoever repeats the experiment with its replies names it in the plan.
    """

    summary: str = ""
    strategies: Annotated[tuple[ArmSpec, ...], Field(min_length=1)]
    panels: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    questions: Annotated[tuple[Source, ...], Field(min_length=1)]
    repeats: Annotated[int, Field(ge=1, le=1000)] = 1
    seed: Annotated[int, Field(ge=0, lt=2**62)] = 0
    budget: Budget = Budget()
    each: Budget = Budget()
    baselines: tuple[Baseline, ...] = ("single", "self-consistency")
    judge: str | None = None
    pairwise: PairwiseSpec | None = None
    failed: Literal["wrong", "left-out"] = "wrong"
    at_once: Annotated[int, Field(ge=1, le=1000)] = 8
    level: Annotated[float, Field(gt=0, lt=1)] = 0.95
    draws: Annotated[int, Field(ge=1000, le=1_000_000)] = 10_000
    secret: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(default=None, exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:  # noqa: ANN401 - as YAML gives it
        """`models: [a, b]` is one panel; one question source may stand without a list."""
        if not isinstance(value, dict):
            return value
        row = dict(value)
        if "models" in row:
            if "panels" in row:
                raise ValueError("give either 'models' (one panel) or 'panels' (several, by name)")
            models = row.pop("models")
            listed = [models] if isinstance(models, str) else models
            row["panels"] = {" + ".join(map(str, listed)) if isinstance(listed, list) else "panel": listed}
        if isinstance(row.get("questions"), str | dict):
            row["questions"] = [row["questions"]]
        return row

    @model_validator(mode="after")
    def _different(self) -> ExperimentPlan:
        names = [
            (spec.label, panel) for spec in self.strategies for panel in ([spec.panel] if spec.models else self.panels or [""])
        ]
        if twice := next((label for label, panel in names if names.count((label, panel)) > 1), None):
            raise ValueError(f"two strategies are called {twice!r}: give one of them another 'name'")
        if empty := next((name for name, models in self.panels.items() if not models), None):
            raise ValueError(f"panel {empty!r} has no models")
        return self

    @property
    def on_configured(self) -> bool:
        """Whether a strategy runs on the models of the settings, or on the embedded one, since none is named for it."""
        return not self.panels and any(not spec.models for spec in self.strategies)

    @classmethod
    def of(cls, plan: ExperimentPlan | Path | str | Mapping[str, object]) -> ExperimentPlan:
        """The plan in a file, in a mapping, or as it is.

        Raises:
            InputError: with file, line, and the words allowed.
        """
        if isinstance(plan, ExperimentPlan):
            return plan
        if isinstance(plan, Mapping):
            return cls.checked(**plan)
        return cls.read(Path(plan))

    @property
    def words(self) -> Json:
        """What was said in it, its secret too, as `checked` takes it; what was left to its usual value is not in it."""
        words: Json = self.model_dump(exclude_unset=True)
        return words if self.secret is None else {**words, "secret": self.secret}

    @classmethod
    def checked(cls, **words: object) -> ExperimentPlan:
        """The plan with these words.

        Raises:
            InputError: the first thing that is wrong, and where.
        """
        try:
            return cls.model_validate(words)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
            message = str(first["msg"]).removeprefix("Value error, ")
            raise InputError(f"experiment: {where + ': ' if where else ''}{message[:1].lower()}{message[1:]}") from None

    @classmethod
    def read(cls, path: Path) -> ExperimentPlan:
        """The plan in a YAML file.

        Raises:
            InputError: there is no such file, or it is no plan: with line, and the words allowed.
        """
        from contemplate.catalogue import read_text

        document = parse_yaml(read_text(path), str(path))
        document.mapping()
        try:
            return cls.model_validate(document.value)
        except ValidationError as error:
            raise explain(error, document, _allowed) from None


_WORDS: dict[str, Sequence[str]] = {
    "strategies": tuple(ArmSpec.model_fields),
    "questions": tuple(Source.model_fields),
    "budget": tuple(Budget.model_fields),
    "each": tuple(Budget.model_fields),
    "pairwise": tuple(PairwiseSpec.model_fields),
}


def _allowed(location: Location) -> Sequence[str]:
    """The words allowed where a location ends."""
    inside = _WORDS.get(str(location[0])) if len(location) > 1 else None
    return inside or ("models", *ExperimentPlan.model_fields)
