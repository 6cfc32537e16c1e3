"""Chinese unless this browser chose English."""

import httpx
import pytest
from tests.people import Union, make_union


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


async def choose(client: httpx.AsyncClient, language: str, back: str = "/login") -> httpx.Response:
    return await client.post("/language", data={"language": language, "back": back})


async def test_pages_are_chinese_at_first(client: httpx.AsyncClient) -> None:
    assert '<html lang="zh-CN">' in (await client.get("/login")).text


async def test_english_stays_chosen(client: httpx.AsyncClient) -> None:
    answer = await choose(client, "en")

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert '<html lang="en">' in (await client.get("/login")).text


async def test_dates_follow_the_language(union: Union, client: httpx.AsyncClient) -> None:
    address = f"/s/{union.session.code}"
    chinese = (await client.get(address)).text
    await choose(client, "en")

    assert ("年" in chinese, "年" in (await client.get(address)).text) == (True, False)


@pytest.mark.parametrize("language", ["", "fr", "zh; Path=/", "\x00"])
async def test_unknown_language_changes_nothing(client: httpx.AsyncClient, language: str) -> None:
    answer = await choose(client, language)

    assert (answer.status_code, "set-cookie" in answer.headers) == (303, False)


@pytest.mark.parametrize(
    "cookie", ["language=fr", "language=", 'language="', "language=zh\x80", "language==;;="]
)
async def test_odd_cookie_means_chinese(client: httpx.AsyncClient, cookie: str) -> None:
    answer = await client.get("/login", headers={b"cookie": cookie.encode("latin-1")})

    assert (answer.status_code, '<html lang="zh-CN">' in answer.text) == (200, True)


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil.example", ""])
async def test_the_switch_leads_nowhere_else(client: httpx.AsyncClient, back: str) -> None:
    assert (await choose(client, "en", back)).headers["location"] == "/"
