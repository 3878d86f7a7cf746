#!/usr/bin/env bash
# inspect_ai 0.3.285 with nest_asyncio2 1.7.4, Python 3.11: where its plain `write_eval_log` or `read_eval_log` is called by a coroutine,
# `asyncio.run` is another function from then on, for the whole process and all libraries in it, and that one leaves its event loop
# open: each later `asyncio.run` in a program that has none running takes the same loop again, and nobody closes it. Nothing says so;
# it shows up elsewhere, as three open files more and a ResourceWarning. The forms that end in `_async` change nothing.
#
# Output seen:
#   async form: Python's own asyncio.run, its loop closed: True
#   plain form: nest_asyncio2's asyncio.run, its loop closed: False
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q "inspect_ai==0.3.285" "nest_asyncio2==1.7.4" 2> /dev/null
cat > "$folder/program.py" << 'PYTHON'
import asyncio
import sys
import warnings

from inspect_ai.log import EvalConfig, EvalDataset, EvalLog, EvalSpec, write_eval_log, write_eval_log_async

spec = EvalSpec(created="2026-01-01T00:00:00+00:00", task="none", dataset=EvalDataset(), model="none/none", config=EvalConfig())


async def plain() -> None:
    write_eval_log(EvalLog(eval=spec), f"{sys.argv[1]}/plain.json")


async def in_async_form() -> None:
    await write_eval_log_async(EvalLog(eval=spec), f"{sys.argv[1]}/async.json")


async def its_loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


warnings.simplefilter("ignore")
for name, write in (("async form", in_async_form), ("plain form", plain)):
    asyncio.run(write())
    whose = "Python's own" if asyncio.run.__module__ == "asyncio.runners" else f"{asyncio.run.__module__}'s"
    print(f"{name}: {whose} asyncio.run, its loop closed: {asyncio.run(its_loop()).is_closed()}")
PYTHON
seen=$("$folder/env/bin/python" "$folder/program.py" "$folder")
echo "$seen"
[ "$seen" = "async form: Python's own asyncio.run, its loop closed: True
plain form: nest_asyncio2's asyncio.run, its loop closed: False" ]
