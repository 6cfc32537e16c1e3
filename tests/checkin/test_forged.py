"""Nobody comes in with a ticket that was not issued, however it is made. A million: `python -m faults.forged`."""

import re
from itertools import islice

import httpx
import pytest
from faults.forged import UNREADABLE, hold_up, let_in, list_tickets
from faults.forgeries import KINDS, Ticket, forgeries
from tests.people import Union, log_in, make_union, register

from events_app.checkin.tables import Verdict

GUESTS = 40
FORGED = 6000
OF_EACH_KIND = 4  # through the whole application, which takes longer


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def tickets(union: Union) -> list[Ticket]:
    for number in range(GUESTS):
        await register(union.session, f"赵{number:02}", f"199{number:08}")
    return await list_tickets(union.session.code)


async def test_no_forged_ticket_lets_anybody_in(union: Union, tickets: list[Ticket]) -> None:
    answers = await hold_up(union.session.code, union.li.account, forgeries(tickets, FORGED))

    assert {kind for kind, _answer in answers} == set(KINDS)
    assert {answer for _kind, answer in answers} == {Verdict.UNKNOWN, UNREADABLE}
    assert answers.total() == FORGED
    assert await let_in(union.session.code) == 0
    genuine = await hold_up(union.session.code, union.li.account, [("genuine", t.text) for t in tickets])
    assert genuine == {("genuine", Verdict.ADMITTED): GUESTS}


async def test_gate_refuses_each_kind_and_names_nobody(
    client: httpx.AsyncClient, union: Union, tickets: list[Ticket]
) -> None:
    await log_in(client, "li")
    for _kind, text in islice(forgeries(tickets, FORGED, seed=1), OF_EACH_KIND * len(KINDS)):
        answer = await client.post(
            f"/gate/{union.session.code}/scans", data={"ticket": text}, headers={"hx-request-type": "partial"}
        )

        assert answer.status_code in (200, 422), text
        assert re.findall(r'data-kind="(\w+)"', answer.text) == ["refused"], text
        assert "赵" not in answer.text

    assert await let_in(union.session.code) == 0
