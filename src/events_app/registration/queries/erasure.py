"""What is personal goes, the counts stay: which registrations are due, and the statements that erase them."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from events_app.lib import database

# No form takes a number like this one: whoever types it and the name does not become this person.
NOBODY = "（已删除）"
_PHONE = "'9' || lpad(id::text, 11, '0')"

# An activity has ended when its last session has. One that was postponed is still to come.
_ENDED = """
    SELECT activity, max(COALESCE(called_off_at, ends_at)) AS at
      FROM session
  GROUP BY activity
    HAVING bool_and(postponed_at IS NULL OR called_off_at IS NOT NULL)
"""


class Retention(msgspec.Struct, frozen=True):
    """When an activity ended, None while it has not, and how long each version of its terms keeps what it asks for."""

    activity: int
    ended_at: datetime | None
    erased_until: datetime | None
    keep_days: list[int]
    least_days: int


_RETENTION = f"""
    WITH ended AS ({_ENDED}), days AS (
        SELECT t.activity, array_agg(t.keep_days) AS keep_days,
               min(LEAST(t.keep_days, (SELECT min((q ->> 'keep_days')::int)
                                         FROM jsonb_array_elements(t.questions) AS q))) AS least_days
          FROM terms t
      GROUP BY t.activity
    )
    SELECT a.id AS activity, ended.at AS ended_at, a.erased_until, COALESCE(keep_days, '{{180}}') AS keep_days,
           COALESCE(least_days, 180) AS least_days
      FROM activity a LEFT JOIN ended ON ended.activity = a.id LEFT JOIN days ON days.activity = a.id
"""


async def find_retention(activity: int) -> Retention | None:
    return await database.find_as(Retention, f"{_RETENTION} WHERE a.id = $1", activity)


# Something fell due since the activity was last gone through. Once a month everything is looked at again, for what was
# written down late.
LIST_DUE = f"""
    {_RETENTION}
     WHERE ended.at + COALESCE(least_days, 180) * interval '1 day' <= $1
       AND (a.erased_until IS NULL OR a.erased_until < $1 - interval '30 days' OR EXISTS (
           SELECT FROM terms t
            CROSS JOIN LATERAL (SELECT t.keep_days AS days UNION ALL
                                SELECT (q ->> 'keep_days')::int FROM jsonb_array_elements(t.questions) AS q) AS kept
            WHERE t.activity = a.id AND ended.at + days * interval '1 day' > a.erased_until
              AND ended.at + days * interval '1 day' <= $1))
  ORDER BY a.id
"""


async def list_due(now: datetime) -> list[Retention]:
    return await database.fetch_as(Retention, LIST_DUE, now)


class Kept(msgspec.Struct, frozen=True):
    """A registration that is not erased yet, under the `terms` of this number."""

    id: int
    person: int
    terms: int


# Along registration_activity_person_uq: whoever was erased belongs to a newer person, so a run ends.
LIST_KEPT = """
    SELECT id, person, terms FROM registration
     WHERE activity = $1 AND person > $2 AND erased_at IS NULL
  ORDER BY person
     LIMIT $3
"""


async def list_kept(activity: int, after: int, most: int) -> list[Kept]:
    """The next ones by person."""
    return await database.fetch_as(Kept, LIST_KEPT, activity, after, most)


# Everybody who takes a place locks the person before the registration.
LOCK_PERSONS = """
    SELECT id FROM person
     WHERE id IN (SELECT person FROM registration WHERE id = ANY($1))
  ORDER BY id
       FOR UPDATE
"""


async def lock_persons(registrations: Sequence[int]) -> list[int]:
    rows = await database.fetch(LOCK_PERSONS, registrations)
    return [row["id"] for row in rows]


# The seats stay and with them the counts; the old ticket and its six digits open nothing any more.
ERASE = f"""
    WITH gone AS (
        SELECT id FROM registration WHERE id = ANY($1) AND erased_at IS NULL ORDER BY id FOR UPDATE
    ), fresh AS MATERIALIZED (
        SELECT gone.id AS registration, nextval(pg_get_serial_sequence('person', 'id')) AS id FROM gone
    ), nobody AS (
        INSERT INTO person (id, name, phone, created_at) SELECT id, $2, {_PHONE}, now() FROM fresh
    ), files AS (
        DELETE FROM attachment USING gone WHERE attachment.registration = gone.id
    ), reasons AS (
        UPDATE seat SET reason = '' FROM gone WHERE seat.registration = gone.id AND reason <> ''
    ), answered AS (
        DELETE FROM idempotency_key USING seat, gone
         WHERE idempotency_key.seat = seat.id AND seat.registration = gone.id
    )
    UPDATE registration
       SET person = fresh.id, unit = '', answers = '{{}}', birth_year = NULL, guardian_name = '', guardian_phone = '',
           guardian_consented_at = NULL, sensitive_consented_at = NULL, phone_digest = NULL,
           signature = sha256(gen_random_uuid()::text::bytea) || sha256(gen_random_uuid()::text::bytea),
           pin = lpad(floor(random() * 1000000)::int::text, 6, '0'), erased_at = now()
      FROM fresh
     WHERE registration.id = fresh.registration
 RETURNING registration.id
"""


async def erase(registrations: Sequence[int]) -> list[int]:
    """Which of them are erased now and were not before. Under the lock of their persons."""
    rows = await database.fetch(ERASE, registrations, NOBODY)
    return [row["id"] for row in rows]


DELETE_PERSONS = """
    DELETE FROM person
     WHERE id = ANY($1) AND NOT EXISTS (SELECT FROM registration WHERE registration.person = person.id)
"""


async def delete_persons(persons: Sequence[int]) -> None:
    """Those of the locked `persons` who are registered for nothing any more."""
    await database.fetch(DELETE_PERSONS, persons)


ERASE_ANSWERS = """
    WITH less AS (
        UPDATE registration SET answers = answers - $2::text[]
         WHERE id = ANY($1) AND answers ?| $2::text[] AND erased_at IS NULL
     RETURNING id
    ), files AS (
        DELETE FROM attachment WHERE registration = ANY($1) AND question = ANY($2)
    )
    SELECT id FROM less
"""


async def erase_answers(registrations: Sequence[int], questions: Sequence[str]) -> int:
    """In how many there was an answer to one of these questions."""
    return len(await database.fetch(ERASE_ANSWERS, registrations, questions))


ERASE_ROSTERS = """
    WITH ours AS (
        UPDATE roster SET leader_name = '', leader_phone = '', revoked_at = COALESCE(revoked_at, now())
         WHERE activity = $1
     RETURNING id
    )
    DELETE FROM roster_import USING ours WHERE roster_import.roster = ours.id
"""


async def erase_rosters(activity: int) -> None:
    """The files that units sent for this activity, and who led them; their links open nothing from now on."""
    await database.fetch(ERASE_ROSTERS, activity)


async def note_erased(activity: int, until: datetime) -> None:
    await database.fetch("UPDATE activity SET erased_until = $2 WHERE id = $1", activity, until)


async def list_phones_registrations(phone: bytes) -> list[int]:
    """What was registered with this phone and is not erased."""
    rows = await database.fetch(
        "SELECT id FROM registration WHERE phone_digest = $1 AND length(phone_digest) = 32 ORDER BY id", phone
    )
    return [row["id"] for row in rows]
