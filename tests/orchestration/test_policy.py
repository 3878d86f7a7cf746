"""Runs under a policy: what each effect does at each stage, on record, in words, in the audit log, and in a replay."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from contemplate import InputError, Orchestrator, Question, Request, ScriptedBackend, Settings
from contemplate.errors import PolicyError, RecipeError, StorageError, UnknownNameError
from contemplate.models.budget import Account, Budget
from contemplate.models.call import Caller
from contemplate.orchestration.policies import PolicySettings, find_policy, ours, policies_of, put_in_force, read_policy
from contemplate.orchestration.policy_trial import try_policy
from contemplate.policy.audit import verify
from contemplate.policy.guard import Guard
from contemplate.policy.rules import Policy, falls_into


def _policy(*rules: dict[str, Any], **fields: Any) -> Policy:
    made = [{"id": f"r{number}", "reason": f"Reason {number}.", **rule} for number, rule in enumerate(rules, 1)]
    return Policy.model_validate({"name": "house", "version": "1", "rules": made, **fields})


async def _solve(
    policy: Policy | None, say: Any = "Answer: 1", *, kind: str = "number", **options: Any
) -> tuple[Any, list[Request]]:
    """A run of three seats, replayed; the outcome, and what was asked."""
    backend = ScriptedBackend(say if callable(say) else lambda _: say)
    classifiers = options.pop("classifiers", None)
    settings = options.pop("settings", None)
    async with Orchestrator(
        ["a/m", "b/m"], backend=backend, ledger=":memory:", classifiers=classifiers, settings=settings
    ) as orchestrator:
        question = options.pop("question", "What is 6 * 7, Alice?")
        outcome = await orchestrator.solve(
            question, "self-consistency", answer=kind, parameters={"seats": 3}, policy=policy, **options
        )
        made = len(backend.requests)
        for known in list(orchestrator.runner.classifiers):
            del orchestrator.runner.classifiers[known]  # type: ignore[attr-defined]  # a replay asks none
        assert (await orchestrator.replay(outcome.run)).difference is None
        assert made == len(backend.requests)
    return outcome, backend.requests


async def test_a_question_that_is_refused_is_not_asked() -> None:
    """No call; the outcome says in words by which rule, and why."""
    outcome, asked = await _solve(_policy({"at": "question", "effect": "refuse", "when": {"text": "Alice"}}))
    assert ([], None, "policy") == (asked, outcome.answer, outcome.stopped)
    assert "policy refused the question: Reason 1. [rule r1 of house 1]" == outcome.detail
    assert ["0.policy"] == [turn.id for turn in outcome.trace.turns]
    assert outcome.to_dict()["policy"][0]["effect"] == "refuse"


async def test_a_question_is_rewritten_before_anybody_sees_it() -> None:
    """The record has what was asked, and what was made of it."""
    outcome, asked = await _solve(_policy({"at": "question", "effect": "rewrite", "put": "[name]", "when": {"text": "Alice"}}))
    assert all("6 * 7, [name]?" in request.messages[-1].text for request in asked)
    assert ("What is 6 * 7, Alice?", "1") == (outcome.question.text, outcome.answer)
    assert "What is 6 * 7, [name]?" == outcome.trace.turns[0].found.words


async def test_prompts_are_refused_by_model() -> None:
    """Those of one model alone: its turns fail with the reason, cost nothing, and the run goes on."""
    outcome, asked = await _solve(_policy({"at": "prompt", "effect": "refuse", "when": {"model": "b/*"}}))
    failed = [turn for turn in outcome.trace.turns if turn.failure is not None]
    assert {"a/m"} == {request.model for request in asked}
    assert ["1.propose/seat-2"] == [turn.id for turn in failed]
    assert ("policy", "r1", "b/m") == (failed[0].failure.kind, failed[0].policy[0].rule, failed[0].policy[0].model)


async def test_prompts_and_replies_are_rewritten() -> None:
    """What is sent, and what is used of a reply; the ledger keeps it as it came."""
    policy = _policy(
        {"at": "prompt", "effect": "rewrite", "put": "Bob", "when": {"text": "Alice"}},
        {"at": "reply", "effect": "rewrite", "put": "2", "when": {"text": "1"}},
    )
    outcome, asked = await _solve(policy)
    assert all("Bob" in request.messages[-1].text and "Alice" not in request.messages[-1].text for request in asked)
    assert ("2", "Answer: 2") == (outcome.answer, outcome.trace.turns[0].text)


async def test_a_reply_that_is_refused_was_paid_for() -> None:
    """Its turn fails."""
    outcome, asked = await _solve(_policy({"at": "reply", "effect": "refuse", "when": {"text": "^Answer"}}))
    assert (3, None, "quorum") == (len(asked), outcome.answer, outcome.stopped)
    assert {"policy"} == {turn.failure.kind for turn in outcome.trace.turns if turn.failure is not None}


@pytest.mark.parametrize(
    ("kind", "effect", "answer"), [("text", "rewrite", "[n] pays"), ("text", "refuse", None), ("number", "rewrite", None)]
)
async def test_answers(kind: str, effect: str, answer: str | None) -> None:
    """Held back or rewritten; a number that would be rewritten is held back. `value` says no more than `answer`."""
    rule = {"at": "answer", "effect": effect, "put": "[n]", "when": {"text": "Alice|1"}}
    outcome, _ = await _solve(_policy(rule), "Answer: Alice pays" if kind == "text" else "Answer: 1", kind=kind)
    assert (answer, answer) == (outcome.answer, outcome.value)
    assert ("completed" if answer else "policy") == outcome.stopped
    assert "end.policy" == outcome.trace.turns[-1].id


async def test_allow_ends_the_look_at_its_own_policy_alone() -> None:
    """What another policy refuses stays refused."""
    allow = {"at": "question", "effect": "allow", "when": {"text": "6"}}
    refuse = {"at": "question", "effect": "refuse"}
    outcome, _ = await _solve(_policy(allow, refuse))
    assert "1" == outcome.answer
    other = _policy(refuse, name="other")
    guard = Guard((_policy(allow), other), "any", "number", _never)
    with pytest.raises(PolicyError, match="rule r1 of other 1"):
        await guard.question(Question(text="6?"), _caller())


async def test_a_classifier_is_asked_once_and_not_in_a_replay() -> None:
    """By its score; one that fails counts as if the rule applied, but for a rule that allows."""
    rule = {"at": "question", "effect": "refuse", "when": {"classifier": {"name": "rude", "above": 0.7}}}
    assert "1" == (await _solve(_policy(rule), classifiers={"rude": lambda _: 0.7}))[0].answer
    assert (await _solve(_policy(rule), classifiers={"rude": lambda _: 0.8}))[0].answer is None
    broken, _ = await _solve(_policy(rule), classifiers={"rude": lambda _: 1 / 0})
    assert "ZeroDivisionError" in str(broken.policy[0].unsure)
    allows = [{**rule, "effect": "allow"}, {"at": "question", "effect": "refuse"}]
    assert (await _solve(_policy(*allows), classifiers={"rude": lambda _: 1 / 0}))[0].answer is None


async def test_a_judge_is_a_model_in_the_role_of_a_card() -> None:
    """It sees the text as data; what can't be read counts as if the rule applied."""
    rule = {"at": "question", "effect": "refuse", "when": {"judge": "critic"}}

    def say(said: str) -> Any:
        return lambda request: said if "--- Text" in request.messages[-1].text else "Answer: 1"

    for said, answer in (("Verdict: no", "1"), ("Verdict: yes", None), ("I don't know.", None)):
        outcome, asked = await _solve(_policy(rule), say(said))
        assert answer == outcome.answer
        assert "What is 6 * 7, Alice?" in asked[0].messages[-1].text
    assert "can't be read" in str(outcome.policy[0].unsure)


