#!/usr/bin/env bash
# pydantic-monty 1.4.0: max_feed_duration_secs, "maximum execution time for a single feed", counts the running of a program and not
# its sleeping. A program that sleeps for longer than this limit runs to its end; a host that wants an answer within some time sets
# max_total_sleep_secs, too, which refuses a sleep before it begins.
#
# Output seen:
#   a limit of the feed of 0.2 s: slept for more than 1 s
#   and one of sleep of 0.5 s: TimeoutError: sleep limit exceeded: 1s > 500ms
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --target "$folder" "pydantic-monty==1.4.0" 2> /dev/null
cat > "$folder/program.py" << 'PYTHON'
import time

import pydantic_monty as monty

FEED = {"max_feed_duration_secs": 0.2}


def run(limits):
    began = time.monotonic()
    with monty.Monty(max_processes=1) as pool, pool.checkout(limits=limits) as session:
        try:
            session.feed_run("import time\ntime.sleep(1)\n")
        except monty.MontyRuntimeError as error:
            return error.display("type-msg")
    return f"slept for {'more' if time.monotonic() - began >= 1 else 'less'} than 1 s"


print("a limit of the feed of 0.2 s:", run(FEED))
print("and one of sleep of 0.5 s:", run({**FEED, "max_total_sleep_secs": 0.5}))
PYTHON
seen=$(MONTY_BIN=$folder/bin/monty PYTHONPATH=$folder python3 "$folder/program.py")
echo "$seen"
[ "$seen" = "a limit of the feed of 0.2 s: slept for more than 1 s
and one of sleep of 0.5 s: TimeoutError: sleep limit exceeded: 1s > 500ms" ]
