"""Files: pipes and devices are not waited for, and what is written is the user's alone."""

from __future__ import annotations

import os
import resource
import stat
from pathlib import Path

import pytest

from contemplate import Orchestrator, ScriptedBackend
from contemplate.analysis.records import load_records
from contemplate.catalogue import read_text
from contemplate.catalogue.recipe import Recipe
from contemplate.cli.report import write_output
from contemplate.errors import InputError, RecipeError, redact
from contemplate.experiments.comparison import write_records
from contemplate.experiments.questions.rows import file_rows
from contemplate.experiments.row_file import Rows
from contemplate.files import make_private_folder, write_private, write_whole
from contemplate.ledger import check_location, public_location
from contemplate.ledger.schema import open_database
from contemplate.trace.lines import read_lines


def mode(path: Path) -> int:
    """The permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A pipe that nobody writes to."""
    path = tmp_path / "pipe.jsonl"
    os.mkfifo(path)
    return path


def test_whole_or_not_at_all(tmp_path: Path) -> None:
    """A disk that is full half way leaves the old content, its permissions, and nothing beside it."""
    file, (soft, hard) = tmp_path / "trace.jsonl", resource.getrlimit(resource.RLIMIT_FSIZE)
    write_whole(file, "old")
    file.chmod(0o640)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
        with pytest.raises(OSError, match="File too large"):
            write_whole(file, "x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]
    write_whole(file, "new")
    assert (file.read_text(), mode(file)) == ("new", 0o640)


class TestPipes:
    """None is waited for."""

    def test_text(self, pipe: Path) -> None:
        """A question, card, recipe, plan or settings file."""
        with pytest.raises(InputError, match=r"can't be read \(it is no regular file but a pipe or a device\)"):
            read_text(pipe)
        with pytest.raises(InputError, match="no regular file"):
            read_text(Path("/dev/zero"))

    def test_rows(self, pipe: Path) -> None:
        """Questions, records, traces."""
        with pytest.raises(InputError, match="no regular file"):
            list(file_rows(pipe))
        with pytest.raises(InputError, match="no regular file"):
            load_records(str(pipe))
        with pytest.raises(InputError, match="no regular file"):
            list(read_lines(pipe))

    def test_ledger(self, pipe: Path) -> None:
        """A ledger."""
        with pytest.raises(InputError, match="a special file"):
            open_database(str(pipe), 1)


class TestPrivate:
    """What is written follows the ledger, and not the umask."""

    async def test_trace(self, tmp_path: Path) -> None:
        """A trace file is private; one that is there keeps its permissions."""
        async with Orchestrator(["m"], backend=ScriptedBackend(lambda _: "Answer: 1"), ledger=":memory:") as orchestrator:
            outcome = await orchestrator.solve("1?", "single", answer="number")
        outcome.write_trace(tmp_path / "t.jsonl")
        assert 0o600 == mode(tmp_path / "t.jsonl")
        (tmp_path / "t.jsonl").chmod(0o644)
        outcome.write_trace(tmp_path / "t.jsonl")
        assert 0o644 == mode(tmp_path / "t.jsonl")

    def test_reports(self, tmp_path: Path) -> None:
        """Reports, tables and rows are."""
        write_output(tmp_path / "page.html", "x", overwrite=False, again="show")
        write_records(tmp_path / "rows.csv", ["a"], [{"a": 1}])
        with Rows(tmp_path / "rows.jsonl").written():
            pass
        write_private(tmp_path / "b", b"x")
        assert {0o600} == {mode(path) for path in tmp_path.iterdir()}

    def test_folders(self, tmp_path: Path) -> None:
        """Folders are, and those made above them; what is there stays as it is."""
        tmp_path.chmod(0o755)
        make_private_folder(tmp_path / "a" / "b")
        make_private_folder(tmp_path / "a" / "b")
        assert [0o755, 0o700, 0o700] == [mode(path) for path in (tmp_path, tmp_path / "a", tmp_path / "a" / "b")]


class TestSecrets:
    """Nothing of what is not ours is repeated."""

    @pytest.mark.parametrize(
        "address",
        [
            "postgresql:/me:hunter2@host/db",
            "postgres//me:hunter2@host/db",
            "postgresql:me:hunter2@host:5432/db",
            "host=h user=me password=hunter2",
            "Postgres:/me:hunter2@host/db",
        ],
    )
    def test_mistyped_address(self, address: str) -> None:
        """An address that is nearly one is refused, and its password is in no message."""
        with pytest.raises(InputError, match="can't be read: it is postgresql://host:port/database"):
            check_location(address)
        assert "hunter2" not in public_location(address)

    def test_masked(self) -> None:
        """In a file's name that is like an address the password is blotted out, and in every message."""
        assert "hunter2" not in public_location("me:hunter2@host/db")
        assert "hunter2" not in str(InputError("no file postgres/me:hunter2@host:5432/db"))
        assert "notes/a.md:12: x@y.z" == redact("notes/a.md:12: x@y.z")

    @pytest.mark.parametrize("address", ["postgresql://h/db", "postgresql:///db", "postgres.db", "/tmp/psql/l.db", ":memory:"])
    def test_others(self, address: str) -> None:
        """Addresses and files are none of these."""
        check_location(address)

    def test_link(self, tmp_path: Path) -> None:
        """A file of another program's, as behind a link, is refused without a word of it; a typing mistake is named."""
        secret, link = tmp_path / "secret", tmp_path / "link.yaml"
        secret.write_text("hunter2: hunter3\n")
        link.symlink_to(secret)
        with pytest.raises(RecipeError, match="none of the words of a recipe") as caught:
            Recipe(read_text(link), "link", str(link))
        assert "hunter" not in str(caught.value)
        with pytest.raises(RecipeError, match="unknown word 'stepps'"):
            Recipe("summary: x\nstepps: []\n", "x", "x.yaml")
