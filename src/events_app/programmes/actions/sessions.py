"""Planning sessions."""

import re
from datetime import timedelta
from typing import Any

import msgspec

from events_app.accounts.actions import audit
from events_app.accounts.queries import list_organisers
from events_app.accounts.rules import Me
from events_app.lib import clock, codes
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Invalid, NotFound
from events_app.lib.language import gettext as _
from events_app.lib.text import person_name
from events_app.programmes.actions.activities import organizations_named, own_activity
from events_app.programmes.actions.clashes import check_clashes, find_clashes, record_accepted
from events_app.programmes.actions.guests import place_guests
from events_app.programmes.actions.venues import resolve_venue
from events_app.programmes.forms.sessions import PlannedForm, SessionForm
from events_app.programmes.queries.clashes import find_planned, lock_planning
from events_app.programmes.queries.guests import GuestRow, match_guests
from events_app.programmes.queries.life import lock_state
from events_app.programmes.queries.sessions import find_own_session
from events_app.programmes.queries.venues import list_venues_named
from events_app.programmes.queries.workdays import load
from events_app.programmes.rules.clashes import Clash, Planned
from events_app.programmes.rules.life import check_takes_sessions
from events_app.programmes.rules.sessions import check_in_window, session_errors
from events_app.programmes.tables import Session

# By column: Piccolo takes them for a new row and for an update alike.
Columns = dict[Any, Any]
_MOMENT = timedelta(seconds=1)


@again_after_deadlock
async def create_session(me: Me, activity_code: str, form: SessionForm) -> str:
    """A further session of the activity; returns its code. Raises NotFound, Refused, Invalid and ClashesFound."""
    activity = await own_activity(me, activity_code)
    code, now = codes.new_code(), clock.now()
    await load()  # not while others wait for us
    async with transaction():
        state = await lock_state(activity.id)
        if state is None:
            raise NotFound
        check_takes_sessions(state)
        columns = await session_columns(activity.organization, form)
        columns |= {Session.code: code, Session.activity: activity.id, Session.created_at: now}
        session = Session(columns | {Session.capacity: form.capacity})
        await session.save()
        await place_guests(session.id, activity.organization, read_guests(form.guests))
        await audit(me, "session.create", code, organization=activity.organization, activity=activity_code)
        planned = await find_planned(session.id)
        clashes = await check_clashes(me, activity.organization, planned, form.accepted_keys)
        await record_accepted(me, activity.organization, code, clashes)
    return code


async def foresee_clashes(me: Me, activity_code: str, session_code: str, form: PlannedForm) -> list[Clash]:
    """What a session, the one of `session_code` unless it is a new one, would clash with, as far as it is written.

    Nothing is saved. Raises NotFound and Invalid.
    """
    activity = await own_activity(me, activity_code)
    session = await find_own_session(session_code, [activity.organization]) if session_code else None
    if errors := session_errors(form.starts_at, form.ends_at, form.starts_at - _MOMENT, form.starts_at):
        raise Invalid(errors)
    organization = activity.organization
    venues = await list_venues_named(organization, form.venue, form.address) if form.venue else []
    sites = await organizations_named([form.site]) if form.site else {}
    planned = Planned(
        starts_at=form.starts_at,
        ends_at=form.ends_at,
        venue=venues[0] if len(venues) == 1 else None,
        site=sites.get(form.site),
        in_charge=(await _organisers(organization)).get(form.in_charge),
        guests=await match_guests(organization, read_guests(form.guests)),
        capacity=int(form.capacity or 0),
        session=session.id if session else None,
    )
    return (await find_clashes(organization, [planned]))[0]


async def session_columns(organization: int, form: SessionForm, in_charge: int | None = None) -> Columns:
    """A session's columns out of the form, all but its capacity; raises Invalid.

    Who is `in_charge` of it already may stay so, an organiser still or not.

    Inside the saving transaction: from here on whoever plans for the same union or the same school waits.
    """
    errors = session_errors(form.starts_at, form.ends_at, form.opens_at, form.closes_at)
    sites = await organizations_named([form.site]) if form.site else {}
    if form.site and form.site not in sites:
        errors["site"] = _(
            "没有名为“%(name)s”的学校或企业。请从列表中选择，或先在“组织”页面添加。", name=form.site
        )
    charged = await _in_charge(organization, form, in_charge, errors)
    if errors:
        raise Invalid(errors)
    await lock_planning(organization, sites.values())
    check_in_opens_at, check_in_closes_at = check_in_window(form.starts_at, form.ends_at, form.check_in_lead)
    return {
        Session.title: form.title,
        Session.starts_at: form.starts_at,
        Session.ends_at: form.ends_at,
        Session.venue: await resolve_venue(organization, form.venue, form.address),
        Session.site: sites.get(form.site),
        Session.waiting_list: form.waiting_list,
        Session.opens_at: form.opens_at,
        Session.closes_at: form.closes_at,
        Session.check_in_opens_at: check_in_opens_at,
        Session.check_in_closes_at: check_in_closes_at,
        Session.updated_at: clock.now(),
        **charged,
    }


async def _in_charge(
    organization: int, form: SessionForm, present: int | None, errors: dict[str, str]
) -> Columns:
    if form.in_charge is None:
        return {}
    organisers = await _organisers(organization) | ({str(present): present} if present else {})
    if form.in_charge and form.in_charge not in organisers:
        errors["in_charge"] = _("请从列表中选择一位本工会的组织者。")
    return {Session.in_charge: organisers.get(form.in_charge)}


async def _organisers(organization: int) -> dict[str, int]:
    """Ids by how the form sends them."""
    return {str(organiser.id): organiser.id for organiser in await list_organisers(organization)}


def read_guests(text: str) -> list[GuestRow]:
    """One guest a line: name, honour, unit, parted by commas of either width; raises Invalid."""
    rows = [[part.strip() for part in re.split("[,，]", line, maxsplit=2)] for line in text.splitlines()]
    guests = [GuestRow(*[*row, "", ""][:3]) for row in rows if row[0]]
    if any(len(g.name) > 60 or len(g.honour) > 120 or len(g.unit) > 100 for g in guests):
        raise Invalid(
            {"guests": _("每位嘉宾一行：姓名（60字内）、荣誉（120字内）、单位（100字内），用逗号分开。")}
        )
    return [msgspec.structs.replace(guest, name=person_name(guest.name, 60)) for guest in guests]
