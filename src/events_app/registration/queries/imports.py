"""A unit's files: kept while they are looked through, and saved many rows at a time."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.registration.rules.roster_rows import Row
from events_app.registration.rules.rosters import Known, NewPerson


class ImportRow(msgspec.Struct, frozen=True):
    """A file that is looked through, or saved. `running`: a program is saving it at this moment."""

    id: int
    code: str
    roster: int
    rows: list[Row]
    sessions: list[str]
    remarks: list[str]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    done: int
    problem: str
    running: bool


# Whoever saves it holds this lock until its transaction ends, however it ends.
_LOCK_SPACE = 5_431
_IMPORT = f"""
    SELECT i.id, i.code, i.roster, i.rows::text AS rows, i.sessions::text AS kept, i.created_at, i.started_at,
           i.finished_at, i.done, i.problem,
           EXISTS (SELECT FROM pg_locks l
                    WHERE l.locktype = 'advisory' AND l.classid = {_LOCK_SPACE} AND l.objid = (i.id % 2147483647)::oid
                      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                      AND l.granted AND l.pid <> pg_backend_pid()) AS running
      FROM roster_import i
"""


async def find_import(roster: int, code: str) -> ImportRow | None:
    return _import(await database.find(f"{_IMPORT} WHERE i.roster = $1 AND i.code = $2", roster, code))


async def lock_import(roster: int, code: str) -> ImportRow | None:
    """Two tabs that save or edit the same file come one after the other."""
    sql = f"{_IMPORT} WHERE i.roster = $1 AND i.code = $2 FOR UPDATE OF i"
    return _import(await database.find(sql, roster, code))


async def claim_import(import_: int) -> bool:
    """Inside the transaction that saves it; False when another one is at it."""
    sql = "SELECT pg_try_advisory_xact_lock($1, ($2::bigint % 2147483647)::int)"
    return bool(await database.value(sql, _LOCK_SPACE, import_))


ADD_IMPORT = """
    INSERT INTO roster_import (code, roster, rows, sessions, digest, created_at)
         VALUES ($1, $2, $3::jsonb, $4::jsonb, $5::bytea, now())
"""


async def add_import(
    code: str, roster: int, rows: list[Row], sessions: list[str], remarks: list[str], digest: bytes
) -> None:
    kept = {"codes": sessions, "remarks": remarks}
    await database.fetch(ADD_IMPORT, code, roster, _json(rows), _json(kept), digest)


FIND_SAME = """
    SELECT code FROM roster_import
     WHERE roster = $1 AND digest = $2::bytea AND sessions->'codes' = $3::jsonb AND finished_at IS NULL
  ORDER BY id DESC LIMIT 1
"""


async def find_same(roster: int, digest: bytes, sessions: list[str]) -> str | None:
    """The code of an import of the very same file that is not finished."""
    found: str | None = await database.value(FIND_SAME, roster, digest, _json(sessions))
    return found


class OpenImport(msgspec.Struct, frozen=True):
    code: str
    rows: int
    created_at: datetime


LIST_OPEN = """
    SELECT code, jsonb_array_length(rows) AS rows, created_at FROM roster_import
     WHERE roster = $1 AND finished_at IS NULL ORDER BY id DESC LIMIT 10
"""


async def list_open_imports(roster: int) -> list[OpenImport]:
    return await database.fetch_as(OpenImport, LIST_OPEN, roster)


async def keep_rows(import_: int, rows: list[Row]) -> None:
    await database.fetch("UPDATE roster_import SET rows = $2::jsonb WHERE id = $1", import_, _json(rows))


async def remove_import(import_: int) -> None:
    await database.fetch("DELETE FROM roster_import WHERE id = $1", import_)


async def start_import(import_: int) -> None:
    sql = "UPDATE roster_import SET started_at = now(), done = 0, problem = '' WHERE id = $1"
    await database.fetch(sql, import_)


FINISH_IMPORT = """
    UPDATE roster_import
       SET rows = $2::jsonb, done = $3, started_at = CASE WHEN $4::bool THEN started_at END,
           finished_at = CASE WHEN $4::bool THEN now() END, problem = ''
     WHERE id = $1
