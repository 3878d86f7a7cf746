#!/usr/bin/env bash
# pydantic-monty 1.4.0: round(x, n) scales x by a power of ten before it rounds, and so goes by the digits that x was written with, or
# one off, where CPython goes by the exact value of the float: 2.675 (just below) is rounded up, 2.665 (just above) down. Formatting to
# so many places agrees with CPython. A program run there and one run by CPython can thus print another last digit for the same sum.
#
# Output seen:
#   monty: 2.68 2.66 | 2.67 2.67
#   CPython: 2.67 2.67 | 2.67 2.67
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --target "$folder" "pydantic-monty==1.4.0" 2> /dev/null
cat > "$folder/program.py" << 'PYTHON'
import contextlib
import io

import pydantic_monty as monty

CODE = "print(round(2.675, 2), round(2.665, 2), '|', f'{2.675:.2f}', f'{2.665:.2f}')"

printed = monty.CollectString()
with monty.Monty(max_processes=1) as pool, pool.checkout() as session:
    session.feed_run(CODE, print_callback=printed)
print("monty:", printed.output.strip())

ours = io.StringIO()
with contextlib.redirect_stdout(ours):
    exec(CODE)
print("CPython:", ours.getvalue().strip())
PYTHON
seen=$(MONTY_BIN=$folder/bin/monty PYTHONPATH=$folder python3 "$folder/program.py")
echo "$seen"
[ "$seen" = "monty: 2.68 2.66 | 2.67 2.67
CPython: 2.67 2.67 | 2.67 2.67" ]
