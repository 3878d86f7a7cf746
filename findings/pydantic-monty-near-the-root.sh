#!/usr/bin/env bash
# pydantic-monty 1.4.0: where its executable `monty` is in no folder of scripts and not on the PATH, as after `pip install --target`,
# it says so (FileNotFoundError, with three remedies), but only if the folder of packages is three folders deep or more: it looks for
# its sources further up, and nearer to the root, as in /var/task or in a folder below /tmp, that ends with an IndexError.
#
# Output seen:
#   near the root: IndexError 4
#   deeper: FileNotFoundError could not locate the `monty` binary required to run sandboxed code
set -euo pipefail
folder=$(mktemp -d /tmp/near.XXXXXX)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/env"
python3 -m pip install -q --target "$folder" "pydantic-monty==1.4.0" 2> /dev/null
cat > "$folder/program.py" << 'PYTHON'
import pydantic_monty as monty

try:
    monty.Monty(max_processes=1)
except (IndexError, FileNotFoundError) as error:
    print(type(error).__name__, str(error).partition(";")[0])
PYTHON
look() {
    PATH=/usr/bin:/bin PYTHONPATH=$1 "$folder/env/bin/python" "$folder/program.py"
}
near=$(look "$folder")
mkdir -p "$folder/a/b/c"
mv "$folder"/pydantic_monty "$folder"/typing_extensions.py "$folder/a/b/c"
deeper=$(look "$folder/a/b/c")
seen="near the root: $near
deeper: $deeper"
echo "$seen"
[ "$seen" = "near the root: IndexError 4
deeper: FileNotFoundError could not locate the \`monty\` binary required to run sandboxed code" ]
