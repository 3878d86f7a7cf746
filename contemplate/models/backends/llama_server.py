"""The process that an embedded model runs in; started by `contemplate.models.backends.embedded` as a script, never imported.

A process of its own, because xllamacpp holds the interpreter's lock while it loads a model (1 to 2 s: every event loop of
the process would stand still), and because a fault in native code then ends this process and not the user's.

It reads one JSON object from standard input, writes one with the server's address to standard output, and serves until
standard input closes. That also happens when its parent is killed, so it never outlives it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import tempfile
from pathlib import Path
from typing import IO

_ERRORS = 1
"""The level of llama.cpp's log that holds errors only."""
_REASON = re.compile(r" E \w+: (?:error loading model: )?(.+)")
"""A line of that log; the first says why, the others what did not come about for it."""


def main() -> None:
    """Serve one model until standard input closes."""
    # Ctrl-C in a terminal reaches the whole group; whether to stop is the parent's decision.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import xllamacpp  # type: ignore[import-untyped]  # native code, loaded in this process only

    given = json.loads(sys.stdin.readline())
    params = xllamacpp.CommonParams()  # pyright: ignore[reportAttributeAccessIssue]
    params.model.path = given["path"]
    params.n_parallel = given["slots"]
    params.n_ctx = given["context"] * given["slots"]
    params.cpuparams.n_threads = given["threads"]
    params.api_keys = [given["key"]]
    params.hostnames = ["127.0.0.1"]
    params.cache_ram_mib = given["cache_mib"]
    params.endpoint_slots = False
    params.ui = False
    params.verbosity = _ERRORS
    with _scratch() as log:
        stderr = os.dup(sys.stderr.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
        try:
            server = xllamacpp.Server(params)  # pyright: ignore[reportAttributeAccessIssue]
        except RuntimeError as error:
            log.seek(0)
            reason = _REASON.search(log.read().decode("utf-8", "replace"))
            print(json.dumps({"error": reason[1] if reason else str(error)}), flush=True)  # noqa: T201 - read by the parent
            return
        os.dup2(stderr, sys.stderr.fileno())
    print(json.dumps({"url": server.listening_address}), flush=True)  # noqa: T201
    sys.stdin.read()
    del server


def _scratch() -> IO[bytes]:
    """A file for the log; on a full disk none that keeps it, for the model can be served all the same."""
    try:
        return tempfile.TemporaryFile()
    except OSError:
        return Path(os.devnull).open("w+b")


if __name__ == "__main__":
    main()
