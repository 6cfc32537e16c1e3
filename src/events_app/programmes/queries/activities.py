"""Reads and writes of activities. Own rows are asked for by the organizations one organises for."""

from datetime import datetime
from decimal import Decimal

import msgspec

from events_app.lib import database
from events_app.lib.database import Row
from events_app.programmes.tables import ActivityState, Admission, Extent, HostRole, Kind


class HostRow(msgspec.Struct, frozen=True):
    role: HostRole
    code: str
    name: str


class ActivityRow(msgspec.Struct, frozen=True):
    id: int
    code: str
    organization: int
    organization_code: str
    organization_name: str
    programme_code: str
    programme_name: str
    programme_most: int | None
    kind: Kind
    title: str
    description: str
    admission: Admission
    extent: Extent
    most_sessions: int | None
    eligible_only: bool
    unit_quota: int | None
    walk_ins: bool
    minimum_age: int | None
    offer_minutes: int | None
    group_most: int
    minimum_minutes: int | None
    must_check_out: bool
    session_hours: Decimal | None
    certificates: bool
    certificate_hours: Decimal | None
    state: ActivityState
    published_at: datetime | None
    picture: str | None
    hosts: list[HostRow]


HOSTS = """
    COALESCE((SELECT json_agg(json_build_object('role', h.role, 'code', ho.code, 'name', ho.name)
                              ORDER BY h.position, h.id)
                FROM host h JOIN organization ho ON ho.id = h.organization
               WHERE h.activity = a.id), '[]')::text AS hosts
"""

_ACTIVITY = f"""
    SELECT a.id, a.code, a.organization, o.code AS organization_code, o.name AS organization_name,
           COALESCE(p.code, '') AS programme_code, COALESCE(p.name, '') AS programme_name,
           p.most_sessions AS programme_most, a.kind, a.title, a.description, a.admission, a.extent, a.most_sessions,
           a.eligible_only, a.unit_quota, a.walk_ins, a.minimum_age, a.offer_minutes, a.group_most,
           a.minimum_minutes, a.must_check_out, a.session_hours, a.certificates, a.certificate_hours, a.state,
           a.published_at, picture.code AS picture,
           {HOSTS}
      FROM activity a
      JOIN organization o ON o.id = a.organization
      LEFT JOIN programme p ON p.id = a.programme
      LEFT JOIN picture ON picture.activity = a.id
"""


async def find_published_activity(code: str) -> ActivityRow | None:
    return _activity(
        await database.find(f"{_ACTIVITY} WHERE a.code = $1 AND a.published_at IS NOT NULL", code)
    )


async def find_own_activity(code: str, organizations: list[int]) -> ActivityRow | None:
    sql = f"{_ACTIVITY} WHERE a.code = $1 AND a.organization = ANY($2)"
    return _activity(await database.find(sql, code, organizations))


async def find_submitted_activity(code: str, organizations: list[int]) -> ActivityRow | None:
    """Only of unions directly below these, and only while it waits for them."""
    sql = f"{_ACTIVITY} WHERE a.code = $1 AND o.parent = ANY($2) AND a.state = 'submitted'"
    return _activity(await database.find(sql, code, organizations))


class OwnActivity(msgspec.Struct, frozen=True):
    """An organiser's line: how many sessions, when the next one is, how many seats are held, how many people wait
    for a yes.
    """

    code: str
    title: str
    kind: Kind
    organization_name: str
    state: ActivityState
    first_at: datetime | None
    last_at: datetime | None
    sessions: int
    next_at: datetime | None
    taken: int
    capacity: int
    waiting: int
    pending: int


LIST_OWN_ACTIVITIES = """
    SELECT a.code, a.title, a.kind, o.name AS organization_name, a.state,
           min(s.starts_at) AS first_at, max(s.ends_at) AS last_at,
           count(s.id)::int AS sessions, min(s.starts_at) FILTER (WHERE s.ends_at > now()) AS next_at,
           COALESCE(sum(s.taken), 0)::int AS taken, COALESCE(sum(s.capacity), 0)::int AS capacity,
           COALESCE(sum(s.waiting), 0)::int AS waiting,
           (SELECT count(DISTINCT seat.registration)::int FROM session due JOIN seat ON seat.session = due.id
             WHERE due.activity = a.id AND due.called_off_at IS NULL AND seat.state = 'pending') AS pending
      FROM activity a
      JOIN organization o ON o.id = a.organization
      LEFT JOIN session s ON s.activity = a.id AND s.called_off_at IS NULL
     WHERE a.organization = ANY($1)
  GROUP BY a.id, o.name
  ORDER BY (a.published_at IS NULL) DESC, next_at NULLS LAST, a.id DESC
     LIMIT $2 OFFSET $3
"""


async def list_own_activities(organizations: list[int], limit: int, offset: int) -> list[OwnActivity]:
    """Drafts first, then by the next session."""
    return await database.fetch_as(OwnActivity, LIST_OWN_ACTIVITIES, organizations, limit, offset)


async def count_own_activities(organizations: list[int]) -> int:
    return int(
        await database.value("SELECT count(*) FROM activity WHERE organization = ANY($1)", organizations)
    )


class ProgrammeRow(msgspec.Struct, frozen=True):
    id: int
    code: str
    name: str


async def list_own_programmes(organizations: list[int]) -> list[ProgrammeRow]:
    sql = "SELECT id, code, name FROM programme WHERE organization = ANY($1) ORDER BY name"
    return await database.fetch_as(ProgrammeRow, sql, organizations)


class PictureRow(msgspec.Struct, frozen=True):
    image: bytes


async def find_picture(code: str) -> PictureRow | None:
    return await database.find_as(PictureRow, "SELECT image FROM picture WHERE code = $1", code)


async def remove_hosts(activity: int) -> None:
    await database.fetch("DELETE FROM host WHERE activity = $1", activity)


ADD_HOSTS = """
    INSERT INTO host (activity, organization, role, position)
         SELECT $1, organization, role, position
           FROM unnest($2::int[], $3::text[]) WITH ORDINALITY AS given (organization, role, position)
"""


async def add_hosts(activity: int, hosts: list[tuple[int, HostRole]]) -> None:
    """Organization ids with their roles, in this order."""
    await database.fetch(ADD_HOSTS, activity, [o for o, _ in hosts], [str(role) for _, role in hosts])


SAVE_PICTURE = """
    INSERT INTO picture (activity, code, image, width, height) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (activity) DO UPDATE
            SET code = EXCLUDED.code, image = EXCLUDED.image, width = EXCLUDED.width, height = EXCLUDED.height
"""


async def save_picture(activity: int, code: str, image: bytes, size: tuple[int, int]) -> None:
    """Replace the activity's picture; a new code, because addresses of pictures are cached for ever."""
    await database.fetch(SAVE_PICTURE, activity, code, image, *size)


def _activity(row: Row | None) -> ActivityRow | None:
    return msgspec.convert({**row, "hosts": msgspec.json.decode(row["hosts"])}, ActivityRow) if row else None
