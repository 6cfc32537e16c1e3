"""Steps of an activity's life that people who are registered must hear of; and deleting what nobody registered for."""

from collections.abc import Callable, Sequence

from events_app.accounts.actions import audit
from events_app.accounts.rules import ORGANIZING, Me
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.actions.clashes import check_again
from events_app.programmes.actions.life import take_step
from events_app.programmes.queries.life import find_standing, lock_sessions
from events_app.programmes.queries.sessions import SessionRow, find_own_session
from events_app.programmes.queries.workdays import load
from events_app.programmes.rules.life import Verb, check_step
from events_app.programmes.tables import ActivityState
from events_app.registration.actions.sessions import call_off, own_session, tell_touched
from events_app.registration.queries import activities as queries
from events_app.registration.queries.changes import find_touched
from events_app.registration.rules.telling import called_off_text, postponed_text, resumed_text


@again_after_deadlock
async def postpone(me: Me, code: str, reason: str) -> None:
    """Sessions to come take nobody until they have a time again, and everybody in them is told.

    Raises NotFound and Refused, like every step.
    """
    activity = await own_activity(me, code)
    async with transaction():
        await lock_sessions(activity.id)
        await take_step(me, activity, Verb.POSTPONE, reason)
        for session in await queries.postpone_sessions(activity.id):
            await _tell(me, session, lambda row: postponed_text(row, reason))


@again_after_deadlock
async def resume(me: Me, code: str, accepted: Sequence[str] = ()) -> None:
    """What was postponed takes place at the times that its sessions have now.

    Raises ClashesFound, with nothing changed, for what was planned there meanwhile and is not `accepted`.
    """
    activity = await own_activity(me, code)
    await load()  # not while others wait for us
    async with transaction():
        await lock_sessions(activity.id)
        await take_step(me, activity, Verb.RESUME)
        resumed = await queries.resume_sessions(activity.id)
        await check_again(me, activity.organization, resumed, accepted)
        for session in resumed:
            await _tell(me, session, resumed_text)


@again_after_deadlock
async def call_off_activity(me: Me, code: str, reason: str) -> None:
    """Every session that could still take place is called off; what is over, or what somebody came to, stays."""
    activity = await own_activity(me, code)
    async with transaction():
        await lock_sessions(activity.id)
        await take_step(me, activity, Verb.CALL_OFF, reason)
        for session in await queries.list_concerned(activity.id):
            await call_off(me, session, reason, others_stay=False)


async def sample_text(me: Me, code: str, verb: Verb) -> str:
    """What people of the first session concerned would be told, but for the reason; raises NotFound and Refused."""
    activity = await own_activity(me, code)
    check_step(verb, await find_standing(activity.id))
    concerned = await queries.list_concerned(activity.id)
    if not concerned:
        return ""
    session = await own_session(me, concerned[0])
    return called_off_text(session, "") if verb == Verb.CALL_OFF else postponed_text(session, "")


async def delete_activity(me: Me, code: str) -> None:
    """A draft that nobody ever registered for, with its sessions. Raises NotFound and Refused."""
    activity = await own_activity(me, code)
    if activity.state in (ActivityState.SUBMITTED, *_SEEN):
        raise Refused(
            _("只有草稿可以删除。已经发布的活动可以撤下、延期或取消；提交审核的请先撤回。"), "wrong_state"
        )
    if await queries.has_traces(activity.id):
        raise Refused(_("有人报过名，入场码要保留，不能删除。"), "registered")
    async with transaction():
        if not await queries.delete_draft(activity.id):
            raise Refused(_("刚才有人改变了这个活动的状态。请刷新页面再看。"), "wrong_state")
        await audit(me, "activity.delete", code, organization=activity.organization, title=activity.title)


async def delete_session(me: Me, code: str) -> str:
    """A draft's session that nobody ever registered for; returns the activity's code. Raises NotFound and Refused."""
    session = await find_own_session(code, me.organizations(ORGANIZING))
    if session is None:
        raise NotFound
    if await queries.has_session_traces(session.id):
        raise Refused(_("有人报过名，入场码要保留，不能删除。可以取消本场。"), "registered")
    async with transaction():
        if not await queries.delete_session(session.id):
            raise Refused(_("活动已经发布或在审核中，场次不能删除。可以取消本场。"), "wrong_state")
        await audit(
            me, "session.delete", code, organization=session.organization, activity=session.activity_code
        )
    return session.activity_code


_SEEN = (ActivityState.PUBLISHED, ActivityState.POSTPONED, ActivityState.CALLED_OFF)


async def _tell(me: Me, code: str, say: Callable[[SessionRow], str]) -> None:
    session = await own_session(me, code)
    await tell_touched(session, await find_touched(session.id), lambda: say(session))
