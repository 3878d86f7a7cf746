"""aiohttp alone: the same requests by hand, nothing kept. It also takes the time of one request by itself."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict

import aiohttp

from load import MODEL, Complete, Load, Solve, by_hand, limited, load_of, measure, raise_open_files

_alone: list[Complete] = []


@asynccontextmanager
async def opened(load: Load, url: str) -> AsyncIterator[Solve]:
    """A session, and the load by hand."""
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers=headers) as session:

        async def complete(messages: list[dict[str, str]]) -> str:
            data = json.dumps({"model": MODEL, "messages": messages}).encode()
            async with session.post(f"{url}/chat/completions", data=data) as response:
                text: str = json.loads(await response.read())["choices"][0]["message"]["content"]
                return text

        _alone.append(complete)
        yield by_hand(limited(complete, load), load)


async def _first(messages: list[dict[str, str]]) -> str:
    return await _alone[0](messages)


if __name__ == "__main__":
    raise_open_files()
    print(json.dumps(asdict(asyncio.run(measure(opened, load_of(sys.argv[1]), sys.argv[2], alone=_first)))))
