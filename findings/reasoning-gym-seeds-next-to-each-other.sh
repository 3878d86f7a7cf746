#!/usr/bin/env bash
# reasoning_gym 0.1.25: the data set with seed 43 is the one with seed 42, moved on by one question, in 101 of the 105 data sets that
# can be made without settings: question i of seed s is drawn from the seed s + i. Whoever takes neighbouring seeds for
# training and test, or for several repeats, gets the same questions. Seeds further apart than a data set is long share none.
#
# Output seen:
#   moved on by one: 101; not: acre, codeio, gsm_symbolic, list_functions
#   chain_sum, seeds 0 and 1: 99 of 100 questions in both; seeds 0 and 1000: 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q "reasoning_gym==0.1.25" 2> /dev/null
cat > "$folder/program.py" << 'PYTHON'
import warnings

warnings.simplefilter("ignore")
import reasoning_gym
from reasoning_gym.factory import DATASETS


def questions(name: str, seed: int, size: int) -> list[str]:
    return [entry["question"] for entry in reasoning_gym.create_dataset(name, size=size, seed=seed)]


moved, others = 0, []
for name in sorted(set(DATASETS) - {"composite"}):  # which needs to be told of what
    if questions(name, 43, 6)[:-1] == questions(name, 42, 6)[1:]:
        moved += 1
    else:
        others.append(name)
print(f"moved on by one: {moved}; not: {', '.join(others)}")
first, second, far = (questions("chain_sum", seed, 100) for seed in (0, 1, 1000))
common, none = len({*first} & {*second}), len({*first} & {*far})
print(f"chain_sum, seeds 0 and 1: {common} of 100 questions in both; seeds 0 and 1000: {none}")
PYTHON
seen=$("$folder/env/bin/python" "$folder/program.py" 2> /dev/null | sed 's/^\.*//')
echo "$seen"
[ "$seen" = "moved on by one: 101; not: acre, codeio, gsm_symbolic, list_functions
chain_sum, seeds 0 and 1: 99 of 100 questions in both; seeds 0 and 1000: 0" ]
