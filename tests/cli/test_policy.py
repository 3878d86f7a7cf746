"""`--policy`, `--stakes`, `--outside`, `contemplate policy` and `contemplate audit`: as they are typed."""

from __future__ import annotations

from pathlib import Path

from command import Cli
from loopback import Loopback, Seen

ASK = (
    "ask",
    "Should I take 1 or 2 tablets against chest pain?",
    "--strategy",
    "self-consistency",
    "--set",
    "seats=3",
    "--answer",
    "number",
)


def _split(seen: Seen) -> str:
    if "Verify it strictly" in seen.body["messages"][-1]["content"]:
        return "Verdict: accept"
    return f"Answer: {1 + (seen.place == 0)}"


def test_a_run_under_a_policy_and_what_is_told_of_it(cli: Cli, served: tuple[str, ...], loopback: Loopback, home: Path) -> None:
    """It is held back, says why in words, replays, and is in the audit log; nobody may do without."""
    loopback.script = _split
    (home / "contemplate.toml").write_text('[policy]\nfile = "health-red-flags"\naudit = "audit.jsonl"\n', encoding="utf-8")
    here = ("--project", ".")
    said = cli(*ASK, *served, *here)
    assert 3 == said.status
    assert "answer:      none (held back: the panel's confidence is 0.60, and the floor 0.80)" in said.out
    assert "policy:      on the question: This may be an emergency." in said.out
    assert "who says:    seat-1, seat-3: 1" in said.out or "who says:    " in said.out
    assert "uncertain: " in cli("show", "last").out
    assert "every turn came out the same" in cli("replay", "last").out
    assert (
        "contemplate: policy off: the settings have all runs under a policy" in cli(*ASK, *served, *here, "--policy", "off").err
    )
    log = cli("audit", "verify", *here, "--json").json
    assert (None, True) == (log["broken"], log["lines"] >= 2)
    text = (home / "audit.jsonl").read_text(encoding="utf-8")
    (home / "audit.jsonl").write_text(text.replace("emergency", "emergencY", 1), encoding="utf-8")
    assert (2, True) == ((broken := cli("audit", "verify", "audit.jsonl")).status, "line 1: it was changed" in broken.out)


def test_try_and_use(cli: Cli, served: tuple[str, ...], home: Path) -> None:
    """A dry run over what is stored, then versions put in force."""
    cli(*ASK, *served)
    tried = cli("policy", "try", "health-red-flags", "--json").json
    assert (1, {"emergency": 1, "health": 1}) == (tried["runs"], tried["by_rule"])
    assert "1 of 1 runs would have gone otherwise" in cli("policy", "try", "health-red-flags").out
    folder = home / "policies"
    folder.mkdir()
    for version in ("1", "2"):
        text = f"name: house\nversion: {version}\nrules:\n  - {{id: a, at: question, effect: note, reason: Because.}}\n"
        (folder / f"house-{version}.yaml").write_text(text, encoding="utf-8")
    assert "version 1 is in force" in cli("policy", "use", "1", "policies").out
    assert "version 1 is in force, and 2 for 10% of runs" in cli("policy", "use", "2", "policies", "--share", "0.1").out
    assert "no version called '3'" in cli("policy", "use", "3", "policies").err
    assert "house 1" in cli("policy", "show", "policies").out


def test_what_is_private_goes_out_redacted(cli: Cli, served: tuple[str, ...], loopback: Loopback, home: Path) -> None:
    """Names of a file and what has the form of an address are not in what was sent, and are in what is shown."""
    loopback.script = lambda seen: f"{seen.body['messages'][-1]['content'].split('Problem:')[1][:60]}\nAnswer: 42"
    (home / "names.txt").write_text("Anna Schmidt\n", encoding="utf-8")
    (home / "contemplate.toml").write_text(
        f'[model.far]\nname = "m"\nbase_url = "{loopback.url}"\nprivacy = "any"\n', encoding="utf-8"
    )
    asked = ("ask", "What does Anna Schmidt (anna@mark.example) owe?", "--strategy", "single", "--answer", "number")
    options = ("--model", "far", "--project", ".", "--private", "--outside", "redact", "--hide", "names.txt")
    assert 0 == cli(*asked, *options).status
    assert "[NAME-1] ([EMAIL-1])" in str(loopback.seen[0].body)
    assert "Anna" not in str(loopback.seen[0].body) + str(loopback.seen[0].headers)
    assert "Anna Schmidt (anna@mark.example)" in cli("show", "last").out.split("===")[1]
    assert served
