"""Steps of an activity's life that touch nobody who is registered: review, publishing, taking back."""

from events_app.accounts.rules import ORGANIZING, Me
from events_app.lib import clock
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.actions.transitions import note_step
from events_app.programmes.queries import life as queries
from events_app.programmes.queries.activities import ActivityRow, find_submitted_activity
from events_app.programmes.rules.life import Verb, check_step, published_at


async def submit(me: Me, code: str) -> None:
    """Ask the union above for its approval; raises NotFound and Refused, like every step."""
    await _take_own_step(me, code, Verb.SUBMIT)


async def withdraw(me: Me, code: str) -> None:
    await _take_own_step(me, code, Verb.WITHDRAW)


async def publish(me: Me, code: str) -> None:
    """From now on the activity can be seen and registered for."""
    await _take_own_step(me, code, Verb.PUBLISH)


async def restore(me: Me, code: str) -> None:
    """Published again; its sessions stay called off, new ones may be added."""
    await _take_own_step(me, code, Verb.RESTORE)


@again_after_deadlock
async def unpublish(me: Me, code: str) -> None:
    """A draft again, as long as nobody is registered."""
    activity = await own_activity(me, code)
    async with transaction():
        await queries.lock_sessions(activity.id)
        await take_step(me, activity, Verb.UNPUBLISH)


async def approve(me: Me, code: str) -> None:
    """The yes of the union above; raises NotFound unless `me` organises for it and the activity waits."""
    await _review(me, code, Verb.APPROVE, "")


async def return_to_union(me: Me, code: str, remark: str) -> None:
    """The no of the union above, with what is to be done."""
    await _review(me, code, Verb.RETURN, remark)


async def submitted_activity(me: Me, code: str) -> ActivityRow:
    """Raises NotFound unless it waits for a union that `me` organises for."""
    activity = await find_submitted_activity(code, me.organizations(ORGANIZING))
    if activity is None:
        raise NotFound(_("没有等您审核的这个活动。也许已经有人处理，或者对方撤回了。"))
    return activity


async def take_step(me: Me, activity: ActivityRow, verb: Verb, remark: str = "") -> None:
    """Inside a transaction: the new state, who brought it about and when. Raises Refused, and Invalid for no remark."""
    standing = await queries.find_standing(activity.id)
    step = check_step(verb, standing)
    if step.remark and not remark:
        raise Invalid({"remark": _("这一项必须填写。")})
    since = published_at(step.end, activity.published_at, clock.now())
    if not await queries.move_state(activity.id, standing.state, step.end, since, me.account):
        raise Refused(_("刚才有人改变了这个活动的状态。请刷新页面再看。"), "wrong_state")
    await note_step(me, activity, standing.state, step, remark)


async def _take_own_step(me: Me, code: str, verb: Verb) -> None:
    activity = await own_activity(me, code)
    async with transaction():
        await take_step(me, activity, verb)


async def _review(me: Me, code: str, verb: Verb, remark: str) -> None:
    activity = await submitted_activity(me, code)
    async with transaction():
        await take_step(me, activity, verb, remark)
