"""Batches: sessions that are planned and not saved yet."""

from datetime import datetime

import msgspec

from events_app.lib import codes, database
from events_app.programmes.queries.guests import ADD_GUESTS, GuestRow, lock_register
from events_app.programmes.rules.rows import Defaults, Row
from events_app.programmes.tables import ActivityState, BatchSource


class BatchRow(msgspec.Struct, frozen=True):
    id: int
    code: str
    source: BatchSource
    activity: int
    activity_code: str
    activity_title: str
    activity_state: ActivityState
    organization: int
    rows: list[Row]
    defaults: Defaults


_BATCH = """
    SELECT b.id, b.code, b.source, b.activity, a.code AS activity_code, a.title AS activity_title,
           a.state AS activity_state, a.organization, b.rows::text AS rows, b.defaults::text AS defaults
      FROM batch b JOIN activity a ON a.id = b.activity
     WHERE b.code = $1 AND a.organization = ANY($2)
"""


async def find_own_batch(code: str, organizations: list[int]) -> BatchRow | None:
    return _batch(await database.find(_BATCH, code, organizations))


async def lock_own_batch(code: str, organizations: list[int]) -> BatchRow | None:
    """Two tabs that save or edit the same batch come one after the other; the activity stays as it is meanwhile."""
    return _batch(await database.find(f"{_BATCH} FOR UPDATE OF b FOR SHARE OF a", code, organizations))


class OpenBatch(msgspec.Struct, frozen=True):
    """A batch that somebody has begun: how many rows are left, and since when."""

    code: str
    rows: int
    created_at: datetime


LIST_OPEN_BATCHES = """
    SELECT code, jsonb_array_length(rows) AS rows, created_at FROM batch WHERE activity = $1 ORDER BY id DESC LIMIT 10
"""


async def list_open_batches(activity: int) -> list[OpenBatch]:
    """The newest first."""
    return await database.fetch_as(OpenBatch, LIST_OPEN_BATCHES, activity)


ADD_BATCH = """
    INSERT INTO batch (code, activity, source, rows, defaults, created_at, created_by)
         VALUES ($1, $2, $3, $4::jsonb, $5::jsonb, now(), $6)
"""


async def add_batch(
    code: str, activity: int, source: BatchSource, rows: list[Row], defaults: Defaults, account: int
) -> None:
    await database.fetch(ADD_BATCH, code, activity, str(source), _json(rows), _json(defaults), account)


async def keep_rows(batch: int, rows: list[Row], defaults: Defaults) -> None:
    """What is left of the batch; without rows there is none."""
    if rows:
        sql = "UPDATE batch SET rows = $2::jsonb, defaults = $3::jsonb WHERE id = $1"
        await database.fetch(sql, batch, _json(rows), _json(defaults))
    else:
        await database.fetch("DELETE FROM batch WHERE id = $1", batch)


async def find_organizations_named(names: list[str]) -> dict[str, int]:
    sql = "SELECT name, id FROM organization WHERE name = ANY($1)"
    return {row["name"]: row["id"] for row in await database.fetch(sql, names)}


# Two batches may name the same new venue at once: the second finds the first one's.
ADD_VENUES = """
    INSERT INTO venue (code, organization, name, address)
         SELECT code, $1::int, name, address
           FROM unnest($2::text[], $3::text[], $4::text[]) AS v (code, name, address) ORDER BY name, address
    ON CONFLICT (organization, COALESCE(parent, 0), name, address) DO UPDATE SET name = EXCLUDED.name
      RETURNING name, address, id
"""


async def add_venues(organization: int, venues: list[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Ids by name and address; each is given once."""
    columns = [[codes.new_code() for _venue in venues], [name for name, _ in venues], [a for _, a in venues]]
    rows = await database.fetch(ADD_VENUES, organization, *columns)
    return {(row["name"], row["address"]): row["id"] for row in rows}


async def add_guests(organization: int, guests: list[GuestRow]) -> None:
    """Those who are not in the register yet."""
    await lock_register(organization)
    columns = [[getattr(guest, field) for guest in guests] for field in ("name", "honour", "unit")]
    await database.fetch(ADD_GUESTS, organization, *columns, [codes.new_code() for _guest in guests])


class NewSession(msgspec.Struct, frozen=True):
    code: str
    title: str
    starts_at: datetime
    ends_at: datetime
    venue: int
    site: int | None
    in_charge: int | None
    capacity: int
    waiting_list: bool
    opens_at: datetime
    closes_at: datetime
    check_in_opens_at: datetime
    check_in_closes_at: datetime
    guests: list[int]


# One statement for five hundred sessions; the guests of each keep the order in which they were written.
ADD_SESSIONS = """
    WITH given AS (
        SELECT * FROM json_to_recordset($2::json) AS s (
            code text, title text, starts_at timestamptz, ends_at timestamptz, venue int, site int, in_charge int,
            capacity int, waiting_list boolean, opens_at timestamptz, closes_at timestamptz,
            check_in_opens_at timestamptz, check_in_closes_at timestamptz, guests json)
    ), added AS (
        INSERT INTO session (activity, code, title, starts_at, ends_at, venue, site, in_charge, capacity, waiting_list,
                             opens_at, closes_at, check_in_opens_at, check_in_closes_at, created_at, updated_at)
             SELECT $1, code, title, starts_at, ends_at, venue, site, in_charge, capacity, waiting_list,
                    opens_at, closes_at, check_in_opens_at, check_in_closes_at, now(), now()
               FROM given
          RETURNING id, code
    )
    INSERT INTO appearance (session, guest)
         SELECT added.id, guest.id::int
           FROM given JOIN added USING (code)
           CROSS JOIN LATERAL json_array_elements_text(given.guests) WITH ORDINALITY AS guest (id, line)
       ORDER BY added.id, guest.line
"""


async def add_sessions(activity: int, sessions: list[NewSession]) -> None:
    await database.fetch(ADD_SESSIONS, activity, _json(sessions))


def _batch(row: database.Row | None) -> BatchRow | None:
    if row is None:
        return None
    decoded = {name: msgspec.json.decode(row[name]) for name in ("rows", "defaults")}
    return msgspec.convert({**row, **decoded}, BatchRow)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
