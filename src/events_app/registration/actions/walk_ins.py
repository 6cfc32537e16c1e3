"""Registering somebody who stands at the door: by whoever keeps it, under the same rules as everybody."""

import msgspec

from events_app.lib import clock
from events_app.lib.codes import Signer, new_secret
from events_app.lib.database import transaction
from events_app.lib.errors import NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.programmes.tables import Admission, Extent
from events_app.registration.actions.taking import register
from events_app.registration.forms import RegistrationForm
from events_app.registration.queries import SeatTaken, lock_session, offers
from events_app.registration.queries.taking import OpenSession, find_held_seat, find_open_session
from events_app.registration.queries.waiting import serve
from events_app.registration.queries.walk_ins import is_declined
from events_app.registration.rules.admission import AT_THE_DOOR
from events_app.registration.rules.answers import Reply
from events_app.registration.tables import SeatState


class AtDoor(msgspec.Struct, frozen=True):
    """The seat of somebody who stands there, and in which state they held it `before`; None for a new one."""

    seat: SeatTaken
    before: SeatState | None


async def register_at_door(code: str, form: RegistrationForm, signer: Signer, reply: Reply) -> AtDoor:
    """A place of their own, or the seat that they hold already in whatever state; nobody joins the line here.

    Whoever waits gets a place that is free. Raises NotFound, Invalid and Refused.
    """
    session = await find_open_session(code)
    if session is None:
        raise NotFound
    async with transaction():
        held = await find_held_seat(session.id, form.phone, form.name, b"")
        if held is None:
            seat = await _take(session, code, form, signer, reply)
            return AtDoor(seat, None if seat.created else seat.state)
        if held.state in (SeatState.WAITLISTED, SeatState.OFFERED):
            await _place(session, code, held)
        seat = await find_held_seat(session.id, form.phone, form.name, b"") or held
        return AtDoor(seat, held.state)


async def _take(
    session: OpenSession, code: str, form: RegistrationForm, signer: Signer, reply: Reply
) -> SeatTaken:
    """Whom an organiser turned down is not let in by somebody else."""
    if session.admission == Admission.APPROVAL and await is_declined(session.id, form.phone, form.name):
        raise Refused(_("这个人的报名没有通过审核，不能现场登记。请活动负责人决定。"), "declined")
    return await register(code, form, signer, new_secret(), reply, AT_THE_DOOR)


async def _place(session: OpenSession, code: str, held: SeatTaken) -> None:
    """The place that is offered, or one that is free. Not of a course, nor where a draw decides."""
    locked = await lock_session(code)
    if locked is None or session.extent == Extent.COURSE or session.admission == Admission.DRAW:
        return
    if held.state == SeatState.OFFERED:
        await offers.accept([held.seat], clock.now())
    elif locked.taken < locked.capacity:
        await serve([held.seat], SeatState.CONFIRMED, None)
