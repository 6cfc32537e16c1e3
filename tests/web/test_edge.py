"""Whatever happens, each request is answered, logged and counted once."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog
from prometheus_client import REGISTRY
from tests.people import authorization, let_in, make_union

from events_app.lib import database
from events_app.web.edge import Edge


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """What is logged, as it happens."""
    with structlog.testing.capture_logs() as captured:
        yield captured


class Broken:
    """An application that fails, before its answer or in the middle of it."""

    def __init__(self, error: BaseException, *, after_start: bool = False) -> None:
        self.error, self.after_start = error, after_start

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.after_start:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise self.error


def browser(inner: Broken) -> httpx.AsyncClient:
    edge = Edge(inner, {"x-frame-options": "DENY"}, "default-src 'none'")  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url="http://testserver")


def counted(method: str, status: int, route: str = "-") -> float:
    labels = {"method": method, "route": route, "status": str(status)}
    return REGISTRY.get_sample_value("events_requests_total", labels) or 0


async def test_crash_of_everything_is_answered_in_words(lines: list[Any]) -> None:
    before = counted("GET", 500)

    answer = await browser(Broken(RuntimeError("a secret"))).get("/")

    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/plain; charset=utf-8")
    assert re.fullmatch("系统遇到了意外问题.*。", answer.text)
    assert (answer.headers["x-frame-options"], len(answer.headers["x-request-id"])) == ("DENY", 16)
    assert counted("GET", 500) == before + 1
    assert [(line["event"], line.get("status")) for line in lines] == [("failed", None), ("answered", 500)]


async def test_crash_in_the_middle_of_an_answer_cuts_it_off(lines: list[Any]) -> None:
    with pytest.raises(RuntimeError):
        await browser(Broken(RuntimeError(), after_start=True)).get("/")

    assert [(line["event"], line.get("status")) for line in lines] == [("failed", None), ("answered", 200)]


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "http://]", "::"])
async def test_origin_that_is_no_address_is_another_site(client: httpx.AsyncClient, origin: str) -> None:
    answer = await client.post("/login", headers={"origin": origin})

    assert (answer.status_code, answer.headers["content-type"]) == (403, "text/html; charset=utf-8")


async def test_methods_of_somebodys_own_making_count_as_one(client: httpx.AsyncClient) -> None:
    before = counted("other", 405)

    for method in ("BREW", "TRACE", "GET2", "get"):
        await client.request(method, "/login")

    assert counted("other", 405) == before + 3  # httpx writes `get` in capitals
    assert counted("BREW", 405) == 0


@pytest.mark.parametrize("path", ["/static/css/app.css", "/static/nothing", "/healthz", "/metrics"])
async def test_nobody_is_looked_up_for_what_looks_the_same_to_all(
    db: object, client: httpx.AsyncClient, path: str
) -> None:
    await let_in(client, (await make_union()).wang)
    running = database.engine.current_transaction.get()
    assert running is not None
    statements: list[str] = []

    with running.connection.query_logger(lambda record: statements.append(record.query)):
        await client.get(path)
        assert statements == []
        await client.get("/manage")

    assert statements != []


@pytest.mark.parametrize("path", ["/", "/api/v1/sessions"])
async def test_whoever_asks_while_the_database_is_away_is_told_when_to_ask_again(
    client: httpx.AsyncClient, db: object, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    headers = await authorization((await make_union()).wang)

    async def refuse(*_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(database, "fetch", refuse)
    monkeypatch.setattr(database, "find", refuse)
    answer = await client.get(path, headers=headers)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
