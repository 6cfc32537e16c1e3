"""What goes into calendar feeds."""

from datetime import datetime

from events_app.lib import database
from events_app.programmes.queries.venues import ADDRESS, FULL_NAME
from events_app.schedules.queries.schedule import public
from events_app.schedules.rules.feed import Appointment
from events_app.schedules.rules.schedule import Wanted

# The activity's title is in every entry, so its changes count as the session's. Latest first: if there are ever more
# than a feed holds, the oldest are missing.
FEED_COLUMNS = f"""
    SELECT s.code, s.title, a.title AS activity_title, a.kind, s.starts_at, s.ends_at, s.sequence, s.postponed_at,
           s.called_off_at, s.called_off_reason,
           {FULL_NAME} AS venue, {ADDRESS} AS address,
           COALESCE(v.latitude, building.latitude) AS latitude,
           COALESCE(v.longitude, building.longitude) AS longitude, site.name AS site,
           COALESCE((SELECT string_agg(ho.name, '、' ORDER BY h.position, h.id)
                       FROM host h JOIN organization ho ON ho.id = h.organization
                      WHERE h.activity = a.id AND h.role = 'host'), o.name) AS hosts
"""
LIST_FEED = f"{FEED_COLUMNS}, GREATEST(s.updated_at, a.updated_at) AS updated_at"


async def list_feed(organization: str, since: datetime, limit: int) -> list[Appointment]:
    where, values = public(Wanted(organization=organization), since, None)
    page = f"ORDER BY s.starts_at DESC, s.id LIMIT ${len(values) + 1}"
    return await database.fetch_as(Appointment, f"{LIST_FEED} {where} {page}", *values, limit)