"""


async def finish_import(import_: int, left: list[Row], done: int) -> None:
    """In the transaction that saved `done` rows: what is left stays to be mended."""
    await database.fetch(FINISH_IMPORT, import_, _json(left), done, not left)


async def note_problem(import_: int, problem: str) -> None:
    sql = "UPDATE roster_import SET started_at = NULL, done = 0, problem = $2 WHERE id = $1 AND finished_at IS NULL"
    await database.fetch(sql, import_, problem[:300])


async def note_progress(import_: int, done: int) -> None:
    """Beside the transaction that is running, so that others see it."""
    assert database.engine.pool
    async with database.engine.pool.acquire() as c:
        await c.execute("UPDATE roster_import SET done = $2 WHERE id = $1", import_, done)


FIND_KNOWN = """
    SELECT p.id AS person, p.name, p.phone, r.id AS registration, r.roster, COALESCE(r.answers, '{}')::text AS answers,
           r.birth_year, COALESCE(r.guardian_name, '') AS guardian_name,
           COALESCE(r.guardian_phone, '') AS guardian_phone
      FROM (SELECT DISTINCT name, phone FROM unnest($2::text[], $3::text[]) AS t (name, phone)) AS typed
      JOIN person p ON p.phone = typed.phone AND p.name = typed.name
      LEFT JOIN registration r ON r.person = p.id AND r.activity = $1
"""


async def find_known(activity: int, people: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Known]:
    """Those of these names and phones who have been met, with their registration for the activity."""
    names, phones = [name for name, _phone in people], [phone for _name, phone in people]
    rows = await database.fetch(FIND_KNOWN, activity, names, phones)
    known = [msgspec.convert({**row, "answers": msgspec.json.decode(row["answers"])}, Known) for row in rows]
    return {(one.name, one.phone): one for one in known}


# What a list does not say, such as an answer given on the ticket's page, stays.
ADD_REGISTRATIONS = """
    INSERT INTO registration (activity, person, participant, unit, roster, terms, answers, ticket, signature, pin,
                              birth_year, guardian_name, guardian_phone, guardian_consented_at,
                              sensitive_consented_at, consented_at, created_at)
         SELECT $1, person, person, $2, $3, $4::smallint, answers::jsonb, ticket, signature, pin, birth_year,
                guardian_name, guardian_phone, CASE WHEN guardian_name <> '' THEN now() END,
                CASE WHEN $5::bool THEN now() END, now(), now()
           FROM unnest($6::bigint[], $7::text[], $8::text[], $9::bytea[], $10::text[], $11::smallint[], $12::text[],
                       $13::text[]) WITH ORDINALITY
                AS typed (person, answers, ticket, signature, pin, birth_year, guardian_name, guardian_phone, line)
       ORDER BY line
    ON CONFLICT (activity, person) DO UPDATE
            SET answers = registration.answers || EXCLUDED.answers, terms = EXCLUDED.terms,
                birth_year = COALESCE(EXCLUDED.birth_year, registration.birth_year),
                guardian_name = COALESCE(NULLIF(EXCLUDED.guardian_name, ''), registration.guardian_name),
                guardian_phone = COALESCE(NULLIF(EXCLUDED.guardian_phone, ''), registration.guardian_phone),
                guardian_consented_at = COALESCE(EXCLUDED.guardian_consented_at, registration.guardian_consented_at),
                sensitive_consented_at = COALESCE(EXCLUDED.sensitive_consented_at,
                                                  registration.sensitive_consented_at),
                consented_at = now()
          WHERE registration.roster = EXCLUDED.roster
      RETURNING id, person
"""


async def add_registrations(
    activity: int, unit: str, roster: int, terms: int, sensitive: bool, people: Sequence[NewPerson]
) -> dict[int, int]:
    """Ids by person. Whoever is on this list already keeps the ticket."""
    columns = map(list, zip(*map(msgspec.structs.astuple, people), strict=True))
    rows = await database.fetch(ADD_REGISTRATIONS, activity, unit, roster, terms, sensitive, *columns)
    return {row["person"]: row["id"] for row in rows}


FORGET_PEOPLE = """
    DELETE FROM person p
     WHERE p.id = ANY($1) AND p.created_at = now() AND NOT EXISTS (SELECT FROM registration r WHERE r.person = p.id)
"""


async def forget_people(people: Sequence[int]) -> None:
    """Those who were added in this transaction and got no place."""
    await database.fetch(FORGET_PEOPLE, list(people))


def _import(row: database.Row | None) -> ImportRow | None:
    if row is None:
        return None
    kept = msgspec.json.decode(row["kept"])
    given = {name: value for name, value in row.items() if name != "kept"}
    rows = msgspec.json.decode(row["rows"], type=list[Row])
    more = {"rows": rows, "sessions": kept["codes"], "remarks": kept["remarks"]}
    return msgspec.convert(given | more, ImportRow)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
