"""What can happen to a session that people are registered for: changed, called off."""

import msgspec

from events_app.accounts.actions import audit
from events_app.accounts.rules import ORGANIZING, Me
from events_app.lib import clock
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Invalid, NotFound
from events_app.lib.language import gettext as _
from events_app.programmes.actions.sessions import read_guests, session_columns
from events_app.programmes.forms.sessions import SessionForm
from events_app.programmes.queries.guests import set_guests
from events_app.programmes.queries.sessions import SessionRow, find_own_session
from events_app.programmes.tables import Session
from events_app.registration.actions.seats import move_up, own_locked_session
from events_app.registration.rules.changes import check_callable_off, check_changeable


@again_after_deadlock
async def change_session(me: Me, code: str, form: SessionForm) -> None:
    """New times, place or capacity. More places go to who waits; nobody who holds one loses it.

    Raises NotFound, Invalid, and Refused for a session that was called off.
    """
    async with transaction():
        session = await own_locked_session(me, code)
        check_changeable(session)
        if form.capacity < session.taken:
            sentence = _("已有%(taken)s人占用名额，不能少于这个数。", taken=session.taken)
            raise Invalid({"capacity": sentence})
        columns = await session_columns(session.organization, form)
        columns |= {Session.capacity: form.capacity, Session.sequence: Session.sequence + 1}
        await Session.update(columns).where(Session.id == session.id)
        await set_guests(session.id, session.organization, read_guests(form.guests))
        await move_up(msgspec.structs.replace(session, ends_at=form.ends_at))
        await audit(me, "session.update", code, organization=session.organization, capacity=form.capacity)


async def call_off(me: Me, code: str, reason: str) -> None:
    """The session will not take place; tickets and calendars say so. Raises NotFound and Refused."""
    now = clock.now()
    async with transaction():
        session = await own_locked_session(me, code)
        check_callable_off(session, now)
        await Session.update(
            {
                Session.called_off_at: now,
                Session.called_off_by: me.account,
                Session.called_off_reason: reason,
                Session.sequence: Session.sequence + 1,
                Session.updated_at: now,
            }
        ).where(Session.id == session.id)
        await audit(me, "session.call_off", code, organization=session.organization, reason=reason)


async def own_session(me: Me, code: str) -> SessionRow:
    """Raises NotFound when there is none, or another organization's."""
    session = await find_own_session(code, me.organizations(ORGANIZING))
    if session is None:
        raise NotFound
    return session
