"""Planning: activities, their hosts and pictures, sessions, publishing."""

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
from events_app.programmes import queries
from events_app.programmes.forms import ActivityForm, SessionForm
from events_app.programmes.queries import ActivityRow, GuestRow
from events_app.programmes.rules import check_in_window, session_errors
from events_app.programmes.tables import Activity, HostRole, Session

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
    """Raises NotFound for an activity that `me` does not organise, and Invalid."""
    activity = await own_activity(me, code)
    columns, hosts = await _activity_columns(me, form), await _hosts(form)
    image = await asyncio.to_thread(webp, picture) if picture else None
    async with transaction():
        await Activity.update(columns).where(Activity.id == activity.id)
        if form.title != activity.title:
            await queries.raise_sequences(activity.id)
        await queries.remove_hosts(activity.id)
        await queries.add_hosts(activity.id, hosts)
        if image:
            await queries.save_picture(activity.id, codes.new_code(12), *image)
        await audit(me, "activity.update", code, organization=activity.organization, title=form.title)


async def publish(me: Me, code: str) -> None:
    """From now on the activity can be seen and registered for; raises Refused while it has no session."""
    activity = await own_activity(me, code)
    if not await queries.list_activity_sessions(activity.id):
        raise Refused(_("还没有场次。请先添加至少一个场次，再发布。"), "no_session")
    async with transaction():
        published = (
            await Activity.update({Activity.published_at: clock.now(), Activity.published_by: me.account})
            .where(Activity.id == activity.id, Activity.published_at.is_null())
            .returning(Activity.id)
        )
        if published:
            await audit(me, "activity.publish", code, organization=activity.organization)


@again_after_deadlock
async def create_session(me: Me, activity_code: str, form: SessionForm) -> str:
    """A further session of the activity; returns its code. Raises NotFound and Invalid."""
    activity = await own_activity(me, activity_code)
    code, now = codes.new_code(), clock.now()
    async with transaction():
        columns = await session_columns(activity.organization, form)
        columns |= {Session.code: code, Session.activity: activity.id, Session.created_at: now}
        session = Session(columns | {Session.capacity: form.capacity})
        await session.save()
        await queries.set_guests(session.id, activity.organization, read_guests(form.guests))
        await audit(me, "session.create", code, organization=activity.organization, activity=activity_code)
    return code


async def own_activity(me: Me, code: str) -> ActivityRow:
    """Raises NotFound when there is none, or it is another organization's."""
    activity = await queries.find_own_activity(code, me.organizations(ORGANIZING))
    if activity is None:
        raise NotFound
    return activity


async def session_columns(organization: int, form: SessionForm) -> Columns:
    """A session's columns out of the form, all but its capacity; raises Invalid."""
    errors = session_errors(form.starts_at, form.ends_at, form.opens_at, form.closes_at)
    sites = await _organizations_named([form.site]) if form.site else {}
    if form.site and form.site not in sites:
        errors["site"] = _(
            "没有名为“%(name)s”的学校或企业。请从列表中选择，或先在“组织”页面添加。", name=form.site
        )
    if errors:
        raise Invalid(errors)
    check_in_opens_at, check_in_closes_at = check_in_window(form.starts_at, form.ends_at, form.check_in_lead)
    return {
        Session.title: form.title,
        Session.starts_at: form.starts_at,
        Session.ends_at: form.ends_at,
        Session.venue: await queries.find_or_add_venue(organization, form.venue, form.address),
        Session.site: sites.get(form.site),
        Session.waiting_list: form.waiting_list,
        Session.opens_at: form.opens_at,
        Session.closes_at: form.closes_at,
        Session.check_in_opens_at: check_in_opens_at,
        Session.check_in_closes_at: check_in_closes_at,
        Session.updated_at: clock.now(),
    }


def read_guests(text: str) -> list[GuestRow]:
    """One guest a line: name, honour, unit, parted by commas of either width; raises Invalid."""
    rows = [[part.strip() for part in line.replace("，", ",").split(",", 2)] for line in text.splitlines()]
    guests = [GuestRow(*[*row, "", ""][:3]) for row in rows if row[0]]
    if any(len(g.name) > 60 or len(g.honour) > 120 or len(g.unit) > 100 for g in guests):
        raise Invalid(
            {"guests": _("每位嘉宾一行：姓名（60字内）、荣誉（120字内）、单位（100字内），用逗号分开。")}
        )
    return guests


async def _activity_columns(me: Me, form: ActivityForm) -> Columns:
    programmes = {p.code: p.id for p in await queries.list_own_programmes(me.organizations(ORGANIZING))}
    if form.programme and form.programme not in programmes:
        raise Invalid({"programme": _("请从列表中选择一项。")})
    return {
        Activity.kind: form.kind,
        Activity.title: form.title,
        Activity.programme: programmes.get(form.programme),
        Activity.description: form.description,
        Activity.notice: form.notice,
        Activity.approval: form.approval,
        Activity.updated_at: clock.now(),
    }


async def _hosts(form: ActivityForm) -> list[tuple[int, HostRole]]:
    known = await _organizations_named([name for name, _role in form.hosts()])
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


async def _organizations_named(names: list[str]) -> dict[str, int]:
    return {o.name: o.id for o in await accounts.list_organizations() if o.name in names}
