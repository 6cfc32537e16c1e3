"""A place is given back, and who waits moves up."""

from datetime import datetime

from events_app.accounts.rules import ORGANIZING, Me
from events_app.lib import clock
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.lib.language import in_both
from events_app.notifications.actions import tell
from events_app.notifications.tables import Recipient
from events_app.programmes.tables import Admission, Extent
from events_app.registration import queries
from events_app.registration.queries import LockedSession, TicketRow
from events_app.registration.queries.waiting import (
    Room,
    largest_party,
    list_courses_gone_on,
    list_lines,
    list_room,
    serve,
)
from events_app.registration.rules.offers import served_text
from events_app.registration.rules.seats import check_cancellable, takes_place
from events_app.registration.rules.waiting import Waiting, next_in_line, offer_ends
from events_app.registration.tables import Cause, SeatState

# Enough to see the whole of a party that stands where the free places end.
_LARGEST_PARTY = 20


@again_after_deadlock
async def cancel(ticket: TicketRow, session_code: str) -> None:
    """Give a place back; who waits moves up in the same moment. Raises NotFound and Refused."""
    async with transaction():
        session = await queries.lock_session(session_code)
        if session is None:
            raise NotFound
        check_cancellable(session, clock.now())
        if not await give_back(session, ticket.registration):
            raise Refused(_("这一席位已经取消或已经签到，不能再取消。"), "not_held")


async def own_locked_session(me: Me, code: str) -> LockedSession:
    session = await queries.lock_session(code, me.organizations(ORGANIZING))
    if session is None:
        raise NotFound
    return session


async def check_capacity(session: LockedSession, capacity: int) -> None:
    """Raises Invalid for fewer places than are taken, or than a party that waits would ever need at once."""
    if capacity < session.taken:
        sentence = _("已有%(taken)s人占用名额，不能少于这个数。", taken=session.taken)
        raise Invalid({"capacity": sentence})
    if capacity < session.capacity and capacity < (party := await largest_party(session.id)):
        sentence = _("候补名单上有同行的%(n)s人要一起得到名额，不能少于这个数。", n=party)
        raise Invalid({"capacity": sentence})


async def give_back(
    session: LockedSession, registration: int, cause: Cause = Cause.CANCELLED, reason: str = ""
) -> bool:
    """Under the session's lock: what the registration holds in it is free, in a course all that is left of it.

    Whoever is next moves up. False when there was nothing to give back.
    """
    if not await queries.release_seat(registration, session, cause, reason):
        return False
    await move_up(session)
    return True


async def go_on_with_courses() -> None:
    """Whoever waited for a course because a session was full moves up once that one is over."""
    for code in await list_courses_gone_on(clock.now()):
        await _go_on_with(code)


@again_after_deadlock
async def _go_on_with(code: str) -> None:
    async with transaction():
        if session := await queries.lock_session(code):
            await move_up(session)


async def move_up(session: LockedSession) -> None:
    """Under its lock, after anything that frees places: they go to whoever waits, in order, and these are told.

    Parties and whole courses get all their places or none yet. With `offer_minutes` a place is offered; without, or
    once the session has begun, it is theirs. Where the organiser approves it waits for that as a new one would.
    """
    now = clock.now()
    rooms = [room for room in await list_room(session.along or [session.id]) if takes_place(room, now)]
    free = {room.id: max(room.free, 0) for room in rooms}
    if not any(room.waiting and room.free > 0 for room in rooms):
        return
    most = None if session.extent == Extent.COURSE else max(free.values()) + _LARGEST_PARTY
    served = next_in_line(free, await list_lines(list(free), most))
    if served:
        await give_places(session, rooms, served, now)


async def give_places(
    session: LockedSession, rooms: list[Room], served: list[Waiting], now: datetime
) -> None:
    """They leave the line for places that are free, and are told. `rooms` by time, those of `served` among them."""
    first = next((room for room in rooms if not room.postponed_at), None)
    ends = offer_ends(now, session.offer_minutes, first.starts_at if first else None)
    state = SeatState.CONFIRMED
    if session.admission == Admission.APPROVAL:
        state, ends = SeatState.PENDING, None
    elif ends:
        state = SeatState.OFFERED
    await serve([waiting.seat for waiting in served], state, ends)
    told: set[int] = set()
    for room in rooms:  # of a course's sessions the first one says it for all
        registrations = {waiting.registration for waiting in served if waiting.session == room.id} - told
        words = in_both(lambda room=room: served_text(room, state, ends))  # type: ignore[misc]
        await tell(session.organization, Recipient.REGISTRATION, sorted(registrations), room.code, *words)
        told |= registrations
