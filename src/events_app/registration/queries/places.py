"""Places for several people or in several sessions, or under rules that count: inside one transaction.

The order of the locks is everybody's: sessions by id, then people by id.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.registration.queries.taking import Applicant
from events_app.registration.rules.admission import EligibleName, HeldSeat, NewSeat
from events_app.registration.tables import SeatState


class LockedRoom(msgspec.Struct, frozen=True):
    """A session as it is while nobody else can move its seats."""

    id: int
    code: str
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    postponed_at: datetime | None
    called_off_at: datetime | None
    capacity: int
    taken: int
    waiting: int
    waiting_list: bool
    waiting_last: int


# A course is taken in all its sessions that are still to come, whichever of them the form stood on.
LOCK_ROOMS = """
    SELECT s.id, s.code, s.starts_at, s.ends_at, s.opens_at, s.closes_at, s.postponed_at, s.called_off_at,
           s.capacity, s.taken, s.waiting, s.waiting_list, s.waiting_last
      FROM session s
     WHERE s.activity = $1
       AND (s.code = ANY($2)
            OR $3::bool AND s.called_off_at IS NULL AND (s.ends_at > now() OR s.postponed_at IS NOT NULL))
  ORDER BY s.id
       FOR NO KEY UPDATE OF s
"""


async def lock_rooms(activity: int, codes: Sequence[str], *, course: bool) -> list[LockedRoom]:
    """Those sessions of the activity, all that are still to come where it is a `course`; by id."""
    return await database.fetch_as(LockedRoom, LOCK_ROOMS, activity, list(codes), course)


class DrawState(msgspec.Struct, frozen=True):
    session: int
    drawn: bool
    entry_last: int


LIST_DRAW_STATES = """
    SELECT s.id AS session,
           EXISTS (SELECT FROM draw d WHERE d.session = s.id AND d.drawn_at IS NOT NULL) AS drawn,
           COALESCE((SELECT max(entry_number) FROM seat
                      WHERE seat.session = s.id AND entry_number IS NOT NULL), 0) AS entry_last
      FROM unnest($1::int[]) AS s (id)
"""


async def list_draw_states(sessions: Sequence[int]) -> list[DrawState]:
    return await database.fetch_as(DrawState, LIST_DRAW_STATES, list(sessions))


ADD_PEOPLE = """
    INSERT INTO person (name, phone, created_at)
         SELECT name, phone, now() FROM unnest($1::text[], $2::text[]) AS typed (name, phone) ORDER BY phone, name
    ON CONFLICT (phone, name) DO NOTHING
"""
# What one person may have is counted over sessions that are locked by nobody else: only this row keeps two of their
# registrations apart.
LOCK_PEOPLE = """
    SELECT p.id, p.name, p.phone FROM person p
      JOIN unnest($1::text[], $2::text[]) AS typed (name, phone) ON typed.name = p.name AND typed.phone = p.phone
  ORDER BY p.id
       FOR NO KEY UPDATE OF p
"""


async def lock_people(people: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Ids by name and phone; whoever is new is added."""
    names, phones = [name for name, _phone in people], [phone for _name, phone in people]
    found: dict[tuple[str, str], int] = {}
    while found.keys() != set(people):  # somebody whom we waited for may have been erased meanwhile
        await database.fetch(ADD_PEOPLE, names, phones)
        rows = await database.fetch(LOCK_PEOPLE, names, phones)
        found = {(row["name"], row["phone"]): row["id"] for row in rows}
    return found


LIST_HELD_SEATS = """
    SELECT r.person, r.activity, seat.session, seat.party
      FROM registration r
      JOIN activity a ON a.id = r.activity
      JOIN seat ON seat.registration = r.id
      JOIN session s ON s.id = seat.session
     WHERE r.person = ANY($1) AND (r.activity = $2 OR a.programme = $3)
       AND seat.state <> 'released' AND s.called_off_at IS NULL
"""


