"""Which policies a run is under: files, folders with a version in each file, roll-out by share, and who may do without."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from os import PathLike
from pathlib import Path
from typing import Annotated, cast

from pydantic import Field, ValidationError

from contemplate.catalogue import read_text
from contemplate.errors import InputError, UnknownNameError
from contemplate.explain import explain
from contemplate.files import write_private
from contemplate.installed import Group, installed, installed_names
from contemplate.policy.guard import Classifier
from contemplate.policy.rules import Classified, Policy, Profile, Rule, When, falls_into
from contemplate.text import one_line
from contemplate.types import Value
from contemplate.yaml_file import Location, parse_yaml

OFF = "off"
"""What is said to do without the policy of the settings."""
IN_FORCE = "in-force.json"
"""The file in a folder of policies that says which version is in force."""
_CLASSIFIERS: Group = "contemplate.classifiers"
GivenPolicy = Policy | str | PathLike[str]
"""A policy, the path of a file or folder that holds one, the name of one of ours, or "off"."""


class PolicySettings(Value):
    """The policy that all runs are under.

    Attributes:
        file: a file, a folder with a file for each version, or the name of one of ours; None: there is none.
        profile: under which it is used.
        allow_opt_out: whether a run may do without it (`--policy off`).
        audit: the file of the audit log; None: none is kept.
    """

    file: str | None = None
    profile: str = "default"
    allow_opt_out: bool = False
    audit: str | None = None

    def at(self, folder: Path) -> PolicySettings:
        """These settings with paths that are relative to `folder`, where the settings file stands."""
        here = None if self.file is None or (not _is_path(self.file) and self.file in ours()) else str(folder / self.file)
        audit = None if self.audit is None else str(folder / self.audit)
        return self.model_copy(update={"file": here or self.file, "audit": audit})


NO_POLICY = PolicySettings()


class Versions(Value):
    """Which versions of a folder are in force.

    Attributes:
        version: for all runs, but those that have the next one already.
        next: the one that is being rolled out; None: none is.
        share: of runs that have it, in [0, 1].
    """

    version: str
    next: str | None = None
    share: Annotated[float, Field(ge=0, le=1)] = 0.0


def policies_of(
    settings: PolicySettings, given: GivenPolicy | None, profile: str | None, seed: int, question: str
) -> tuple[Policy, ...]:
    """The policies that a run is under: that of the settings, then the one that was given for it.

    Args:
        settings: what all runs are under.
        given: for this one, besides; "off": none at all.
        profile: under which those are used that have it; None: as the settings say. That of the settings is theirs to choose,
            unless they allow to do without.
        seed, question: of the run; they say whether it has a version already that is being rolled out.

    Raises:
        InputError: there is no such policy, it is wrong, or it can't be done without.
    """
    if isinstance(given, str) and given == OFF:
        if settings.file is not None and not settings.allow_opt_out:
            raise InputError("policy off: the settings have all runs under a policy, and not 'allow_opt_out = true'")
        return ()
    wanted = [(settings.file, settings.profile, settings.allow_opt_out), (given, "default", True)]
    found = [
        (one if isinstance(one, Policy) else find_policy(one, seed, question), usual, free)
        for one, usual, free in wanted
        if one is not None
    ]
    if profile is not None:
        _check_profile(profile, [one for one, _, free in found if free], [one for one, _, free in found if not free])
    return tuple(
        one.under(profile if profile is not None and free and profile in _names(one) else usual) for one, usual, free in found
    )


def _names(policy: Policy) -> set[str]:
    return {"default", *policy.profiles}


def _check_profile(profile: str, free: Sequence[Policy], bound: Sequence[Policy]) -> None:
    """Refuse a profile that no policy has, or only one whose profile is the settings' to choose: it may leave rules out."""
    if any(profile in _names(one) for one in free):
        return
    if any(profile in _names(one) for one in bound):
        raise InputError(
            f"profile {profile}: the settings say under which profile their policy is used, and not 'allow_opt_out = true'"
        )
    known = sorted({name for one in (*free, *bound) for name in _names(one)})
    raise UnknownNameError("profile", profile, known, "(of a policy that the run is under)")


def classifiers_of(policies: Sequence[Policy], given: Mapping[str, Classifier]) -> dict[str, Classifier]:
    """The functions that policies ask, by name: those given, or those that installed packages declare.

    Raises:
        InputError: there is none of a name, or what a package declares is no function.
    """
    found: dict[str, Classifier] = {}
    for name in dict.fromkeys(name for policy in policies for name in policy.classifiers):
        one = given.get(name) or installed(_CLASSIFIERS, name)
        if one is None:
            known = [*given, *installed_names(_CLASSIFIERS)]
            raise UnknownNameError(
                "classifier", name, known, f"(give functions as Orchestrator(classifiers=...), or by a package's {_CLASSIFIERS})"
            )
        if not callable(one):
            raise InputError(f"the classifier {name!r} of an installed package is no function")
        found[name] = cast("Classifier", one)
    return found


