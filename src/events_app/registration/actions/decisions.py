"""An organiser's yes or no to registrations, one or many, and taking back a no."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby

from events_app.accounts.actions import audit
from events_app.accounts.rules import ORGANIZING, Me
from events_app.lib import clock
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import NotFound
from events_app.lib.language import in_both
from events_app.notifications.actions import tell
from events_app.notifications.tables import Recipient
from events_app.registration.actions.allowing import check_allowed
from events_app.registration.actions.sessions import own_session
from events_app.registration.actions.waiting import move_up, own_locked_session
from events_app.registration.queries import LockedSession
from events_app.registration.queries import decisions as seats
from events_app.registration.queries.decisions import AskedSeat
from events_app.registration.rules import deciding
from events_app.registration.rules.seats import takes_place

# Under the lock of the session: the registrations that these seats of it belong to, as far as they were decided now.
_Decide = Callable[[LockedSession, list[int]], Awaitable[list[int]]]


@dataclass
class _Decision:
    """One organiser's one decision, with what is said to everybody whom it is about."""

    me: Me
    verb: str
    message: str
    say: deciding.Say
    decide: _Decide
    told: set[int] = field(default_factory=set)


async def confirm(me: Me, session_code: str, seat: int) -> None:
    """A yes to one registration; raises NotFound and Refused."""
    await accept(me, session_code, [seat], "")


async def decline(me: Me, session_code: str, seat: int) -> None:
    """A no to one registration, which may have a place already; raises NotFound and Refused."""
    await decline_many(me, session_code, [seat], "")


async def accept(me: Me, code: str, chosen: Iterable[int], message: str) -> int:
    """Yes to these seats of the activity, or session, with this code; returns how many people it was said to.

    What was decided meanwhile is passed over. Raises Refused when that is everything, when places are lacking, or
    when the session takes place no more; and NotFound for seats of others.
    """
    return await _decide(_Decision(me, "confirm", message, deciding.accepted_text, _accept), code, chosen)


async def decline_many(me: Me, code: str, chosen: Iterable[int], message: str) -> int:
    """No to these seats; their places go to the next in line. Like `accept`."""

    async def decide(session: LockedSession, ids: list[int]) -> list[int]:
        declined = await seats.decline_seats(session.id, ids, message)
        await move_up(session)
        return declined

    return await _decide(_Decision(me, "decline", message, deciding.declined_text, decide), code, chosen)


async def restore(me: Me, code: str, chosen: Iterable[int], message: str) -> int:
    """Take back a no, if there is a place for everybody, nobody waits for it, and the rules still allow it.

    Like `accept`.
    """
    return await _decide(_Decision(me, "restore", message, deciding.restored_text, _restore), code, chosen)


async def _accept(session: LockedSession, ids: list[int]) -> list[int]:
    if not takes_place(session, clock.now()):
        raise deciding.too_late()
    accepted = await seats.accept_seats(session.id, ids)
    if accepted and session.taken > session.capacity:
        raise deciding.overfull()
    return accepted


async def _restore(session: LockedSession, ids: list[int]) -> list[int]:
    if not takes_place(session, clock.now()):
        raise deciding.too_late()
    found = await seats.find_declined(session.id, ids)
    if found.declined and not found.entering and (found.waiting or found.free < len(found.declined)):
        raise deciding.no_room(found.free)
    if found.declined:
        await check_allowed(session, await seats.list_holders(found.declined))
    return await seats.restore_seats(session.id, found)


@again_after_deadlock
async def _decide(decision: _Decision, code: str, chosen: Iterable[int]) -> int:
    """Whatever the tickets are, the sessions are locked in one order."""
    decision.told.clear()
    me, wanted = decision.me, list(chosen)
    if not wanted:
        raise deciding.nobody_ticked()
    async with transaction():
        asked = await seats.list_asked(wanted, me.organizations(ORGANIZING), code)
        if not asked:
            raise NotFound
        for session_code, group in groupby(asked, key=lambda seat: seat.code):
            await _decide_session(decision, session_code, list(group))
        if not decision.told:
            raise deciding.already_decided()
    return len(decision.told)


async def _decide_session(decision: _Decision, code: str, asked: list[AskedSeat]) -> None:
    session = await own_locked_session(decision.me, code)
    decided = await decision.decide(session, [seat.seat for seat in asked])
    if not decided:
        return
    row, course = await own_session(decision.me, code), asked[0].course
    said = in_both(lambda: deciding.with_message(decision.say(row, course), decision.message))
    hearing = [registration for registration in decided if registration not in decision.told]
    await tell(session.organization, Recipient.REGISTRATION, hearing, code, *said)
    decision.told.update(decided)
    await audit(
        decision.me,
        f"seat.{decision.verb}",
        code if len(asked) > 1 else f"{code}/{asked[0].seat}",
        organization=session.organization,
        seats=[seat.seat for seat in asked],
        people=len(decided),
        message=decision.message,
    )


async def pending_of(me: Me, activity: str) -> int:
    """How many people wait for a yes in this activity."""
    return (await seats.count_pending(me.organizations(ORGANIZING), activity)).get(activity, 0)