async def list_held_seats(people: Sequence[int], activity: int, programme: int | None) -> list[HeldSeat]:
    """What they hold in the activity and in its programme, under the lock of their rows."""
    return await database.fetch_as(HeldSeat, LIST_HELD_SEATS, list(people), activity, programme)


class UnitCount(msgspec.Struct, frozen=True):
    session: int
    unit: str
    number: int


LIST_UNIT_COUNTS = """
    SELECT session, unit, sum(number)::int AS number
      FROM (SELECT seat.session, r.unit, count(*) AS number
              FROM seat JOIN registration r ON r.id = seat.registration
             WHERE seat.session = ANY($1) AND seat.state <> 'released' AND r.unit <> ''
             GROUP BY seat.session, r.unit
             UNION ALL
            SELECT h.session, roster.unit, h.number
              FROM headcount h JOIN roster ON roster.id = h.roster WHERE h.session = ANY($1)) AS counts
  GROUP BY session, unit
"""


async def list_unit_counts(sessions: Sequence[int]) -> list[UnitCount]:
    """Seats that are not released and unnamed heads, by unit as it was written."""
    return await database.fetch_as(UnitCount, LIST_UNIT_COUNTS, list(sessions))


LIST_ELIGIBLE_NAMES = """
    SELECT o.name, e.quota FROM eligible_unit e JOIN organization o ON o.id = e.organization
     WHERE e.activity = $1 ORDER BY o.name
"""


async def list_eligible_names(activity: int) -> list[EligibleName]:
    return await database.fetch_as(EligibleName, LIST_ELIGIBLE_NAMES, activity)


class Registered(msgspec.Struct, frozen=True):
    """A person's registration; `mine`: from the same phone or script; `added`: just now."""

    id: int
    person: int
    unit: str
    ticket: str
    signature: bytes
    mine: bool
    added: bool


ADD_REGISTRATIONS = """
    INSERT INTO registration (activity, person, participant, unit, answers, ticket, signature, pin, phone_digest,
                              terms, birth_year, guardian_name, guardian_phone, guardian_consented_at,
                              sensitive_consented_at, consented_at, created_at)
         SELECT $1, person, person, $2, answers::jsonb, ticket, signature, pin, $3::bytea,
                $4::smallint, birth_year, guardian_name, guardian_phone, CASE WHEN guardian_name <> '' THEN now() END,
                CASE WHEN $5::bool THEN now() END, now(), now()
           FROM unnest($6::bigint[], $7::text[], $8::text[], $9::bytea[], $10::text[], $11::smallint[], $12::text[],
                       $13::text[]) WITH ORDINALITY
                AS typed (person, answers, ticket, signature, pin, birth_year, guardian_name, guardian_phone, place)
       ORDER BY place
    ON CONFLICT (activity, person) DO UPDATE SET activity = EXCLUDED.activity
      RETURNING id, person, unit, ticket, signature, COALESCE(phone_digest = $3, false) AS mine,
                ticket = ANY($8) AS added
"""


async def add_registrations(
    activity: int, people: Sequence[int], applicants: Sequence[Applicant]
) -> list[Registered]:
    """Of everybody, in their order; whoever is registered for the activity keeps what they have."""
    first = applicants[0]
    lines = zip(
        *(
            (a.answers, a.ticket, a.signature, a.pin, a.birth_year, a.guardian_name, a.guardian_phone)
            for a in applicants
        ),
        strict=True,
    )
    shared = (activity, first.unit, first.phone_digest, first.terms, first.sensitive)
    rows = await database.fetch_as(Registered, ADD_REGISTRATIONS, *shared, list(people), *map(list, lines))
    return sorted(rows, key=lambda row: list(people).index(row.person))


RENEW_REGISTRATION = """
    UPDATE registration
       SET unit = $2, answers = $3::jsonb, terms = $4, birth_year = $5, guardian_name = $6::varchar,
           guardian_phone = $7, guardian_consented_at = CASE WHEN $6::varchar <> '' THEN now() END,
           sensitive_consented_at = CASE WHEN $8::bool THEN now() END, consented_at = now()
     WHERE id = $1
"""


