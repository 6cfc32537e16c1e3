"""Is the demo there, what scripts may use of it, and the statements that load many rows at once."""

from collections.abc import Iterable, Sequence

import msgspec

from events_app.lib import database
from events_app.registration.tables import SeatState

# Two nodes that start together on an empty database load the demo once.
_LOCK = 0x64656D6F  # "demo"


async def wait_for_other_loaders() -> None:
    """Inside a transaction: others wait until it ends."""
    await database.fetch("SELECT pg_advisory_xact_lock($1)", _LOCK)


async def has_organization(code: str) -> bool:
    return bool(await database.value("SELECT EXISTS (SELECT FROM organization WHERE code = $1)", code))


async def list_taken_names(table: str, column: str, names: Sequence[str]) -> set[str]:
    rows = await database.fetch(f"SELECT {column} AS name FROM {table} WHERE {column} = ANY($1)", names)
    return {row["name"] for row in rows}


class StaffRow(msgspec.Struct, frozen=True):
    login: str
    role: str
    organization: str


LIST_STAFF = """
    SELECT a.login, m.role, o.code AS organization
      FROM membership m
      JOIN account a ON a.id = m.account
      JOIN organization o ON o.id = m.organization
     WHERE a.login = ANY($1) AND o.code = ANY($2)
  ORDER BY m.id
"""


async def list_staff(logins: list[str], organizations: list[str]) -> list[StaffRow]:
    return await database.fetch_as(StaffRow, LIST_STAFF, logins, organizations)


class OpenRow(msgspec.Struct, frozen=True):
    code: str
    activity: str
    capacity: int
    check_in_open: bool


LIST_OPEN = """
    SELECT s.code, a.code AS activity, s.capacity,
           now() BETWEEN s.check_in_opens_at AND s.check_in_closes_at AS check_in_open
      FROM unnest($1::text[]) WITH ORDINALITY AS wanted (code, line)
      JOIN session s USING (code)
      JOIN activity a ON a.id = s.activity
     WHERE a.published_at IS NOT NULL AND s.called_off_at IS NULL
       AND now() >= s.opens_at AND now() < s.closes_at
  ORDER BY wanted.line
"""


async def list_open(sessions: list[str]) -> list[OpenRow]:
    """Those of `sessions` one can register for now, in the given order."""
    return await database.fetch_as(OpenRow, LIST_OPEN, sessions)


class TicketRow(msgspec.Struct, frozen=True):
    session: str
    ticket: str
    signature: bytes


# What describes itself must not depend on what people have done since.
LIST_FIRST_TICKETS = """
    SELECT s.code AS session, r.ticket, r.signature
      FROM seat
      JOIN session s ON s.id = seat.session
      JOIN registration r ON r.id = seat.registration
     WHERE s.code = $1
  ORDER BY seat.id
     LIMIT $2
"""


async def list_first_tickets(session: str, number: int) -> list[TicketRow]:
    return await database.fetch_as(TicketRow, LIST_FIRST_TICKETS, session, number)


GIVE_BEARER = """
    INSERT INTO token (account, name, secret_digest, created_at)
         SELECT m.account, 'demo', $3, now()
           FROM membership m
           JOIN account a ON a.id = m.account
           JOIN organization o ON o.id = m.organization
          WHERE a.login = ANY($1) AND o.code = $2
          LIMIT 1
    ON CONFLICT (secret_digest) DO NOTHING
"""


async def add_token(logins: list[str], organization: str, digest: bytes) -> None:
    """For the account of one of these logins in this organization, unless it has this token."""
    await database.fetch(GIVE_BEARER, logins, organization, digest)


# People may be there already, so this cannot be a COPY; the second statement finds old and new alike.
_ADD_PEOPLE = """
    INSERT INTO person (name, phone, created_at)
         SELECT name, phone, now() FROM unnest($1::text[], $2::text[]) AS given (name, phone)
    ON CONFLICT (phone, name) DO NOTHING
"""
_FIND_PEOPLE = """
    SELECT p.id
      FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS given (name, phone, line)
      JOIN person p USING (phone, name)
  ORDER BY line
"""


async def save_people(names: list[str], phones: list[str]) -> list[int]:
    """Ids in the given order."""
    await database.fetch(_ADD_PEOPLE, names, phones)
    return [row["id"] for row in await database.fetch(_FIND_PEOPLE, names, phones)]


async def reserve_ids(table: str, number: int) -> list[int]:
    """Ascending; nobody else gets them."""
    sql = "SELECT nextval(pg_get_serial_sequence($1, 'id')) AS id FROM generate_series(1, $2)"
    return [row["id"] for row in await database.fetch(sql, table, number)]


async def copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    async with database.connection() as connection:
        await connection.copy_records_to_table(table, records=rows, columns=columns)


COUNT_SEATS = """
    UPDATE session
       SET taken = n.taken, waiting = n.waiting, waiting_last = n.waiting_last, attended = n.attended
      FROM (SELECT count(*) FILTER (WHERE state = ANY($2::text[])) AS taken,
                   count(*) FILTER (WHERE state = 'waitlisted') AS waiting,
                   COALESCE(max(waiting_number), 0) AS waiting_last,
                   count(attended_at) AS attended
              FROM seat WHERE session = $1) AS n
     WHERE session.id = $1
"""
_HELD = [SeatState.PENDING, SeatState.CONFIRMED, SeatState.OFFERED]


async def count_seats(session: int) -> None:
    """Set the session's counters from its seats, once, after they were loaded."""
    await database.fetch(COUNT_SEATS, session, _HELD)


async def refresh_statistics() -> None:
    """Right after many rows came in the planner would still believe in empty tables."""
    await database.fetch("ANALYZE session, person, registration, seat, scan")


class Stage(msgspec.Struct, frozen=True):
    """Where generated sessions can take place: an activity, one of its venues, who stands at the gate, its units."""

    activity: int
    code: str
    venue: int
    account: int
    units: list[str]


LIST_STAGES = """
    SELECT a.id AS activity, a.code, venue.id AS venue, gate.account,
           ARRAY(SELECT DISTINCT r.unit FROM registration r WHERE r.activity = a.id AND r.unit <> ''
               ORDER BY r.unit LIMIT 20) AS units
      FROM activity a
      JOIN LATERAL (SELECT v.id FROM session s JOIN venue v ON v.id = s.venue
                     WHERE s.activity = a.id ORDER BY s.id LIMIT 1) AS venue ON true
      JOIN LATERAL (SELECT m.account FROM membership m
                     WHERE m.organization = a.organization ORDER BY m.id LIMIT 1) AS gate ON true
     WHERE a.code = ANY($1) AND a.published_at IS NOT NULL AND a.admission = 'open'
  ORDER BY a.id
"""


async def list_stages(activities: list[str]) -> list[Stage]:
    return await database.fetch_as(Stage, LIST_STAGES, activities)


async def count_generated(prefix: str) -> tuple[int, int]:
    """How many sessions and how many registrations were generated before."""
    row = await database.find(
        "SELECT count(*) AS sessions, COALESCE(sum(taken), 0) AS seats FROM session WHERE starts_with(code, $1)",
        prefix,
    )
    assert row is not None
    return row["sessions"], row["seats"]


async def find_activity(code: str) -> int:
    return int(await database.value("SELECT id FROM activity WHERE code = $1", code))


PUT_ON_ROSTER = """
    UPDATE registration SET roster = $1 WHERE activity = $2 AND unit = $3
"""


async def put_on_roster(roster: int, activity: int, unit: str) -> None:
    """Whoever registered from this class."""
    await database.fetch(PUT_ON_ROSTER, roster, activity, unit)
