"""Policies: a list of rules with a name and a version, and the profiles under which platforms use them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, Field, SerializerFunctionWrapHandler, field_validator, model_serializer, model_validator

from contemplate.errors import InvalidValueError, UnknownNameError
from contemplate.policy.pattern import Pattern
from contemplate.seeds import derive
from contemplate.types import AnswerKind, Effect, PolicyStage, Privacy, Ruling, Value

STAGES: tuple[PolicyStage, ...] = get_args(PolicyStage)

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]


def _several(value: Any) -> Any:  # noqa: ANN401 - whatever is to be validated
    return (value,) if isinstance(value, str | dict) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_several)]


class Classified(Value):
    """A condition on what a classifier finds.

    Attributes:
        name: of the function, as it was given or an installed package declares it.
        above: what it finds must be above this, where it is a number; True counts as 1, False as 0.
    """

    name: Id
    above: float = 0.5


class When(Value):
    """What must be so for a rule to apply: all of what is given here. With nothing given it always applies.

    Attributes:
        text: patterns of which one is found in the text (`contemplate.policy.syntax`).
        without: patterns none of which is found in it.
        label: the privacy label of the question is one of these.
        kind: the kind of answer is one of these.
        model: the model that is asked fits one of these, as "openai/*".
        tool: the tool that is called fits one of these.
        classifier: a function finds it so.
        judge: the card of a model that is asked whether the text is such as the card says, and finds that it is.
    """

    text: Texts = ()
    without: Texts = ()
    label: Annotated[tuple[Privacy, ...], BeforeValidator(_several)] = ()
    kind: Annotated[tuple[AnswerKind, ...], BeforeValidator(_several)] = ()
    model: Texts = ()
    tool: Texts = ()
    classifier: Annotated[
        Classified | None, BeforeValidator(lambda value: {"name": value} if isinstance(value, str) else value)
    ] = None
    judge: str | None = None

    @field_validator("text", "without")
    @classmethod
    def _can_be_read(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            Pattern.of(pattern)
        return patterns

    @model_serializer(mode="wrap")
    def _only_what_is_given(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in handler(self).items() if value not in ((), [], None)}

    def plain(self, subject: Subject) -> bool:
        """Whether all holds that can be seen without a function or a model.

        Raises:
            PolicyError: a pattern takes too long.
        """
        return (
            (not self.label or subject.label in self.label)
            and (not self.kind or subject.kind in self.kind)
            and (not self.model or any(fnmatchcase(subject.model, one) for one in self.model))
            and (not self.tool or any(fnmatchcase(subject.tool, one) for one in self.tool))
            and (not self.text or any(Pattern.of(one).found_in(subject.text) for one in self.text))
            and not any(Pattern.of(one).found_in(subject.text) for one in self.without)
        )


class Subject(Value):
    """What a rule is looked at for.

    Attributes:
        stage: where.
        text: the words.
        label, kind: of the question.
        model: that is asked, at the stages of calls and tools.
        tool: that is called.
    """

    stage: PolicyStage
    text: str
    label: Privacy = "any"
    kind: AnswerKind = "text"
    model: str = ""
    tool: str = ""


class Rule(Value):
    """One rule.

    Attributes:
        id: its name in the policy.
        reason: why, as whoever asked is told.
        effect: what it does: "allow" ends the look at this policy, "refuse" ends the matter, "rewrite" puts `put` in
            place of what `text` matches, "escalate" has the run treated as one of high stakes, "note" only says so.
        at: the stages at which it is looked at.
        when: what must be so.
        put: what "rewrite" puts in place.
    """

    id: Id
    reason: Annotated[str, Field(min_length=1, max_length=1_000)]
    effect: Effect
    at: Annotated[tuple[PolicyStage, ...], BeforeValidator(_several), Field(min_length=1)]
    when: When = When()
    put: Annotated[str, Field(max_length=1_000)] = "[removed]"

    @model_validator(mode="after")
    def _goes_together(self) -> Rule:
        if self.effect == "rewrite" and not self.when.text:
            raise InvalidValueError(f"rule {self.id}: to rewrite, it needs 'text' in 'when': what is found there is replaced")
        if self.when.tool and set(self.at) != {"tool"}:
            raise InvalidValueError(f"rule {self.id}: 'tool' is known at the stage 'tool' alone, and it is looked at elsewhere")
        if self.when.model and set(self.at) & {"question", "answer"}:
            raise InvalidValueError(
                f"rule {self.id}: a question or an answer has no one model; 'model' goes with the other stages"
            )
        return self

    def rewritten(self, text: str) -> str:
        """`text` with what is found replaced, if that is what the rule does.

        Raises:
            PolicyError: a pattern takes too long.
        """
        if self.effect == "rewrite":
            for pattern in self.when.text:
                text = Pattern.of(pattern).replaced(text, self.put)
        return text


class Profile(Value):
    """How one platform uses a policy.

    Attributes:
        only: the ids of the rules in force there; empty: all.
        without: the ids of rules that are not.
    """

    only: Texts = ()
    without: Texts = ()


class Policy(Value):
    """A policy, whole.

    Attributes:
        name: what it is called.
        version: of it, by name.
        summary: what it is for, in one line.
        rules: looked at in their order.
        profiles: by platform; "default" is all of it unless it says otherwise.
        profile: the one in force.
    """

    name: Id
    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"), BeforeValidator(str)]
    summary: str = ""
    rules: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=1_000)]
    profiles: dict[str, Profile] = Field(default_factory=dict)
    profile: str = "default"

    @model_validator(mode="after")
    def _names_are_known(self) -> Policy:
        ids = [rule.id for rule in self.rules]
        twice = next((one for one in ids if ids.count(one) > 1), None)
        if twice is not None:
            raise InvalidValueError(f"two rules are called {twice}")
        for name, profile in self.profiles.items():
            unknown = next((one for one in (*profile.only, *profile.without) if one not in ids), None)
            if unknown is not None:
                raise InvalidValueError(f"profile {name} names the rule {unknown!r}, and there is none of that id")
        return self

    def under(self, profile: str) -> Policy:
        """The policy as a platform uses it: with the rules of its profile alone.

        Raises:
            UnknownNameError: there is no such profile.
        """
        if profile not in {*self.profiles, "default"}:
            raise UnknownNameError("profile", profile, sorted({*self.profiles, "default"}), f"(policy {self.name})")
        chosen = self.profiles.get(profile, Profile())
        kept = tuple(rule for rule in self.rules if (not chosen.only or rule.id in chosen.only) and rule.id not in chosen.without)
        if not kept:
            raise InvalidValueError(f"profile {profile} of policy {self.name} leaves no rule in force")
        return self.model_copy(update={"rules": kept, "profiles": {}, "profile": profile})

    def at(self, stage: PolicyStage) -> tuple[Rule, ...]:
        """The rules that are looked at there."""
        return tuple(rule for rule in self.rules if stage in rule.at)

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards of the models that it asks."""
        return tuple(dict.fromkeys(rule.when.judge for rule in self.rules if rule.when.judge is not None))

    @property
    def classifiers(self) -> tuple[str, ...]:
        """The names of the functions that it asks."""
        found = (rule.when.classifier.name for rule in self.rules if rule.when.classifier is not None)
        return tuple(dict.fromkeys(found))

    def ruling(self, rule: Rule, subject: Subject, *, unsure: str | None = None, call: int = 0) -> Ruling:
        """What is put on record of a rule that applied."""
        return Ruling(
            policy=self.name,
            version=self.version,
            profile=self.profile,
            rule=rule.id,
            stage=subject.stage,
            effect=rule.effect,
            reason=rule.reason,
            model=subject.model,
            unsure=unsure,
            call=call,
        )


def falls_into(share: float, policy: str, version: str, seed: int, question: str) -> bool:
    """Whether a run is one of those that have a new version already: about this share in [0, 1]; the same each time."""
    return derive(seed, "roll-out", policy, version, question) / 2**63 < share
