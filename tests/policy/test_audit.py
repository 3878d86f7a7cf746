"""The audit log shows what was changed, left out, or put in another order."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from contemplate.errors import InputError, StorageError
from contemplate.policy.audit import AuditLog, line_hash, verify


def _log(folder: Path, lines: int = 5) -> Path:
    file = folder / "audit.jsonl"
    for number in range(lines):
        AuditLog(file).append({"event": "ruling", "run": f"r{number}"})
    return file


def test_a_log_in_order(tmp_path: Path) -> None:
    """As many lines as were written; the hash of the last one stands for all of them."""
    file = _log(tmp_path)
    found = verify(file)
    assert (5, None) == (found.lines, found.broken)
    assert json.loads(file.read_text().splitlines()[-1])["hash"] == found.head
    assert verify(file, found.head).broken is None
    assert 0o600 == file.stat().st_mode & 0o777


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda lines: [*lines[:2], lines[2].replace("r2", "r9"), *lines[3:]], "line 3: it was changed"),
        (lambda lines: [*lines[:2], *lines[3:]], "line 3: it is numbered 4"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "line 1: it is numbered 2"),
        (lambda lines: [*lines[:4], lines[4][:40]], "line 5: it is no line of an audit log"),
        (lambda lines: [*lines[:3], "{}\n", *lines[3:]], "line 4: it is no line of an audit log"),
        (lambda lines: [*lines[:2], _forged(lines[2]), *lines[3:]], "line 4: it does not follow the line before"),
    ],
)
def test_what_is_damaged(tmp_path: Path, damage: Callable[[list[str]], list[str]], said: str) -> None:
    """With the line; what stands before it is in order."""
    file = _log(tmp_path)
    file.write_text("".join(damage(file.read_text().splitlines(keepends=True))))
    found = verify(file)
    assert found.broken is not None
    assert found.broken.startswith(said)
    assert found.lines == int(said.split()[1].rstrip(":")) - 1


def _forged(line: str) -> str:
    row = {**json.loads(line), "run": "another"}
    return json.dumps({**row, "hash": line_hash(row)}) + "\n"


def test_lines_cut_off_at_the_end_need_the_hash_of_an_earlier_look(tmp_path: Path) -> None:
    """Nothing inside the log can show that."""
    file = _log(tmp_path)
    head = verify(file).head
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:3]))
    assert verify(file).broken is None
    assert "no line has the hash" in str(verify(file, head).broken)


def test_several_write_to_one_log(tmp_path: Path) -> None:
    """Each line follows another one."""
    file = tmp_path / "audit.jsonl"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: AuditLog(file).append({"event": "x", "run": str(number)}), range(40)))
    assert (40, None) == (verify(file).lines, verify(file).broken)


def test_nothing_is_added_to_a_damaged_log(tmp_path: Path) -> None:
    """Nor to a file that is none."""
    file = tmp_path / "audit.jsonl"
    file.write_text("something else\n")
    with pytest.raises(StorageError, match="its last line is none of an audit log"):
        AuditLog(file).append({"event": "x"})
    with pytest.raises(StorageError, match="can't be written"):
        AuditLog(file / "audit.jsonl").append({"event": "x"})
    with pytest.raises(InputError, match="can't be read"):
        verify(tmp_path / "none.jsonl")
