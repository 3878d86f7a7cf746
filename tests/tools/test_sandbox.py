"""Programs in their sandbox: what they may do, what they may take, and how they end."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contemplate.errors import InputError
from contemplate.tools import ProgramLimits, Sandbox, sandbox

SMALL = Sandbox(ProgramLimits(seconds=0.3, memory=16 * 1024 * 1024, recursion=50, output=1_000))


async def test_a_program_prints_its_answer() -> None:
    """What it printed is its output, and nothing failed."""
    program = await SMALL.run("from math import comb\nprint('so')\nprint(comb(10, 3))")

    assert (program.output, program.failed, program.error) == ("so\n120\n", None, None)


@pytest.mark.parametrize(
    ("code", "failed", "error"),
    [
        ("while True: pass", "time", "it ran for more than 0.3 s"),
        ("try:\n    while True: pass\nexcept BaseException:\n    print('on')", "time", "it ran for more than 0.3 s"),
        ("import time\nwhile True: time.sleep(60)", "time", "it ran for more than 0.3 s"),
        ("row = [0]\nwhile True: row = row + row", "memory", "it took more than 16 MiB of memory"),
        ("print('x' * 10_000_000)", "output", "it printed more than 1,000 bytes"),
        ("for _ in range(10_000): print('a line')", "output", "it printed more than 1,000 bytes"),
        ("def f(n): return f(n + 1)\nf(0)", "recursion", "its functions called each other more than 50 deep"),
        ("open('x')", "forbidden", "line 1: PermissionError: Permission denied: '/x'"),
        ("import os\nos.urandom(1)", "forbidden", "line 2: RuntimeError: 'os.urandom' is not supported in this environment"),
        (
            "import datetime\nprint(datetime.date.today())",
            "forbidden",
            "line 2: RuntimeError: 'date.today' is not supported in this environment",
        ),
        ("import socket", "unsupported", "line 1: ModuleNotFoundError: No module named 'socket'"),
        (
            "def f():\n    yield 1",
            "unsupported",
            "line 2: NotImplementedError: The monty syntax parser does not yet support yield expressions",
        ),
        ("print(1", "syntax", "SyntaxError: it ends in the midst of a statement"),
        ("x = (" + "(" * 100_000, "syntax", "line 1: SyntaxError: Source is too deeply nested"),
        ("print(1)\n1 / 0", "error", "line 2: ZeroDivisionError: division by zero"),
        ("input()", "error", "line 1: NameError: name 'input' is not defined"),
        ("raise MemoryError('none')", "error", "line 1: MemoryError: none"),
    ],
)
async def test_a_program_that_fails_says_how(code: str, failed: str, error: str) -> None:
    """Each failure is a value, in the same words each time, and takes no longer than its limits."""
    began = time.monotonic()
    program = await SMALL.run(code)

    assert (program.failed, program.error) == (failed, error)
    assert time.monotonic() - began < 3


async def test_what_it_printed_before_an_exception_is_kept() -> None:
    """As that is the same each time, which what it printed before a limit is not."""
    assert (await SMALL.run("print(1)\n1 / 0")).output == "1\n"
    assert (await SMALL.run("print(1)\nwhile True: pass")).output == ""


async def test_sleeping_takes_no_time() -> None:
    """A program that sleeps goes on at once."""
    with anyio.fail_after(5):
        assert (await SMALL.run("import time\ntime.sleep(3600)\nprint(1)")).output == "1\n"


async def test_chance_is_the_same_each_time() -> None:
    """A program that draws comes to the same, so that it can be done again."""
    code = "import random\nprint(random.random(), random.Random().random())"

    assert await SMALL.run(code) == await SMALL.run(code)


async def test_nothing_steers_a_terminal() -> None:
    """Escapes, direction marks and control characters are gone from what it printed, and from its error."""
    assert (await SMALL.run(r"print('\x1b[31mred\x00\u202e')")).output == "red\n"
    assert (await SMALL.run(r"raise ValueError('\x1b[31mred\n\u202e')")).error == "line 1: ValueError: red"


async def test_its_last_value_stays_where_it_is() -> None:
    """It is not handed over, however large it is."""
    assert (await SMALL.run("'a' * 10_000_000")).output == ""


async def test_an_error_is_cut() -> None:
    """So that no program fills a trace, or a prompt, by what it raises."""
    assert len((await SMALL.run("raise ValueError('a' * 1_000_000)")).error or "") == 300


async def test_who_stops_waiting_ends_the_program() -> None:
    """At once, not when its time is over."""
    forever = Sandbox(ProgramLimits(seconds=600))
    began = time.monotonic()
    with anyio.move_on_after(0.3):
        await forever.run("while True: pass")

    assert time.monotonic() - began < 5


async def test_an_interpreter_that_does_not_stop_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A while after its time, which is over at once here."""
    monkeypatch.setattr(sandbox, "_GRACE", -599.7)
    program = await Sandbox(ProgramLimits(seconds=600)).run("while True: pass")

    assert program.failed == "time"


def test_an_interpreter_that_ends_by_itself_is_a_value() -> None:
    """As where the system kills it."""
    execution = sandbox._Execution("while True: pass", ProgramLimits(seconds=600))
    threading.Timer(0.3, execution.stop).start()
    program = execution.run()

    assert (program.failed, program.error) == ("crash", "it ended its interpreter")


def test_no_process_outlives_it() -> None:
    """Nor does the thread that waited for it keep its own process alive, which ends as it should."""
    script = (
        "import anyio\n"
        "from contemplate.tools import ProgramLimits, Sandbox\n"
        "async def main():\n"
        "    with anyio.move_on_after(0.3):\n"
        "        await Sandbox(ProgramLimits(seconds=600)).run('while True: pass')\n"
        "anyio.run(main)\n"
    )

    assert subprocess.run([sys.executable, "-c", script], timeout=60, check=False).returncode == 0


async def test_many_at_once() -> None:
    """More programs than processors wait for each other."""
    outputs: list[str] = []

    async def run(number: int) -> None:
        outputs.append((await SMALL.run(f"print({number})")).output)

    async with anyio.create_task_group() as tasks:
        for number in range(12):
            tasks.start_soon(run, number)

    assert sorted(outputs) == sorted(f"{number}\n" for number in range(12))


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=200))
def test_any_text_ends_as_a_value(code: str) -> None:
    """Whatever a model writes."""
    program = anyio.run(SMALL.run, code)

    assert program.code == code
    assert (program.error is None) == (program.failed is None)


async def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line."""
    monkeypatch.setattr(sandbox, "find_spec", lambda _: None)

    with pytest.raises(InputError, match=r"^programs need pydantic-monty: pip install 'contemplate-ai\[tools\]'$"):
        await SMALL.run("print(1)")


async def test_an_installation_that_is_not_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its interpreter is missing: that is no fault of the program, and ends the run in one line with the remedy."""
    monkeypatch.setenv("MONTY_BIN", "/nowhere/monty")

    with pytest.raises(InputError, match=r"started \(.*/nowhere/monty.*pip install 'contemplate-ai\[tools\]'$") as caught:
        await SMALL.run("print(1)")
    assert "\n" not in str(caught.value)
