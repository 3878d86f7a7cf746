"""`contemplate policy` and `contemplate audit`: policies looked at, tried on stored runs, and put in force; the audit log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from contemplate.cli.location import Location
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.errors import InputError
from contemplate.orchestration.credit import CREDIT
from contemplate.orchestration.policies import (
    classifiers_of,
    find_policy,
    ours,
    put_in_force,
    versions_in,
)
from contemplate.orchestration.policy_trial import Trial, try_policy
from contemplate.orchestration.settings import load_settings
from contemplate.policy.audit import AuditLog, verify
from contemplate.policy.rules import Policy, Rule
from contemplate.text import one_line, printable

_SHOWN = 50


@dataclass(frozen=True)
class Wanted:
    """What was typed."""

    what: str
    name: str | None
    folder: Path | None
    profile: str | None
    share: float | None
    runs: int
    location: Location
    json: bool


def policy(wanted: Wanted) -> int:
    """Do with a policy what was typed.

    Raises:
        InputError: there is none of that name, or it is wrong.
    """
    match wanted.what:
        case "list":
            return _list(as_json=wanted.json)
        case "show":
            return _show(_found(wanted), as_json=wanted.json)
        case "try":
            return _put(run_async(_try, wanted), as_json=wanted.json)
        case _:
            return _use(wanted)


def _found(wanted: Wanted) -> Policy:
    """The policy that is named, or that of the settings."""
    name, settings = wanted.name, load_settings(wanted.location.project).policy
    if name is None and settings.file is None:
        raise InputError("name a policy: a .yaml file, a folder, or one of contemplate policy list (the settings have none)")
    found = find_policy(name if name is not None else str(settings.file))
    return found.under(wanted.profile) if wanted.profile is not None else found


def _list(*, as_json: bool) -> int:
    rows = {name: find_policy(name) for name in ours()}
    if as_json:
        print(json.dumps([{"name": name, "version": one.version, "summary": one.summary} for name, one in rows.items()]))
    else:
        for name, one in rows.items():
            print(f"{name} {one.version}: {one.summary}")
    return Status.DONE


def _show(one: Policy, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps(one.model_dump(mode="json"), ensure_ascii=True))
        return Status.DONE
    print(printable(f"{one.name} {one.version}: {one.summary}"))
    for rule in one.rules:
        print(printable(f"  {rule.id}: {rule.effect} at {', '.join(rule.at)}{_when(rule)}\n    {rule.reason}"))
    if one.profiles:
        print(f"profiles: {', '.join(one.profiles)}")
    return Status.DONE


def _when(rule: Rule) -> str:
    found = rule.when.model_dump(mode="json")
    return "".join(f", {name} {one_line(json.dumps(value, ensure_ascii=False), 100)}" for name, value in found.items())


async def _try(wanted: Wanted) -> Trial:
    one = _found(wanted)
    if one.profiles or one.profile == "default":
        one = one.under(wanted.profile or "default")
    async with wanted.location.orchestrator("") as orchestrator:
        records = [one for one in await orchestrator.runs(wanted.runs) if not one.run.startswith(CREDIT)]
        return await try_policy(orchestrator.ledger, one, records, classifiers_of((one,), {}))


def _put(trial: Trial, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps(trial.to_dict(), ensure_ascii=True))
        return Status.DONE
    print(
        f"{trial.policy} {trial.version} ({trial.profile}): {len(trial.changed)} of {trial.runs} runs would have gone otherwise"
    )
    for rule, count in trial.by_rule.items():
        print(f"  rule {rule}: {count} times")
    for row in trial.rows[:_SHOWN]:
        print(printable(f"{row.run} {row.turn}: {one_line(str(row.ruling), 200)}"))
    if len(trial.rows) > _SHOWN:
        print(f"and {len(trial.rows) - _SHOWN:,} more (--json has all)")
    return Status.DONE


def _use(wanted: Wanted) -> int:
    settings = load_settings(wanted.location.project).policy
    folder = wanted.folder or (Path(settings.file) if settings.file is not None else None)
    if wanted.name is None or folder is None:
        known = "" if folder is None or not folder.is_dir() else f"; there are {', '.join(versions_in(folder))}"
        raise InputError(f"say which version, and in which folder: contemplate policy use VERSION FOLDER{known}")
    now = put_in_force(folder, wanted.name, wanted.share)
    if settings.audit is not None:
        row = {"version": now.version, "next": now.next, "share": now.share, "folder": folder.name}
        AuditLog(Path(settings.audit)).append({"event": "versions", **row})
    if wanted.json:
        print(json.dumps(now.model_dump(mode="json")))
    else:
        rest = "" if now.next is None else f", and {now.next} for {now.share:.0%} of runs"
        print(f"{folder}: version {now.version} is in force{rest}")
    return Status.DONE


def audit(file: Path | None, head: str | None, location: Location, *, as_json: bool) -> int:
    """Look through an audit log; 0 if it is in order, 1 if not.

    Raises:
        InputError: it can't be read, or none is named.
    """
    settings = load_settings(location.project).policy
    named = file or (Path(settings.audit) if settings.audit is not None else None)
    if named is None:
        raise InputError("name the file of an audit log: the settings have none ([policy] audit)")
    found = verify(named, head)
    if as_json:
        print(json.dumps({"file": str(named), "lines": found.lines, "head": found.head, "broken": found.broken}))
    elif found.broken is None:
        print(f"{named}: {found.lines:,} lines in order; the last has the hash {found.head}")
    else:
        print(f"{named}: broken: {found.broken} ({found.lines:,} lines before it are in order)")
    return Status.DONE if found.broken is None else Status.BAD_INPUT
