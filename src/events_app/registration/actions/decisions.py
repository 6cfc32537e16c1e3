"""An organiser's yes or no to a registration that waits for it."""

from events_app.accounts.actions import audit
from events_app.accounts.rules import Me
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.registration import queries
from events_app.registration.actions.waiting import move_up, own_locked_session


@again_after_deadlock
async def confirm(me: Me, session_code: str, seat: int) -> None:
    """An organiser's yes to a registration that waits for it; raises NotFound."""
    async with transaction():
        session = await own_locked_session(me, session_code)
        if not await queries.confirm_seat(seat, session.id):
            raise Refused(_("这条报名已经处理过了，请刷新名单。"), "not_pending")
        await audit(me, "seat.confirm", f"{session_code}/{seat}", organization=session.organization)


@again_after_deadlock
async def decline(me: Me, session_code: str, seat: int) -> None:
    """An organiser's no: the place goes to the next in line. Raises NotFound and Refused."""
    async with transaction():
        session = await own_locked_session(me, session_code)
        registration = await queries.find_seat_registration(seat, session.id)
        if registration is None or not await queries.release_seat(registration, session.id):
            raise Refused(_("这条报名已经处理过了，请刷新名单。"), "not_held")
        await move_up(session)
        await audit(me, "seat.decline", f"{session_code}/{seat}", organization=session.organization)