async def _never(card: str, text: str, caller: Caller) -> bool:  # noqa: ARG001 - a judge
    raise AssertionError


def _caller(turn: str = "t") -> Caller:
    return Caller(account=Account(Budget()), run="r", turn=turn)


async def test_calls_of_tools() -> None:
    """By the tool's name and its arguments; they may be rewritten."""
    policy = _policy(
        {"at": "tool", "effect": "refuse", "when": {"tool": "shell*"}},
        {"at": "tool", "effect": "rewrite", "put": "x", "when": {"text": "secret"}},
    )
    guard = Guard((policy,), "any", "text", _never)
    assert '{"q": "x"}' == await guard.tool_call("search", '{"q": "secret"}', _caller())
    with pytest.raises(PolicyError, match=r"refused a tool's call: Reason 1\."):
        await guard.tool_call("shell.run", "{}", _caller())
    assert ["r2", "r1"] == [one.rule for one in guard.of("t")]


# --- files, profiles, versions ------------------------------------------------------------------------

TEXT = """\
name: house
version: {version}
rules:
  - {{id: one, at: question, effect: note, reason: One.}}
  - {{id: two, at: [question, answer], effect: refuse, reason: Two., when: {{text: [x, "y+"], kind: text}}}}
profiles:
  kiosk: {{without: two}}
"""


