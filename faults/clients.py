"""Gates that scan one ticket after another and insist on an answer, and what they saw."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import uuid4

import httpx

from faults.application import ADDRESS

CLIENTS = 8
_BATCH = 10
_EVERY = 0.04  # seconds between two scans of a gate
_BATCH_EVERY = 0.4
_AGAIN_AFTER = 0.05  # seconds
_STEADY = 1.0  # seconds; no kill takes effect later than that
Body = dict[str, Any]


@dataclass
class Seen:
    """`acknowledged`: nonce → ticket. `wrong`: what should never have been answered."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    lost: int = 0
    repeated: int = 0
    moments: list[float] = field(default_factory=list)

    def note(self, nonce: str, ticket: str) -> None:
        self.acknowledged[nonce] = ticket
        self.moments.append(time.monotonic())

    def longest_silence(self, since: float) -> float:
        """Seconds between two acknowledged scans, after that moment."""
        moments = [since, *(moment for moment in self.moments if moment > since)]
        return max(after - before for before, after in pairwise(moments)) if len(moments) > 1 else 0.0


class Gates:
    """Half of them scan with the network, half bring what they scanned without it, in batches."""

    def __init__(self, token: str, bodies: Sequence[Body]) -> None:
        self.seen = Seen()
        self._token = token
        self._bodies = bodies
        self._over = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        shares = [self._bodies[number::CLIENTS] for number in range(CLIENTS)]
        works = [self._scan, self._bring]
        self._tasks = [asyncio.create_task(works[n % 2](share)) for n, share in enumerate(shares)]

    async def close(self) -> None:
        """Lets every gate hear its last answer."""
        self._over.set()
        await asyncio.gather(*self._tasks)

    async def steady_again(self, moment: float, within: float) -> float | None:
        """The longest silence after `moment`, once scans have been answered for a while; None if that never comes."""
        while time.monotonic() < moment + within:
            if self.seen.moments and self.seen.moments[-1] > moment + _STEADY:
                return self.seen.longest_silence(moment)
            await asyncio.sleep(0.02)
        return None

    async def _scan(self, bodies: Sequence[Body]) -> None:
        async with self._client() as client:
            for number, body in enumerate(self._until_over(bodies)):
                body |= {"nonce": uuid4().hex}
                self._take([body], [await self._insist(client, "/api/v1/check-ins", body)])
                if number % 10 == 9:  # as a gate that did not hear the answer
                    self._take_again(await self._insist(client, "/api/v1/check-ins", body))
                await asyncio.sleep(_EVERY)

    async def _bring(self, bodies: Sequence[Body]) -> None:
        async with self._client() as client:
            for batch in self._until_over([bodies[n : n + _BATCH] for n in range(0, len(bodies), _BATCH)]):
                at = datetime.now(UTC).isoformat()
                rows = [
                    body | {"nonce": uuid4().hex, "offline": True, "at": at, "sent_at": at} for body in batch
                ]
                answer = await self._insist(client, "/api/v1/check-ins/batch", rows)
                each = (
                    answer.json()
                    if answer.status_code == 200
                    else [{"status": answer.status_code}] * len(rows)
                )
                self._take(rows, [httpx.Response(row["status"], json=row) for row in each])
                await asyncio.sleep(_BATCH_EVERY)

    def _take(self, bodies: Sequence[Body], answers: Sequence[httpx.Response]) -> None:
        for body, answer in zip(bodies, answers, strict=True):
            if answer.json().get("verdict") == "admitted":
                self.seen.note(body["nonce"], body["ticket"])
            else:
                self.seen.wrong.append(f"{answer.status_code} {answer.text[:200]}")

    def _take_again(self, answer: httpx.Response) -> None:
        self.seen.repeated += 1
        if answer.status_code != 200:
            self.seen.wrong.append(f"repeated: {answer.status_code} {answer.text[:200]}")

    async def _insist(self, client: httpx.AsyncClient, path: str, body: object) -> httpx.Response:
        while True:
            try:
                answer = await client.post(path, json=body)
            except httpx.TransportError:
                self.seen.lost += 1
            else:
                self.seen.statuses[answer.status_code] += 1
                if answer.status_code != 503:
                    return answer
                if "retry-after" not in answer.headers:
                    self.seen.wrong.append("503 without Retry-After")
            await asyncio.sleep(_AGAIN_AFTER)

    def _client(self) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self._token}"}
        return httpx.AsyncClient(base_url=ADDRESS, headers=headers, timeout=20)

    def _until_over(self, items: Sequence[Any]) -> Iterator[Any]:
        return itertools.takewhile(lambda _item: not self._over.is_set(), items)
