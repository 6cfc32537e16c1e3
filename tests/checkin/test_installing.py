"""The gate can be kept on a phone as an app of its own; other pages do not ask for it."""

import json
import re
from io import BytesIO

import httpx
import pytest
from PIL import Image
from tests.people import Union, log_in, make_union

MANIFEST = re.compile(r'<link rel="manifest" href="([^"]+)">')


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def gate(client: httpx.AsyncClient, union: Union) -> httpx.AsyncClient:
    """Li's browser."""
    await log_in(client, "li")
    return client


async def manifest_of(gate: httpx.AsyncClient) -> httpx.URL:
    [address] = MANIFEST.findall((await gate.get("/gate")).text)
    return httpx.URL("https://events.example/").join(address)


async def test_gate_pages_alone_can_be_installed(gate: httpx.AsyncClient, union: Union) -> None:
    door = await gate.get(f"/gate/{union.session.code}")
    others = [await gate.get(path) for path in ("/", f"/s/{union.session.code}")]

    assert MANIFEST.search(door.text)
    assert [MANIFEST.findall(page.text) for page in others] == [[], []]


async def test_installed_gate_begins_where_the_sessions_are_chosen(gate: httpx.AsyncClient) -> None:
    manifest = json.loads((await gate.get((await manifest_of(gate)).path)).text)

    begun = await gate.get(manifest["start_url"], follow_redirects=True)

    assert manifest["start_url"].startswith(manifest["scope"])
    assert (begun.status_code, "选择场次" in begun.text) == (200, True)


async def test_icons_are_there_in_the_sizes_they_claim(gate: httpx.AsyncClient) -> None:
    address = await manifest_of(gate)
    manifest = json.loads((await gate.get(address.path)).text)

    answers = [await gate.get(address.join(icon["src"]).path) for icon in manifest["icons"]]
    sizes = ["{}x{}".format(*Image.open(BytesIO(answer.content)).size) for answer in answers]

    assert {answer.headers["content-type"] for answer in answers} == {"image/png"}
    assert sizes == [icon["sizes"] for icon in manifest["icons"]] == ["192x192", "512x512", "512x512"]
    assert [icon.get("purpose") for icon in manifest["icons"]] == [None, None, "maskable"]
