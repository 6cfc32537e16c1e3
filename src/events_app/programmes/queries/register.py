"""The register of guests as its organisers read it: who they are, what they do, and when they can come."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from events_app.lib import database
from events_app.programmes.queries.venues import BUILDING, FULL_NAME
from events_app.programmes.tables import Answer


class Guest(msgspec.Struct, frozen=True):
    """All that is kept of a guest."""

    id: int
    code: str
    organization: int
    name: str
    honour: str
    unit: str
    fields: str
    languages: str
    region: str
    phone: str
    introduction: str
    weekdays: int


class GuestLine(Guest, frozen=True):
    """With the sessions to come: how many, and when the next one begins."""

    coming: int
    next_at: datetime | None


_GUEST = """
    SELECT g.id, g.code, g.organization, g.name, g.honour, g.unit, g.fields, g.languages, g.region, g.phone,
           g.introduction, g.weekdays
"""
# What takes a guest's time: not what is off, and not what they have declined.
_BUSY = """
      FROM appearance ap
      JOIN session s ON s.id = ap.session
      LEFT JOIN invitation i ON i.session = s.id AND i.guest = ap.guest
     WHERE ap.guest = g.id AND s.called_off_at IS NULL AND s.postponed_at IS NULL
       AND i.answer IS DISTINCT FROM 'declined'
"""
# Every filter is there always: a register holds thousands, not millions.
_SEARCHED = f"""
      FROM guest g
     WHERE g.organization = ANY($1)
       AND NOT EXISTS (SELECT FROM unnest($2::text[]) AS word
                        WHERE strpos(lower(concat_ws(' ', g.name, g.honour, g.unit, g.fields)), word) = 0)
       AND ($3 = '' OR strpos('、' || g.fields || '、', '、' || $3 || '、') > 0)
       AND ($4 = '' OR g.region LIKE $4 || '%')
       AND ($5::date IS NULL
            OR (g.weekdays >> (extract(isodow FROM $5::date)::int - 1)) & 1 = 1
               AND NOT EXISTS (SELECT FROM absence
                                WHERE absence.guest = g.id AND $5 BETWEEN first_day AND last_day)
               AND NOT EXISTS (SELECT {_BUSY} AND s.starts_at < $7 AND s.ends_at > $6))
"""


class Sought(msgspec.Struct, frozen=True):
    """Words are in lower case; a region is the significant part of a GB/T 2260 code."""

    words: Sequence[str]
    field: str
    region: str
    day: date | None
    since: datetime | None
    until: datetime | None


async def list_guests(organizations: list[int], sought: Sought, limit: int, offset: int) -> list[GuestLine]:
    sql = f"""{_GUEST}, (SELECT count(*)::int {_BUSY} AND s.ends_at > now()) AS coming,
           (SELECT min(s.starts_at) {_BUSY} AND s.ends_at > now()) AS next_at
    {_SEARCHED} ORDER BY g.name, g.id LIMIT $8 OFFSET $9"""
    return await database.fetch_as(GuestLine, sql, organizations, *_values(sought), limit, offset)


async def count_guests(organizations: list[int], sought: Sought) -> int:
    return int(await database.value(f"SELECT count(*) {_SEARCHED}", organizations, *_values(sought)))


async def find_own_guest(code: str, organizations: list[int]) -> Guest | None:
    sql = f"{_GUEST} FROM guest g WHERE g.code = $1 AND g.organization = ANY($2)"
    return await database.find_as(Guest, sql, code, organizations)


async def find_same_guest(organization: int, name: str, honour: str, unit: str) -> Guest | None:
    """Whom a line of exactly these words means."""
    sql = f"{_GUEST} FROM guest g WHERE g.organization = $1 AND g.name = $2 AND g.honour = $3 AND g.unit = $4"
    return await database.find_as(Guest, sql, organization, name, honour, unit)


class Choices(msgspec.Struct, frozen=True):
    """What the register can be narrowed to: fields, and the first two digits of regions."""

    fields: list[str]
    provinces: list[str]


LIST_CHOICES = """
    SELECT COALESCE((SELECT array_agg(DISTINCT field ORDER BY field)
                       FROM guest, unnest(string_to_array(fields, '、')) AS field
                      WHERE organization = ANY($1)), '{}') AS fields,
           COALESCE((SELECT array_agg(DISTINCT left(region, 2) ORDER BY left(region, 2))
                       FROM guest WHERE organization = ANY($1) AND region <> ''), '{}') AS provinces
"""


async def list_choices(organizations: list[int]) -> Choices:
    found = await database.find_as(Choices, LIST_CHOICES, organizations)
    assert found is not None
    return found


class AbsenceRow(msgspec.Struct, frozen=True):
    id: int
    first_day: date
    last_day: date
    reason: str


async def list_absences(guest: int, since: date) -> list[AbsenceRow]:
    """Those that are not over before `since`."""
    sql = "SELECT id, first_day, last_day, reason FROM absence WHERE guest = $1 AND last_day >= $2 ORDER BY first_day"
    return await database.fetch_as(AbsenceRow, sql, guest, since)


async def remove_absence(guest: int, absence: int) -> bool:
    sql = "DELETE FROM absence WHERE id = $1 AND guest = $2 RETURNING id"
    return await database.value(sql, absence, guest) is not None


class AppearanceRow(msgspec.Struct, frozen=True):
    """A session in which a guest appears, and what they said about it."""

    code: str
    title: str
    activity_title: str
    starts_at: datetime
    ends_at: datetime
    venue: str
    site_name: str
    postponed_at: datetime | None
    called_off_at: datetime | None
    answer: Answer | None
    remark: str
    is_busy: bool


LIST_APPEARANCES = f"""
    SELECT s.code, s.title, a.title AS activity_title, s.starts_at, s.ends_at, {FULL_NAME} AS venue,
           COALESCE(site.name, '') AS site_name, s.postponed_at, s.called_off_at, i.answer,
           COALESCE(i.remark, '') AS remark,
           s.called_off_at IS NULL AND s.postponed_at IS NULL AND i.answer IS DISTINCT FROM 'declined' AS is_busy
      FROM appearance ap
      JOIN session s ON s.id = ap.session
      JOIN activity a ON a.id = s.activity
      JOIN venue v ON v.id = s.venue
      {BUILDING}
      LEFT JOIN organization site ON site.id = s.site
      LEFT JOIN invitation i ON i.session = s.id AND i.guest = ap.guest
     WHERE ap.guest = $1
"""


async def list_coming_appearances(guest: int, now: datetime) -> list[AppearanceRow]:
    sql = f"{LIST_APPEARANCES} AND s.ends_at > $2 ORDER BY s.starts_at, s.id LIMIT 200"
    return await database.fetch_as(AppearanceRow, sql, guest, now)


async def list_past_appearances(guest: int, now: datetime) -> list[AppearanceRow]:
    """The latest thirty."""
    sql = f"{LIST_APPEARANCES} AND s.ends_at <= $2 ORDER BY s.starts_at DESC, s.id LIMIT 30"
    return await database.fetch_as(AppearanceRow, sql, guest, now)


def _values(sought: Sought) -> tuple[object, ...]:
    return (
        list(sought.words),
        sought.field,
        sought.region,
        sought.day,
        sought.since,
        sought.until,
    )
