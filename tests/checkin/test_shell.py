"""What a device keeps of the gate's pages."""

import json
import re

import httpx
from tests.people import log_in, make_union


async def test_shell_holds_all_that_the_gates_pages_name(client: httpx.AsyncClient, db: object) -> None:
    union = await make_union()
    await log_in(client, "li")
    shell = await _shell(client)

    for address in ("/gate/", f"/gate/{union.session.code}"):
        page = await client.get(address)
        assert page.status_code == 200
        named = set(re.findall(r'(?:href|src|data-wasm)="(/static/[^"]+)"', page.text))
        assert named - set(shell) == set()


async def test_shell_holds_all_modules_that_are_imported(client: httpx.AsyncClient) -> None:
    shell = [address.partition("?")[0] for address in await _shell(client)]

    for module in ("js/judge.js", "js/ticket.js", "js/reader.js", "js/camera.js", "vendor/zxing/share.js"):
        assert f"/static/{module}" in shell


async def test_shell_is_there_for_everybody_and_checked_each_time(client: httpx.AsyncClient) -> None:
    answer = await client.get("/gate/sw.js")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"


async def test_files_are_served_below_the_gate_as_they_are(client: httpx.AsyncClient) -> None:
    plain = await client.get("/static/vendor/zxing/reader/index.js")
    below = await client.get("/gate/static/vendor/zxing/reader/index.js")

    assert below.content == plain.content
    assert below.headers["content-encoding"] == plain.headers["content-encoding"]


async def _shell(client: httpx.AsyncClient) -> list[str]:
    script = (await client.get("/gate/sw.js")).text
    found = re.search(r"^const SHELL = (.*);$", script, re.MULTILINE)
    assert found
    addresses: list[str] = json.loads(found[1])
    return addresses