def test_a_file_and_its_profiles(tmp_path: Path) -> None:
    """One text stands for a list of one."""
    file = tmp_path / "p.yaml"
    file.write_text(TEXT.format(version=3))
    found = find_policy(file)
    assert ("3", ("x", "y+")) == (found.version, found.rules[1].when.text)
    assert (["one"], "kiosk") == ([rule.id for rule in found.under("kiosk").rules], found.under("kiosk").profile)
    with pytest.raises(UnknownNameError, match="no profile called 'kiosc'; did you mean 'kiosk'"):
        found.under("kiosc")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("effect: note", "effect: deny", "p.yaml:4: rules.1.effect: 'deny' is not allowed here; allowed: 'allow', 'refuse'"),
        ("id: two", "id: one", "two rules are called one"),
        ("without: two", "without: three", "profile kiosk names the rule 'three'"),
        ('"y+"', '"(?=y)"', "look-around and names are not in the subset"),
        ("reason: One.", "resaon: One.", "unknown word 'resaon'; did you mean 'reason'?"),
        ("kind: text", "model: m", "a question or an answer has no one model"),
        ("effect: note, reason", "effect: rewrite, reason", "to rewrite, it needs 'text'"),
    ],
)
def test_what_is_wrong_in_a_file(before: str, after: str, said: str) -> None:
    """In one line, with the line of the file where it stands."""
    with pytest.raises(RecipeError, match=re.escape(said)):
        read_policy(TEXT.format(version=1).replace(before, after), "p.yaml")


def test_roll_out_and_roll_back(tmp_path: Path) -> None:
    """A new version for a share of runs, the same ones each time; then an earlier one again, by name."""
    for version in ("v1", "v2"):
        (tmp_path / f"{version}.yaml").write_text(TEXT.format(version=version))
    with pytest.raises(InputError, match="which of v1, v2 is in force"):
        find_policy(tmp_path)
    put_in_force(tmp_path, "v1")
    put_in_force(tmp_path, "v2", 0.25)
    found = [find_policy(tmp_path, seed, "Why?").version for seed in range(400)]
    assert found == [find_policy(tmp_path, seed, "Why?").version for seed in range(400)]
    assert 60 < found.count("v2") < 140
    assert not any(falls_into(0, "p", "v", seed, "q") for seed in range(50))
    put_in_force(tmp_path, "v2")
    put_in_force(tmp_path, "v1")
    assert {"v1"} == {find_policy(tmp_path, seed).version for seed in range(20)}
    with pytest.raises(UnknownNameError, match="no version called 'v3'"):
        put_in_force(tmp_path, "v3")


def test_who_may_do_without() -> None:
    """Only where the settings say so; a file that is given comes on top of theirs."""
    house = PolicySettings(file="no-secrets")
    with pytest.raises(InputError, match="policy off: the settings have all runs under a policy"):
        policies_of(house, "off", None, 0, "?")
    assert () == policies_of(house.model_copy(update={"allow_opt_out": True}), "off", None, 0, "?")
    assert () == policies_of(PolicySettings(), "off", None, 0, "?")
    own = _policy({"at": "question", "effect": "allow"})
    assert ["no-secrets", "house"] == [one.name for one in policies_of(house, own, None, 0, "?")]


def test_a_profile_counts_for_the_policies_that_have_it(tmp_path: Path) -> None:
    """That of the settings' policy is theirs to choose, as it may leave rules out, unless one may do without it."""
    file = tmp_path / "p.yaml"
    file.write_text(TEXT.format(version=3))
    house = PolicySettings(file=str(file))
    free = house.model_copy(update={"allow_opt_out": True})

    def used(settings: PolicySettings, given: str | None, profile: str | None) -> list[str]:
        return [one.profile for one in policies_of(settings, given, profile, 0, "?")]

    assert ["kiosk"] == used(house.model_copy(update={"profile": "kiosk"}), None, None)
    assert ["kiosk", "default"] == used(free, "no-secrets", "kiosk")
    assert ["default", "kiosk"] == used(house, str(file), "kiosk")
    with pytest.raises(InputError, match="profile kiosk: the settings say under which profile their policy is used"):
        used(house, None, "kiosk")
    with pytest.raises(UnknownNameError, match="no profile called 'kiosc'; did you mean 'kiosk'"):
        used(house, None, "kiosc")


