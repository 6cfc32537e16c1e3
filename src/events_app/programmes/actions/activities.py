"""Planning activities: what they say, who hosts them."""

import asyncio
from typing import Any

from events_app.accounts import queries as accounts
from events_app.accounts.actions import audit
from events_app.accounts.rules import ORGANIZING, Me
from events_app.lib import clock, codes
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.lib.language import listed
from events_app.lib.picture import webp
from events_app.programmes.actions.transitions import note_step
from events_app.programmes.forms.activities import ActivityForm
from events_app.programmes.queries import activities as queries
from events_app.programmes.queries.activities import ActivityRow
from events_app.programmes.queries.life import find_standing, move_state
from events_app.programmes.queries.sessions import raise_sequences
from events_app.programmes.rules.life import STEPS, Verb, check_editable
from events_app.programmes.tables import Activity, HostRole

# By column: Piccolo takes them for a new row and for an update alike.
Columns = dict[Any, Any]


async def create_activity(me: Me, form: ActivityForm, picture: bytes | None) -> str:
    """A draft of the first organization that `me` organises for; returns its code. Raises Invalid."""
    organization = me.organizations(ORGANIZING)[0]
    columns, hosts = await _activity_columns(me, form), await _hosts(form)
    image = await asyncio.to_thread(webp, picture) if picture else None
    code, now = codes.new_code(), clock.now()
    async with transaction():
        columns |= {Activity.code: code, Activity.organization: organization, Activity.created_at: now}
        activity = Activity(columns | {Activity.created_by: me.account})
        await activity.save()
        await queries.add_hosts(activity.id, hosts)
        if image:
            await queries.save_picture(activity.id, codes.new_code(12), *image)
        await audit(me, "activity.create", code, organization=organization, title=form.title)
    return code


@again_after_deadlock
async def update_activity(me: Me, code: str, form: ActivityForm, picture: bytes | None) -> None:
    """Raises NotFound for an activity that `me` does not organise, Invalid, and Refused while it is being reviewed.

    Other words need another approval, where approval is needed.
    """
    activity = await own_activity(me, code)
    check_editable(activity.state)
    columns, hosts = await _activity_columns(me, form), await _hosts(form)
    image = await asyncio.to_thread(webp, picture) if picture else None
    async with transaction():
        kept = Activity.update(columns).where(Activity.id == activity.id, Activity.state == activity.state)
        if not await kept.returning(Activity.id):
            raise Refused(_("刚才有人改变了这个活动的状态。请刷新页面再看。"), "wrong_state")
        if (form.title, form.description) != (activity.title, activity.description):
            await _revise(me, activity)
        if form.title != activity.title:
            await raise_sequences(activity.id)
        await queries.remove_hosts(activity.id)
        await queries.add_hosts(activity.id, hosts)
        if image:
            await queries.save_picture(activity.id, codes.new_code(12), *image)
        await audit(me, "activity.update", code, organization=activity.organization, title=form.title)


async def own_activity(me: Me, code: str) -> ActivityRow:
    """Raises NotFound when there is none, or it is another organization's."""
    activity = await queries.find_own_activity(code, me.organizations(ORGANIZING))
    if activity is None:
        raise NotFound
    return activity


async def _revise(me: Me, activity: ActivityRow) -> None:
    """What was approved was something else."""
    step = STEPS[Verb.REVISE]
    if activity.state not in step.start or not (await find_standing(activity.id)).reviewed:
        return
    if await move_state(activity.id, activity.state, step.end, None, me.account):
        await note_step(me, activity, activity.state, step, "")


async def _activity_columns(me: Me, form: ActivityForm) -> Columns:
    programmes = {p.code: p.id for p in await queries.list_own_programmes(me.organizations(ORGANIZING))}
    if form.programme and form.programme not in programmes:
        raise Invalid({"programme": _("请从列表中选择一项。")})
    return {
        Activity.kind: form.kind,
        Activity.title: form.title,
        Activity.programme: programmes.get(form.programme),
        Activity.description: form.description,
        Activity.updated_at: clock.now(),
    }


async def _hosts(form: ActivityForm) -> list[tuple[int, HostRole]]:
    known = await organizations_named([name for name, _role in form.hosts()])
    unknown = [name for name, _role in form.hosts() if name not in known]
    if unknown:
        names = listed(unknown)
        raise Invalid(
            {
                "host_organization": _(
                    "没有这些组织：%(names)s。请从列表中选择，或先在“组织”页面添加。", names=names
                )
            }
        )
    return [(known[name], role) for name, role in form.hosts()]


async def organizations_named(names: list[str]) -> dict[str, int]:
    return {o.name: o.id for o in await accounts.list_organizations() if o.name in names}
