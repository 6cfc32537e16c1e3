"""What every answer carries, and which requests are not from our own pages."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from litestar import get
from tests.conftest import new_client
from tests.people import PASSWORD, Union, let_in, make_union

from events_app.app import create_app
from events_app.settings import Settings
from events_app.web.edge import Edge
from events_app.web.security import anyone

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(self), geolocation=(self), microphone=(), payment=()",
}


@get("/crash", guards=[anyone])
async def crash() -> None:
    raise RuntimeError("a secret that must not be shown")


@get("/api/v1/crash", guards=[anyone])
async def crash_api() -> None:
    raise RuntimeError("a secret that must not be shown")


@pytest.fixture(scope="module")
async def tls(settings: Settings, database_pool: None) -> AsyncIterator[httpx.AsyncClient]:
    """The application behind TLS, with two routes that crash."""
    application = create_app(replace(settings, base_url="https://events.example.org"))
    application.inner.register(crash)
    application.inner.register(crash_api)
    async with (
        application.lifespan(),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(application), base_url="https://events.example.org"
        ) as client,
    ):
        yield client


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/login", 200),
        ("/nowhere", 404),
        ("/s/unknown", 404),
        ("/manage", 303),
        ("/logout", 405),
        ("/static/css/app.css", 200),
        ("/static/nothing.css", 404),
        ("/api/v1/sessions", 401),
        ("/api/v1/nowhere", 404),
        ("/healthz", 200),
        ("/crash", 500),
        ("/api/v1/crash", 500),
    ],
)
async def test_every_answer_carries_the_headers(
    db: object, tls: httpx.AsyncClient, path: str, status: int
) -> None:
    answer = await tls.get(path)

    assert answer.status_code == status
    assert {name: answer.headers.get_list(name) for name in HEADERS} == {k: [v] for k, v in HEADERS.items()}
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    (policy,) = answer.headers.get_list("content-security-policy")
    assert "default-src 'none'; script-src 'self' 'sha256-" in policy
    assert "unsafe" not in policy
    assert len(answer.headers["x-request-id"]) == 16


async def test_plain_http_promises_no_tls(db: object, client: httpx.AsyncClient) -> None:
    assert "strict-transport-security" not in (await client.get("/login")).headers


async def test_gate_page_alone_may_run_wasm(union: Union, client: httpx.AsyncClient) -> None:
    await let_in(client, union.li)

    policies = [
        (await client.get(path)).headers.get_list("content-security-policy")
        for path in (f"/gate/{union.session.code}", "/gate")
    ]

    assert [[p.count("'wasm-unsafe-eval'") for p in each] for each in policies] == [[1], [0]]
    assert "'unsafe-eval'" not in str(policies)
    assert "'unsafe-inline'" not in str(policies)


async def test_cookies_behind_tls_cannot_be_planted_or_read(union: Union, tls: httpx.AsyncClient) -> None:
    answer = await tls.post("/login", data={"login": "wang", "password": PASSWORD})

    name, flags = _set_cookie(answer)
    assert name == "__Host-login"
    assert flags == {"path=/", "secure", "httponly", "samesite=lax", "max-age=43200"}


async def test_logout_behind_tls_takes_the_cookie_back(union: Union, tls: httpx.AsyncClient) -> None:
    await tls.post("/login", data={"login": "wang", "password": PASSWORD})

    answer = await tls.post("/logout")

    name, flags = _set_cookie(answer)
    assert name == "__Host-login"
    assert flags >= {"path=/", "secure", "max-age=0"}  # browsers ignore a __Host- cookie without them


async def test_cookies_without_tls_are_kept_from_scripts_too(union: Union, client: httpx.AsyncClient) -> None:
    answer = await client.post("/login", data={"login": "wang", "password": PASSWORD})

    name, flags = _set_cookie(answer)
    assert name == "events_login"
    assert flags == {"path=/", "httponly", "samesite=lax", "max-age=43200"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site", "origin": "https://evil.example"}, 403),
        ({"sec-fetch-site": "same-site", "origin": "http://other.testserver"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "http://testserver.evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"origin": "http://testserver"}, 303),
        ({}, 303),
    ],
)
async def test_writes_from_another_site_are_refused(
    union: Union, client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    await let_in(client, union.wang)

    answer = await client.post("/logout", headers=headers)

    assert answer.status_code == status
    assert (await client.get("/manage")).status_code == (200 if status == 403 else 303)


async def test_links_from_another_site_work(union: Union, client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/s/{union.session.code}", headers={"sec-fetch-site": "cross-site"})

    assert answer.status_code == 200


async def test_crash_tells_the_person_a_number_and_nothing_else(tls: httpx.AsyncClient) -> None:
    answer = await tls.get("/crash")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<code>{answer.headers['x-request-id']}</code>" in answer.text
    assert "secret" not in answer.text


async def test_crash_of_the_api_is_a_problem_document(tls: httpx.AsyncClient) -> None:
    answer = await tls.get("/api/v1/crash")

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "出错了",
        "status": 500,
        "reason": "failed",
        "detail": "系统遇到了意外问题，已经记录下来。请稍后再试；仍有问题时，请把下面的编号告诉管理员。",
        "request_id": answer.headers["x-request-id"],
    }


async def test_requests_have_their_own_number(client: httpx.AsyncClient) -> None:
    first, second = await client.get("/healthz"), await client.get("/healthz")

    assert first.headers["x-request-id"] != second.headers["x-request-id"]


async def test_private_pages_stay_out_of_shared_caches(union: Union, client: httpx.AsyncClient) -> None:
    await let_in(client, union.wang)

    assert (await client.get("/manage")).headers["cache-control"] == "private, no-cache"


def _set_cookie(answer: httpx.Response) -> tuple[str, set[str]]:
    """The cookie's name and its flags in lower case."""
    (line,) = answer.headers.get_list("set-cookie")
    pair, *flags = (part.strip() for part in line.split(";"))
    kept = {flag.lower() for flag in flags if not flag.lower().startswith("expires=")}
    return pair.partition("=")[0], kept


def test_new_client_is_a_stranger(app: Edge) -> None:
    assert dict(new_client(app).cookies) == {}