async def renew_registration(registration: int, applicant: Applicant) -> None:
    """What was answered and agreed to last is what counts."""
    a = applicant
    given = (a.unit, a.answers, a.terms, a.birth_year, a.guardian_name, a.guardian_phone, a.sensitive)
    await database.fetch(RENEW_REGISTRATION, registration, *given)


# A seat that was given back is taken anew; one that is held cannot come between under the lock of its session.
ADD_SEATS = """
    WITH given AS (
        SELECT * FROM unnest($1::bigint[], $2::int[], $3::text[], $4::int[], $5::int[], $6::bigint[], $7::bool[])
               WITH ORDINALITY
               AS s (registration, session, state, waiting_number, entry_number, party, walk_in, place)
    ), added AS (
        INSERT INTO seat (registration, session, state, waiting_number, entry_number, party, walk_in, joined_at)
             SELECT registration, session, state, waiting_number, entry_number, party, walk_in, now()
               FROM given ORDER BY place
        ON CONFLICT (registration, session) DO UPDATE
                SET state = EXCLUDED.state, waiting_number = EXCLUDED.waiting_number,
                    entry_number = COALESCE(EXCLUDED.entry_number, seat.entry_number), party = EXCLUDED.party,
                    walk_in = EXCLUDED.walk_in, joined_at = EXCLUDED.joined_at, released_at = NULL, cause = NULL,
                    reason = '', replaces = NULL
              WHERE seat.state = 'released'
          RETURNING id, registration, session, state
    ), counted AS (
        UPDATE session
           SET taken = taken + n.placed, waiting = waiting + n.lined, waiting_last = waiting_last + n.lined
          FROM (SELECT session, count(*) FILTER (WHERE state IN ('pending', 'confirmed'))::int AS placed,
                       count(*) FILTER (WHERE state = 'waitlisted')::int AS lined
                  FROM added GROUP BY session) AS n
         WHERE session.id = n.session
    )
    SELECT id, registration, session FROM added
"""


async def add_seats(seats: Sequence[NewSeat]) -> dict[tuple[int, int], int]:
    """Ids by registration and session; the sessions count them."""
    columns = zip(
        *(
            (s.registration, s.session, str(s.state), s.waiting_number, s.entry_number, s.party, s.walk_in)
            for s in seats
        ),
        strict=True,
    )
    rows = await database.fetch(ADD_SEATS, *map(list, columns))
    return {(row["registration"], row["session"]): row["id"] for row in rows}


WRITE_DOWN = """
    WITH remembered AS (
        INSERT INTO idempotency_key (token, key, fingerprint, seat, state, position, created_at)
             SELECT $1::int, $2::text, $3::bytea, $4, $5, $6, now() WHERE $2::text IS NOT NULL
    )
    INSERT INTO audit_entry (at, account, organization, action, subject, detail, address, request_id)
         VALUES (now(), $7, $8, 'registration.create', $9 || '/' || $4::bigint, jsonb_build_object('token', $1::int),
                 $10, $11)
"""


async def write_down(
    applicant: Applicant, organization: int, session: str, seat: int, state: SeatState, position: int | None
) -> None:
    """That a script took this seat, and what it was answered; raises like `take_seat`."""
    a = applicant
    answer = (a.token, a.key, a.fingerprint, seat, str(state), position)
    await database.fetch(WRITE_DOWN, *answer, a.account, organization, session, a.address, a.request_id)


# Whoever is just registering sees it in the session that they lock, and looks at the rules again.
TOUCH_SESSIONS = """
    WITH ruled AS (
        SELECT s.id FROM session s JOIN activity a ON a.id = s.activity
         WHERE a.id = $1 OR a.programme = $2 ORDER BY s.id FOR NO KEY UPDATE OF s
    )
    UPDATE session SET updated_at = clock_timestamp() FROM ruled WHERE session.id = ruled.id
"""


async def touch_sessions(activity: int, programme: int | None) -> None:
    """Rules of the activity were changed, or those of its `programme` where it is given."""
    await database.fetch(TOUCH_SESSIONS, activity, programme)
