"""A place is offered to the next in line, who says yes or lets it lapse; a no is `waiting.cancel`."""

import structlog

from events_app.lib import clock
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.lib.language import in_both
from events_app.notifications.actions import tell
from events_app.notifications.tables import Recipient
from events_app.registration.actions.waiting import move_up
from events_app.registration.queries import LockedSession, TicketRow, lock_session, release_seats
from events_app.registration.queries import offers as queries
from events_app.registration.queries.waiting import list_room
from events_app.registration.rules.offers import lapsed_text, not_on_offer, offer_lapsed
from events_app.registration.rules.seats import takes_place
from events_app.registration.tables import Cause

_log = structlog.get_logger()


@again_after_deadlock
async def accept(ticket: TicketRow, session_code: str) -> int:
    """A yes to what is offered: of a course to all of it, from whose party it is for everybody in it.

    Returns how many seats are certain now. Raises NotFound and Refused; an offer whose time is over goes to the next.
    """
    async with transaction():
        session = await _session_to_come(session_code)
        offered = await queries.list_offers(ticket.registration, session.along)
        if not offered:
            raise not_on_offer()
        accepted = await queries.accept([seat.id for seat in offered], clock.now())
        if not accepted:
            await _pass_on(session)
    if not accepted:
        raise offer_lapsed()
    return len(accepted)


async def lapse() -> int:
    """Places that nobody said yes to in time go to the next in line; returns how many. May run anywhere, at any time.

    One session that cannot be served now does not hold up the others.
    """
    passed_on = 0
    for code in await queries.list_lapsed_sessions(clock.now()):
        try:
            passed_on += await _lapse_in(code)
        except Exception:
            _log.exception("offers did not lapse", session=code)
    return passed_on


@again_after_deadlock
async def _lapse_in(code: str) -> int:
    passed_on = 0
    async with transaction():
        if session := await lock_session(code):
            passed_on = await _pass_on(session)
    return passed_on


async def _pass_on(session: LockedSession) -> int:
    """Under the lock: whoever let an offer lapse is told, and who waits moves up."""
    now = clock.now()
    lapsed = await queries.list_lapsed(session.along, now)
    if not await release_seats([seat.id for seat in lapsed], Cause.LAPSED):
        return 0
    told: set[int] = set()
    for room in await list_room(session.along):
        registrations = {seat.registration for seat in lapsed if seat.session == room.id} - told
        if takes_place(room, now):  # nobody else has to hear of a place in what is over
            words = in_both(lambda room=room: lapsed_text(room))  # type: ignore[misc]
            await tell(session.organization, Recipient.REGISTRATION, sorted(registrations), room.code, *words)
            told |= registrations
    await move_up(session)
    return len(lapsed)


async def _session_to_come(code: str) -> LockedSession:
    session = await lock_session(code)
    if session is None:
        raise NotFound
    if not takes_place(session, clock.now()):
        raise Refused(_("本场已经取消或结束，不必再确认。"), "closed")
    return session
