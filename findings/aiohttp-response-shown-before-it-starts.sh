#!/usr/bin/env bash
# aiohttp 3.14.5, Python 3.11: a response that is shown with repr() before its headers are there can't be read afterwards. `headers` is
# worked out once and kept, repr() asks for it, and what is kept then is None: `start` fails with an AttributeError. It meets whoever
# gives `response_class` with a `start` that logs the response first, and tools that show what a callback is bound to.
#
# Output seen:
#   not shown: 200 ok
#   shown: AttributeError: 'NoneType' object has no attribute 'getall'
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q "aiohttp==3.14.5" 2> /dev/null
cat > "$folder/program.py" << 'PYTHON'
import asyncio

import aiohttp
from aiohttp import web


class Shown(aiohttp.ClientResponse):
    async def start(self, connection):
        f"about to read {self!r}"
        return await super().start(connection)


async def ok(_: web.Request) -> web.Response:
    return web.Response(text="ok")


async def main() -> None:
    app = web.Application()
    app.router.add_get("/", ok)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = "http://127.0.0.1:{}/".format(runner.addresses[0][1])
    for name, kind in (("not shown", aiohttp.ClientResponse), ("shown", Shown)):
        async with aiohttp.ClientSession(response_class=kind) as session:
            try:
                async with session.get(url) as response:
                    print(f"{name}: {response.status} {await response.text()}")
            except Exception as error:
                print(f"{name}: {type(error).__name__}: {error}")
    await runner.cleanup()


asyncio.run(main())
PYTHON
seen=$("$folder/env/bin/python" "$folder/program.py")
echo "$seen"
[ "$seen" = "not shown: 200 ok
shown: AttributeError: 'NoneType' object has no attribute 'getall'" ]
