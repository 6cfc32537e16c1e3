"""What is known of how long people were in an activity's sessions. Own rows are asked for by the activity's id."""

# Statements share a condition; values are always parameters.

from datetime import datetime
from decimal import Decimal

import msgspec

from events_app.checkin.rules.hours import Presence, Worth
from events_app.lib import database

FIND_WORTH = """
    SELECT minimum_minutes, must_check_out, session_hours, certificates, certificate_hours
      FROM activity WHERE id = $1
"""


async def find_worth(activity: int) -> Worth:
    """Of an activity that is there."""
    found = await database.find_as(Worth, FIND_WORTH, activity)
    assert found is not None
    return found


async def find_activity_of(registration: int) -> int:
    return int(await database.value("SELECT activity FROM registration WHERE id = $1", registration))


# What was called off or put off has not been; its scans stay in the log.
LIST_PRESENCES = """
    SELECT seat.id AS seat, seat.registration, s.code AS session, s.starts_at, s.ends_at, seat.attended_at,
           COALESCE(seat.moved_at, seat.attended_at) AS moved_at, COALESCE(seat.evidence, 'scan') AS evidence,
           seat.inside, seat.seconds
      FROM session s
      JOIN seat ON seat.session = s.id AND seat.attended_at IS NOT NULL
     WHERE s.activity = $1 AND s.called_off_at IS NULL AND s.postponed_at IS NULL
       AND ($2::bigint[] IS NULL OR seat.registration = ANY($2))
  ORDER BY s.starts_at, s.id
"""


async def list_presences(activity: int, registrations: list[int] | None = None) -> list[Presence]:
    """By time; of all who came, or of these registrations."""
    return await database.fetch_as(Presence, LIST_PRESENCES, activity, registrations)


class Heading(msgspec.Struct, frozen=True):
    """A session as the column of a table."""

    code: str
    title: str
    starts_at: datetime
    ends_at: datetime

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


LIST_HEADINGS = """
    SELECT code, title, starts_at, ends_at FROM session
     WHERE activity = $1 AND called_off_at IS NULL AND postponed_at IS NULL
  ORDER BY starts_at, id
"""


async def list_headings(activity: int) -> list[Heading]:
    return await database.fetch_as(Heading, LIST_HEADINGS, activity)


class HoursPerson(msgspec.Struct, frozen=True):
    """Somebody who is registered, and the certificate they have: `certificate` is its code."""

    registration: int
    name: str
    unit: str
    ticket: str
    certificate: str | None
    number: str | None
    hours: Decimal | None
    sessions: int
    revoked_at: datetime | None


_PEOPLE = """
      FROM registration r
      JOIN person p ON p.id = r.person
      LEFT JOIN certificate c ON c.registration = r.id
     WHERE r.activity = $1
       AND EXISTS (SELECT FROM seat WHERE seat.registration = r.id
                      AND (seat.state <> 'released' OR seat.attended_at IS NOT NULL))
       AND ($2 = '' OR strpos(p.name, $2) > 0 OR strpos(r.unit, $2) > 0
            OR r.erased_at IS NULL AND right(p.phone, 4) = $2)
       AND ($3::bigint[] IS NULL OR r.id = ANY($3))
"""
LIST_PEOPLE = f"""
    SELECT r.id AS registration, p.name, r.unit, r.ticket, c.code AS certificate, c.number, c.hours,
           COALESCE(c.sessions, 0) AS sessions, c.revoked_at
    {_PEOPLE}
  ORDER BY r.id LIMIT $4 OFFSET $5
"""


async def list_people(
    activity: int, words: str, only: list[int] | None, limit: int, offset: int
) -> list[HoursPerson]:
    """By order of registering; `words` is looked for in name and unit, or is a phone's last four digits."""
    return await database.fetch_as(HoursPerson, LIST_PEOPLE, activity, words, only, limit, offset)


COUNT_PEOPLE = f"SELECT count(*) {_PEOPLE}"


async def count_people(activity: int, words: str, only: list[int] | None) -> int:
    return int(await database.value(COUNT_PEOPLE, activity, words, only))


LIST_WITHOUT = """
    SELECT r.id FROM registration r
     WHERE r.activity = $1 AND r.id = ANY($2) AND r.erased_at IS NULL
       AND NOT EXISTS (SELECT FROM certificate c WHERE c.registration = r.id)
"""


async def list_without(activity: int, registrations: list[int]) -> list[int]:
    """Those of the registrations that have no certificate yet."""
    rows = await database.fetch(LIST_WITHOUT, activity, registrations)
    return [row["id"] for row in rows]


class Given(msgspec.Struct, frozen=True):
    """What somebody's certificate says."""

    registration: int
    hours: Decimal | None
    sessions: int


LIST_GIVEN = """
    SELECT c.registration, c.hours, c.sessions
      FROM registration r JOIN certificate c ON c.registration = r.id
     WHERE r.activity = $1 AND r.erased_at IS NULL AND c.revoked_at IS NULL
"""


async def list_given(activity: int) -> list[Given]:
    """The certificates that could be renewed."""
    return await database.fetch_as(Given, LIST_GIVEN, activity)
