"""What is shipped: the public names, the wheel and what is in it, what an import costs, the lock file, the repository's text."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import contemplate

ROOT = Path(__file__).parents[1]
SHIPPED = {"agents": "contemplate/catalogue/agents", "strategies": "contemplate/catalogue/strategies"}
HEAVY = {"litellm", "xllamacpp", "matplotlib", "scipy", "psycopg", "ray", "pandas", "polars"}

# The public names, pinned here once more than in the package, so that a change of them is seen; all else is derived.
PUBLIC = [
    "Accepted",
    "Agreement",
    "Answer",
    "Approval",
    "Assess",
    "Assessment",
    "Attachment",
    "Backend",
    "Ballot",
    "BaseBackend",
    "Budget",
    "CallEnded",
    "CallRef",
    "CallStarted",
    "Caller",
    "Catalogue",
    "Challenge",
    "Claim",
    "Claims",
    "Compare",
    "Comparison",
    "Completion",
    "Compose",
    "Composition",
    "Compute",
    "ContemplateError",
    "Conversation",
    "Criterion",
    "Critique",
    "Decision",
    "Document",
    "Draft",
    "Event",
    "ExperimentPlan",
    "Failure",
    "FellBack",
    "Found",
    "Gather",
    "InputError",
    "Judge",
    "Limits",
    "McpServer",
    "Message",
    "Model",
    "NotebookProgress",
    "Noted",
    "Observer",
    "OpenAIBackend",
    "Orchestrator",
    "Outcome",
    "OutsideView",
    "Policy",
    "PolicyError",
    "Price",
    "Program",
    "Propose",
    "Question",
    "Rank",
    "Redecision",
    "Refine",
    "Repeat",
    "Replay",
    "Reply",
    "Request",
    "Retried",
    "Retry",
    "Revise",
    "RunEnded",
    "RunInterrupted",
    "RunStarted",
    "Ruling",
    "Sampling",
    "Score",
    "ScriptedBackend",
    "Scrutiny",
    "Search",
    "Select",
    "Sentence",
    "Settings",
    "Stable",
    "Stage",
    "Stakes",
    "Step",
    "Strategy",
    "Synthesize",
    "Tally",
    "Tokens",
    "Tool",
    "ToolError",
    "ToolLimits",
    "ToolUse",
    "ToolUsed",
    "Trace",
    "Turn",
    "TurnDelta",
    "TurnEnded",
    "TurnStarted",
    "Usage",
    "Verify",
    "Vote",
    "Weigh",
    "__version__",
    "compare",
    "redecide",
    "solve",
    "solve_sync",
    "stored_samples",
    "stream",
]
UNDOCUMENTED = {"Event", "Observer", "__version__"}  # a union and a text, which can't carry a docstring


# --- names --------------------------------------------------------------------------------------------


def test_public_names_are_these() -> None:
    """Nothing becomes public, or goes away, unnoticed."""
    assert sorted(PUBLIC) == sorted(contemplate.__all__)
    assert sorted(PUBLIC) == dir(contemplate)


def test_type_checkers_see_what_is_loaded() -> None:
    """Each name comes, at run time, from the module that the imports for type checkers name; and no name is forgotten."""
    tree = ast.parse(Path(contemplate.__file__).read_text(encoding="utf-8"))
    (seen,) = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    homes = {
        alias.name: f"{node.module}".removeprefix("contemplate.")
        for node in seen.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert homes == contemplate._HOME
    assert sorted([*homes, "__version__"]) == sorted(PUBLIC)


@pytest.mark.parametrize("name", contemplate.__all__)
def test_public_name_is_there(name: str) -> None:
    """Each public name can be imported, and says what it is."""
    found = getattr(contemplate, name)
    assert found is not None
    assert name in UNDOCUMENTED or (vars(found)["__doc__"] if isinstance(found, type) else found.__doc__)


def test_unknown_name_is_an_attribute_error() -> None:
    """A name that is not there fails as in any module."""
    with pytest.raises(AttributeError, match="'contemplate' has no attribute 'nothing'"):
        _ = contemplate.nothing
    with pytest.raises(AttributeError) as caught:
        _ = contemplate.slove

    assert ("slove", contemplate) == (caught.value.name, caught.value.obj)  # Python adds: Did you mean: 'solve'?


# --- the wheel ----------------------------------------------------------------------------------------


def repository_files() -> list[str]:
    """What git tracks, and what it would: no build products, no caches."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not in a git checkout")
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def build(folder: Path, *options: str) -> Path:
    """The wheel that `python -m build` makes of the repository's files."""
    source = folder / "source"
    for name in repository_files():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, source / name)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "dist"), *options, str(source)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return next((folder / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the repository."""
    return build(tmp_path_factory.mktemp("wheel"), "--wheel")


def contents(wheel: Path) -> dict[str, bytes]:
    """The files of a wheel."""
    with ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    """Modules, catalogue, type marker and licence are inside; no test, no page, no other top-level name."""
    metadata = f"contemplate_ai-{contemplate.__version__}.dist-info"
    expected = {f"{metadata}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")}
    for name in repository_files():
        top, _, rest = name.partition("/")
        if top == "contemplate":
            expected.add(name)
        elif top in SHIPPED:
            expected.add(f"{SHIPPED[top]}/{rest}")
    assert expected == set(contents(wheel))
    assert "contemplate/py.typed" in expected


def test_catalogue_in_the_wheel_is_the_repositorys(wheel: Path) -> None:
    """Each card and recipe is shipped as it stands."""
    inside = contents(wheel)
    for top, place in SHIPPED.items():
        ours = {name: (ROOT / name).read_bytes() for name in repository_files() if name.startswith(f"{top}/")}
        shipped = {name.replace(place, top, 1): text for name, text in inside.items() if name.startswith(f"{place}/")}
        assert unix(ours) == unix(shipped)
        assert ours != {}


def unix(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files with Unix line ends."""
    return {name: text.replace(b"\r\n", b"\n") for name, text in files.items()}


@pytest.mark.slow
def test_wheel_by_way_of_a_source_distribution_is_the_same(wheel: Path, tmp_path: Path) -> None:
    """What is built from the sdist holds the same files as what is built from the repository."""
    by_sdist = contents(build(tmp_path))
    assert [] == sorted(name for name, text in contents(wheel).items() if by_sdist.pop(name, None) != text)
    assert {} == by_sdist


def test_installed_wheel_finds_its_catalogue(wheel: Path, tmp_path: Path) -> None:
    """Installed elsewhere, without the repository, the command lists what is shipped."""
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(tmp_path), str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    assert str(tmp_path) in python("import contemplate; print(contemplate.__file__)", tmp_path, PYTHONPATH=str(tmp_path))
    listed = python("from contemplate.cli import main; main()", tmp_path, "list", "strategies", PYTHONPATH=str(tmp_path))
    for name in repository_files():
        if name.startswith("strategies/"):
            assert Path(name).stem in listed


@pytest.mark.slow
def test_zipped_wheel_finds_its_catalogue(wheel: Path, tmp_path: Path) -> None:
    """The package works from inside a zip: cards and recipes are read as resources."""
    code = """
import sys
sys.path.insert(0, sys.argv[1])
import contemplate
assert contemplate.__file__.startswith(sys.argv[1]), contemplate.__file__
catalogue = contemplate.Catalogue()
for name in catalogue.names("strategies"):
    catalogue.cards(catalogue.recipe(name).strategy())
print(*catalogue.names("agents"), *catalogue.names("strategies"))
"""
    expected = [Path(name).stem for top in SHIPPED for name in repository_files() if name.startswith(f"{top}/")]
    assert sorted(expected) == sorted(python(code, tmp_path, str(wheel)).split())


def python(code: str, folder: Path, *arguments: str, **environment: str) -> str:
    """What a fresh Python prints that runs `code` in `folder`."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- what an import costs -----------------------------------------------------------------------------


def modules_imported(*arguments: str) -> set[str]:
    """The top-level packages that a fresh Python imports when it is started so."""
    done = subprocess.run([sys.executable, "-X", "importtime", *arguments], check=True, capture_output=True, text=True)
    names = re.findall(r"^import time:[\d |]*\| +([\w.]+)$", done.stderr, re.MULTILINE)
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("arguments", [("-c", "import contemplate"), ("-m", "contemplate", "--help")])
def test_start_imports_nothing_that_takes_long(arguments: tuple[str, ...]) -> None:
    """Importing the package, and its help, wait for no library that is not needed for it."""
    imported = modules_imported(*arguments)
    assert "contemplate" in imported
    assert set() == imported & (HEAVY | {"pydantic", "networkx", "aiohttp", "ruamel"})


@pytest.mark.parametrize("strategy", ["single", "multiagent-debate"])
def test_solving_imports_no_provider_library(strategy: str) -> None:
    """A run on a backend of one's own needs neither litellm nor the embedded model's server; its trace is no graph yet."""
    solved = f"c.solve_sync('1 + 1?', '{strategy}', models='m', backend=c.ScriptedBackend(lambda _: '2'), ledger=':memory:')"
    code = f"import contemplate as c; outcome = {solved}"
    assert set() == modules_imported("-c", code) & {*HEAVY, "networkx", "aiohttp"}
    assert "networkx" in modules_imported("-c", f"{code}; outcome.trace")


# --- the lock file ------------------------------------------------------------------------------------


def locked() -> Iterator[tuple[str, str, str]]:
    """Name, version and hashes of each entry of the lock file."""
    lines = re.sub(r"\\\n", "", (ROOT / "requirements.lock").read_text(encoding="utf-8")).splitlines()
    for line in lines:
        if line.strip() and not line.lstrip().startswith("#"):
            entry = re.fullmatch(r"([\w.-]+)==([\w.!+]+)(?: ;[^#]*?)?((?: +--hash=sha256:[0-9a-f]{64})*)", line.strip())
            assert entry is not None, line
            yield entry[1], entry[2], entry[3]


def test_each_entry_of_the_lock_is_hashed() -> None:
    """Every requirement is one version with at least one hash."""
    entries = list(locked())
    assert len(entries) > 50
    assert [] == [name for name, _, hashes in entries if not hashes]


def test_lock_names_no_place() -> None:
    """No index, no URL, no path: the lock serves everybody, whatever their index."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert [] == re.findall(r"://|--(?:extra-)?index|--find-links|^-[if]\b|(?:^|[\s=@])/\S+|[A-Za-z]:\\", text, re.MULTILINE)
    assert "uv pip compile --universal" in text.splitlines()[1]


def test_lock_satisfies_the_project() -> None:
    """What pyproject.toml asks for, in each extra that the lock is made for, is locked in a version that it allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    wanted = [*project["project"]["dependencies"], *extras["local"], *extras["dev"], *project["build-system"]["requires"]]
    versions = {canonicalize_name(name): version for name, version, _ in locked()}
    for requirement in map(Requirement, wanted):
        if requirement.name != project["project"]["name"]:
            assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), requirement


# --- the repository's text ----------------------------------------------------------------------------


def test_files_speak_of_the_project_only() -> None:
    """No file tells where, or by whose order, it was written."""
    words = "/wo" "rk/|/tmp/br" "ief|help" r"er-\d|\biss" r"ue #?\d|\bC" r"EO\b"
    told = [
        f"{name}: {found[0]}"
        for name in repository_files()
        if (found := re.search(words, (ROOT / name).read_bytes().decode("utf-8", "ignore")))
    ]
    assert [] == told
