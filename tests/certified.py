"""People who came to all of a course, and what they have to show for it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.people import Union, make_activity, make_session, register

from events_app.checkin.actions import certificates
from events_app.checkin.actions.recording import record_all
from events_app.checkin.queries.admitting import Scan
from events_app.checkin.tables import Direction
from events_app.lib import clock, codes, database
from events_app.programmes.tables import Activity, Session
from events_app.registration.queries import SeatTaken, find_ticket
from events_app.registration.tables import Evidence

SECRET = b"0" * 64


async def move_into_the_past(activity: Activity) -> list[Session]:
    """The two sessions by time: two days ago and yesterday, both from nine to eleven."""
    sessions = await Session.objects().where(Session.activity == activity.id).order_by(Session.id)
    for number, session in enumerate(sessions):
        day = clock.today() - timedelta(days=2 - number)
        starts_at = clock.midnight(day) + timedelta(hours=9)
        session.starts_at = starts_at
        times: dict[Any, Any] = {
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=2),
            "closes_at": starts_at,
            "check_in_opens_at": starts_at - timedelta(hours=1),
            "check_in_closes_at": starts_at + timedelta(hours=2),
        }
        await Session.update(times).where(Session.id == session.id)
    return sessions


async def attend(
    union: Union, session: Session, seat: SeatTaken, *minutes: float, nonce: str = "", **changes: Any
) -> None:
    """In, out, in, … so many minutes after the session's start, written down by Li's device."""
    directions = [Direction.IN, Direction.OUT] * len(minutes)
    for minute, direction in zip(minutes, directions, strict=False):
        await bring(union, session, seat, direction, minute, nonce, **changes)


async def bring(
    union: Union,
    session: Session,
    seat: SeatTaken,
    direction: Direction,
    minute: float,
    nonce: str = "",
    **changes: Any,
) -> None:
    """What Li's device without network let through so many minutes after the session's start."""
    given: dict[str, Any] = {
        "session": session.code,
        "ticket": seat.ticket,
        "nonce": f"{nonce}{seat.ticket[:6]}-{session.id}-{direction}-{minute}",
        "direction": direction,
        "at": session.starts_at + timedelta(minutes=minute),
        "offline": True,
        "account": union.li.account,
        "address": "",
        "request_id": "",
    }
    await record_all([Scan(**given | changes)])


def ticket_of(seat: SeatTaken) -> str:
    return codes.ticket_text(seat.ticket, seat.signature)


async def certify(union: Union, title: str, names: list[str], unit: str) -> dict[str, str]:
    """A course of two days that is over. The first of the names has not made their certificate yet, the second has
    it, the third's is revoked, the fourth's name is erased; gives the addresses of what they have.
    """
    hours: dict[str, Any] = {"session_hours": Decimal("1.5"), "certificate_hours": Decimal("3.0")}
    activity = await make_activity(
        union.organization, title=title, extent="course", certificates=True, minimum_minutes=45, **hours
    )
    for _day in range(2):
        session = await make_session(activity)
    seats = [await register(session, name, f"1990000222{n}", unit) for n, name in enumerate(names)]
    for session in await move_into_the_past(activity):
        for seat in seats:
            await attend(union, session, seat, 0, evidence=Evidence.LATER, offline=False)
    made = [await _certificate(seat) for seat in seats[1:]]
    await certificates.revoke(union.wang, activity.code, made[1])
    await database.fetch("UPDATE registration SET erased_at = now() WHERE ticket = $1", seats[3].ticket)
    return {
        "certifying": activity.code,
        "graduate": ticket_of(seats[0]),
        "certificate": made[0],
        "certificate_revoked": made[1],
        "certificate_erased": made[2],
    }


async def _certificate(seat: SeatTaken) -> str:
    ticket = await find_ticket(seat.ticket, seat.signature)
    assert ticket
    return await certificates.issue_own(ticket, SECRET)
