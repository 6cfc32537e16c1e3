"""Offers, exchanges and capacity at the same moment: real commits on several connections, and a control."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest
from tests.people import SIGNER, Union, make_activity, make_session, make_union, register
from tests.registration.test_offers import let_time_pass, states, ticket_of
from tests.test_races import wrong_counters

from events_app.accounts.rules import Me
from events_app.lib import clock, database
from events_app.lib.codes import new_ticket_code
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Invalid, Refused
from events_app.programmes.tables import Session
from events_app.registration import queries
from events_app.registration.actions import offers, waiting
from events_app.registration.actions.exchanges import exchange
from events_app.registration.queries import Applicant, SeatTaken
from events_app.registration.queries import offers as offer_queries


@pytest.fixture
async def union(committed_db: str) -> Union:
    return await make_union()


@pytest.fixture
async def session(union: Union) -> Session:
    return await make_session(await make_activity(union.organization, offer_minutes=30), 5)


async def crowd(session: Session, number: int) -> list[SeatTaken]:
    return [await register(session, f"赵{n}") for n in range(number)]


async def outcome(work: Coroutine[Any, Any, object]) -> str:
    try:
        await work
    except Refused as refused:
        return refused.reason
    except Invalid:
        return "invalid"
    return "done"


async def at_once(*works: Coroutine[Any, Any, object]) -> Counter[str]:
    return Counter(await asyncio.gather(*map(outcome, works)))


@again_after_deadlock
async def exchange_with(session: Session, seat: int, name: str) -> None:
    async with transaction():
        locked = await queries.lock_session(session.code)
        assert locked
        code = new_ticket_code()
        successor = Applicant(name, "19900001234", "", "{}", code, SIGNER.sign(code), "123456", b"p" * 32)
        await exchange(locked, seat, successor)


@again_after_deadlock
async def resize(me: Me, session: Session, capacity: int) -> None:
    async with transaction():
        locked = await waiting.own_locked_session(me, session.code)
        await waiting.check_capacity(locked, capacity)
        await Session.update({Session.capacity: capacity}).where(Session.id == session.id)
        await waiting.move_up(locked)


async def test_one_of_many_yeses_counts(session: Session) -> None:
    people = await crowd(session, 6)
    await waiting.cancel(await ticket_of(people[0]), session.code)
    ticket = await ticket_of(people[5])

    said = await at_once(*(offers.accept(ticket, session.code) for _ in range(8)))

    assert said == {"done": 1, "not_offered": 7}
    assert (await states(session))[5] == "confirmed"
    assert await wrong_counters() == []


async def test_offer_that_ends_while_many_clocks_run_is_passed_on_once(session: Session) -> None:
    people = await crowd(session, 12)
    for seat in people[:3]:
        await waiting.cancel(await ticket_of(seat), session.code)
    await let_time_pass(session)

    passed_on = await asyncio.gather(*(offers.lapse() for _ in range(6)))

    assert sum(passed_on) == 3
    assert Counter(await states(session)) == {
        "confirmed": 2,
        "offered": 3,
        "waitlisted": 1,
        "released/cancelled": 3,
        "released/lapsed": 3,
    }
    assert await wrong_counters() == []


@pytest.mark.parametrize("_again", range(5))
async def test_yes_and_lapse_and_exchange_at_once_leave_one_holder(session: Session, _again: int) -> None:
    people = await crowd(session, 7)
    await waiting.cancel(await ticket_of(people[0]), session.code)
    soon = clock.now() + timedelta(milliseconds=15)
    await database.fetch("UPDATE seat SET offer_ends_at = $2 WHERE id = $1", people[5].seat, soon)
    ticket = await ticket_of(people[5])

    async def lapse_later() -> None:
        await asyncio.sleep(0.02)
        await offers.lapse()

    await at_once(
        offers.accept(ticket, session.code),
        exchange_with(session, people[5].seat, "钱一"),
        offers.lapse(),
        lapse_later(),
        waiting.cancel(ticket, session.code),
    )
    await offers.lapse()

    held = Counter(await states(session))
    assert held["confirmed"] + held["offered"] == 5
    assert await wrong_counters() == []
    heirs = await database.value("SELECT count(*) FROM seat WHERE replaces = $1", people[5].seat)
    assert heirs <= 1


async def test_one_of_many_exchanges_wins(session: Session) -> None:
    people = await crowd(session, 6)

    said = await at_once(*(exchange_with(session, people[0].seat, f"钱{n}") for n in range(8)))

    assert said == {"done": 1, "not_held": 7}
    assert await wrong_counters() == []


async def test_one_person_takes_one_place_of_two(session: Session) -> None:
    people = await crowd(session, 5)

    said = await at_once(*(exchange_with(session, seat.seat, "钱一") for seat in people))

    assert said == {"done": 1, "already_registered": 4}
    assert await wrong_counters() == []


async def test_places_given_back_while_the_capacity_changes(union: Union, session: Session) -> None:
    people = await crowd(session, 20)

    await at_once(
        *[waiting.cancel(await ticket_of(seat), session.code) for seat in people[:8]],
        *(resize(union.wang, session, capacity) for capacity in (7, 6, 9, 8)),
    )

    assert await wrong_counters() == []
    assert "released/cancelled" in await states(session)


async def yes_in_the_last_moment(session: Session, monkeypatch: pytest.MonkeyPatch) -> str:
    """Somebody says yes just before the end of the offer, and both that and the lapse take their time; what is left."""
    people = await crowd(session, 7)
    await waiting.cancel(await ticket_of(people[0]), session.code)
    ticket = await ticket_of(people[5])
    slowly(monkeypatch, offer_queries, "accept")
    slowly(monkeypatch, offers, "release_seats")
    soon = clock.now() + timedelta(milliseconds=60)
    await database.fetch("UPDATE seat SET offer_ends_at = $2 WHERE id = $1", people[5].seat, soon)

    async def lapse_later() -> None:
        await asyncio.sleep(0.1)
        await offers.lapse()

    said = await at_once(offers.accept(ticket, session.code), lapse_later())
    assert said == {"done": 2}
    return (await states(session))[5]


def slowly(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    whole = getattr(module, name)

    async def later(*values: Any) -> Any:
        await asyncio.sleep(0.15)
        return await whole(*values)

    monkeypatch.setattr(module, name, later)


async def test_yes_in_the_last_moment_stays_a_yes(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await yes_in_the_last_moment(session, monkeypatch) == "confirmed"


async def test_without_the_lock_a_place_that_was_promised_is_taken_back(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: shows that the test above would notice."""
    whole = queries.waiting.LOCK_SESSION
    assert whole.count("FOR NO KEY UPDATE OF s") == 1
    monkeypatch.setattr(queries.waiting, "LOCK_SESSION", whole.replace("FOR NO KEY UPDATE OF s", ""))

    assert await yes_in_the_last_moment(session, monkeypatch) == "released/lapsed"