def test_ours_can_be_read() -> None:
    """All that contemplate brings, under each of their profiles."""
    assert {"health-red-flags", "no-secrets"} <= set(ours())
    for name in ours():
        policy = find_policy(name)
        assert all(policy.under(profile).rules for profile in policy.profiles or ["default"])


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("I have chest pain and can't breathe", {"emergency", "health"}),
        ("My son swallowed a battery", {"emergency"}),
        ("I want to die", {"self-harm"}),
        ("Which dose of ibuprofen is usual?", {"health"}),
        ("What is 6 * 7?", set()),
        ("Mir tut die Brust weh", set()),  # what it can't do: another language
    ],
)
async def test_the_example_about_health(text: str, rules: set[str]) -> None:
    """What it tells, and what it misses."""
    guard = Guard((find_policy("health-red-flags"),), "any", "text", _never)
    await guard.question(Question(text=text), _caller())
    assert rules == {one.rule for one in guard.of("0.policy")}


# --- audit and dry run --------------------------------------------------------------------------------


async def test_what_is_decided_is_in_the_audit_log_before_the_run_goes_on(tmp_path: Path) -> None:
    """Each ruling, without a word of the question; and what can't be written down is not done."""
    log = tmp_path / "audit.jsonl"
    settings = Settings(policy=PolicySettings(audit=str(log)))
    rule = {"at": ["question", "reply"], "effect": "note", "when": {"text": "Alice|1"}}
    await _solve(_policy(rule), settings=settings)
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    assert ["question", "reply", "reply", "reply"] == sorted(row["stage"] for row in rows)
    assert verify(log).broken is None
    assert "Alice" not in log.read_text()
    nowhere = Settings(policy=PolicySettings(audit=str(log / "log")))
    with pytest.raises(StorageError, match="the audit log can't be written"):
        await _solve(_policy(rule), settings=nowhere)


async def test_a_dry_run_over_stored_runs() -> None:
    """What a policy would have changed; what it did change is no news. Nothing is called."""
    backend = ScriptedBackend(lambda _: "Answer: 1")
    note = _policy({"at": "question", "effect": "note", "when": {"text": "Alice"}})
    async with Orchestrator(["m"], backend=backend, ledger=":memory:") as orchestrator:
        first = await orchestrator.solve("Alice?", "self-consistency", answer="number", parameters={"seats": 2}, policy=note)
        await orchestrator.solve("Bob?", "single", answer="number")
        records, ledger = await orchestrator.runs(), orchestrator.ledger
        made = len(backend.requests)
        assert () == (await try_policy(ledger, note, records, {})).rows
        refuse = _policy(
            {"at": "reply", "effect": "refuse", "when": {"text": "1"}},
            {"at": "question", "effect": "refuse", "when": {"text": "Alice"}},
        )
        trial = await try_policy(ledger, refuse, records, {})
        judged = await try_policy(ledger, _policy({"at": "answer", "effect": "refuse", "when": {"judge": "critic"}}), records, {})
    assert (2, 2, {"r1": 1, "r2": 1}) == (trial.runs, len(trial.changed), trial.by_rule)
    assert [("0.policy", "r2")] == [(row.turn, row.ruling.rule) for row in trial.rows if row.run == first.run]
    assert {"the judge critic is not asked in a dry run"} == {row.ruling.unsure for row in judged.rows}
    assert made == len(backend.requests)


async def test_a_policy_names_functions_and_cards_that_are_there() -> None:
    """Refused before any call."""
    with pytest.raises(UnknownNameError, match="no classifier called 'rude'"):
        await _solve(_policy({"at": "question", "effect": "note", "when": {"classifier": "rude"}}))
    with pytest.raises(UnknownNameError, match="no agent called 'crtic'"):
        await _solve(_policy({"at": "question", "effect": "note", "when": {"judge": "crtic"}}))