def find_policy(where: str | PathLike[str], seed: int = 0, question: str = "") -> Policy:
    """The policy of a file, the version of a folder that is in force for a run, or one of ours by its name.

    Raises:
        InputError: there is none, or it is wrong.
    """
    path = Path(where)
    if path.is_dir():
        versions, known = in_force(path), versions_in(path)
        chosen = versions.version
        if versions.next is not None and versions.next in known:
            name = known[versions.next].name
            chosen = versions.next if falls_into(versions.share, name, versions.next, seed, question) else chosen
        if chosen not in known:
            raise UnknownNameError("version", chosen, list(known), f"(in {path})")
        return known[chosen]
    if not _is_path(str(where)) and str(where) in ours() and not path.exists():
        return _read(ours()[str(where)])
    if not _is_path(str(where)) and not path.exists():
        raise UnknownNameError("policy", str(where), list(ours()), "(or name a .yaml file)")
    return _read(path)


def _is_path(where: str) -> bool:
    return where.endswith((".yaml", ".yml")) or "/" in where or "\\" in where


def ours() -> dict[str, Traversable]:
    """The example policies that contemplate brings, by name."""
    folder = files("contemplate.policy") / "examples"
    found = sorted(folder.iterdir(), key=lambda file: file.name) if folder.is_dir() else []
    return {file.name.removesuffix(".yaml"): file for file in found if file.name.endswith(".yaml")}


def versions_in(folder: Path) -> dict[str, Policy]:
    """The policies in a folder, by version.

    Raises:
        InputError: there are none, two have one version or they are not all of one name, or one is wrong.
    """
    found: dict[str, Policy] = {}
    for file in sorted(folder.glob("*.yaml")):
        policy = _read(file)
        if policy.version in found:
            raise InputError(f"{folder}: two files have the version {policy.version}")
        found[policy.version] = policy
    if not found:
        raise InputError(f"{folder}: there is no policy in it, as a file that ends in .yaml")
    if len(names := {policy.name for policy in found.values()}) > 1:
        raise InputError(
            f"{folder}: the files of a folder are versions of one policy, and these are of {', '.join(sorted(names))}"
        )
    return found


def in_force(folder: Path) -> Versions:
    """Which version of a folder is in force; of one where nobody has said so, its only one.

    Raises:
        InputError: nobody has said so and there are several, or the file that says it is damaged.
    """
    file = folder / IN_FORCE
    if not file.exists():
        known = list(versions_in(folder))
        if len(known) == 1:
            return Versions(version=known[0])
        raise InputError(f"{folder}: which of {', '.join(known)} is in force? contemplate policy use VERSION {folder}")
    try:
        return Versions.model_validate_json(read_text(file))
    except ValidationError as error:
        raise InputError(
            f"{file}: {one_line(str(error.errors(include_url=False)[0]['msg']), 100)}; contemplate policy use mends it"
        ) from None


def put_in_force(folder: Path, version: str, share: float | None = None) -> Versions:
    """Put a version of a folder in force, for all runs or for a share of them; also an earlier one again.

    Args:
        folder: of the policy.
        version: by name.
        share: of runs, in (0, 1); the others stay with the version in force. None: all.

    Raises:
        InputError: there is no such version or share, or the file can't be written.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no folder; a policy whose versions can be changed is a folder with a file for each")
    if version not in (known := versions_in(folder)):
        raise UnknownNameError("version", version, list(known), f"(in {folder})")
    if share is not None and not 0 < share < 1:
        raise InputError(f"--share {share:g}: a share of runs is above 0 and below 1; leave it out for all")
    now = Versions(version=version) if share is None else Versions(version=in_force(folder).version, next=version, share=share)
    draft = folder / f"{IN_FORCE}.new"
    try:
        write_private(draft, json.dumps(now.model_dump(mode="json")) + "\n")
        draft.replace(folder / IN_FORCE)
    except OSError as error:
        raise InputError(f"{folder / IN_FORCE}: can't be written ({error.strerror or error})") from None
    return now


@lru_cache(maxsize=64)
def read_policy(text: str, file: str) -> Policy:
    """The policy in a text.

    Raises:
        RecipeError: it is wrong; with the line.
    """
    document = parse_yaml(text, file)
    try:
        return Policy.model_validate(document.mapping())
    except ValidationError as error:
        raise explain(error, document, _allowed) from None


def _read(file: Traversable) -> Policy:
    return read_policy(read_text(file), str(file))


def _allowed(location: Location) -> Sequence[str]:
    """The words of the mapping that a location stands in."""
    words = list(Policy.model_fields)
    words.remove("profile")
    tables: dict[str, type[Value]] = {"rules": Rule, "profiles": Profile}
    inside = tables.get(str(location[0])) if len(location) > 1 else None
    if inside is Rule and "when" in location[:-1]:
        inside = Classified if "classifier" in location[:-1] else When
    return words if inside is None else list(inside.model_fields)
