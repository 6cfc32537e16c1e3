"""The races over HTTP, against two worker processes."""

import asyncio
from collections import Counter
from collections.abc import Mapping

import httpx

from bench.data import ANSWERS, World


async def run(base_url: str, world: World) -> None:
    limits = httpx.Limits(max_connections=100)
    headers = {"Authorization": f"Bearer {world.token}"}
    async with httpx.AsyncClient(base_url=base_url, headers=headers, limits=limits, timeout=30) as client:
        await _two_hundred_for_fifty(client, world)
        await _one_ticket_at_fifty_gates(client, world)


async def _two_hundred_for_fifty(client: httpx.AsyncClient, world: World) -> None:
    answers = await asyncio.gather(*(_register(client, world.fifty, number) for number in range(200)))
    states = Counter(answer.json().get("state", answer.status_code) for answer in answers)
    places = sorted(
        answer.json()["position"] for answer in answers if answer.json().get("state") == "waitlisted"
    )
    assert states == {"confirmed": 50, "waitlisted": 150}, states
    assert places == list(range(1, 151)), places
    print("race: 200 at once for 50 places: 50 confirmed, the others numbered 1 to 150")


async def _one_ticket_at_fifty_gates(client: httpx.AsyncClient, world: World) -> None:
    ticket = (await _register(client, world.hot, 0, ANSWERS)).json()["ticket"]
    different = await asyncio.gather(*(_scan(client, world.hot, ticket, f"gate {n}") for n in range(50)))
    assert Counter(a.status_code for a in different) == {201: 1, 409: 49}
    admitted = next(n for n, answer in enumerate(different) if answer.status_code == 201)
    same = await asyncio.gather(*(_scan(client, world.hot, ticket, f"gate {admitted}") for _ in range(20)))
    assert {a.status_code for a in same} == {200}
    assert {a.text for a in same} == {different[admitted].text}
    print(
        "race: one ticket at 50 gates: admitted once; its nonce twenty times more: twenty times the same answer"
    )


async def _register(
    client: httpx.AsyncClient, session: str, number: int, answers: Mapping[str, object] | None = None
) -> httpx.Response:
    body = {"session": session, "name": f"孙{number}", "phone": f"197{number:08}", "consent": True}
    return await client.post("/api/v1/registrations", json=body | {"answers": answers or {}})


async def _scan(client: httpx.AsyncClient, session: str, ticket: str, nonce: str) -> httpx.Response:
    body = {"session": session, "ticket": ticket, "nonce": nonce, "direction": "in"}
    return await client.post("/api/v1/check-ins", json=body)
