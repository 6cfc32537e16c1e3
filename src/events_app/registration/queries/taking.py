"""Seats, and the statements that settle who gets one."""

from datetime import datetime

import msgspec

from events_app.accounts.rules import AT_THE_GATE
from events_app.lib import database
from events_app.programmes.tables import Admission, Extent, Kind
from events_app.registration.tables import SeatState

_AT_THE_GATE = sorted(AT_THE_GATE)


class OpenSession(msgspec.Struct, frozen=True):
    """What registering needs to know about a session beforehand; `unit_quotas`: some unit's seats are counted.

    Whoever changes a rule changes `updated_at` too, under the lock of the session. `stands_for` are the organizations
    for which a script may register people, None when it may not (any more).
    """

    id: int
    organization: int
    activity: int
    kind: Kind
    terms: int
    admission: Admission
    extent: Extent
    most_sessions: int | None
    programme: int | None
    programme_most: int | None
    eligible_only: bool
    unit_quota: int | None
    unit_quotas: bool
    walk_ins: bool
    minimum_age: int | None
    asks_birth_year: bool
    group_most: int
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    check_in_opens_at: datetime
    postponed_at: datetime | None
    called_off_at: datetime | None
    updated_at: datetime
    capacity: int
    taken: int
    waiting: int
    waiting_list: bool
    stands_for: list[int] | None


FIND_OPEN_SESSION = """
    SELECT s.id, a.organization, s.activity, a.kind, a.admission, a.extent, a.most_sessions, a.programme,
           p.most_sessions AS programme_most, a.eligible_only, a.unit_quota,
           a.unit_quota IS NOT NULL
           OR EXISTS (SELECT FROM eligible_unit e WHERE e.activity = a.id AND e.quota IS NOT NULL) AS unit_quotas,
           a.walk_ins, a.minimum_age, a.asks_birth_year, a.group_most,
           COALESCE((SELECT max(number) FROM terms WHERE activity = a.id), 0) AS terms,
           s.starts_at, s.ends_at, s.opens_at, s.closes_at, s.check_in_opens_at, s.postponed_at, s.called_off_at,
           s.updated_at, s.capacity, s.taken, s.waiting, s.waiting_list,
           (SELECT array_agg(m.organization)
              FROM token t
              JOIN account c ON c.id = t.account AND c.disabled_at IS NULL
              JOIN membership m ON m.account = c.id AND m.role = ANY($3::text[])
             WHERE t.id = $2::int AND t.revoked_at IS NULL
               AND (t.expires_at IS NULL OR t.expires_at > now())) AS stands_for
      FROM session s JOIN activity a ON a.id = s.activity LEFT JOIN programme p ON p.id = a.programme
     WHERE s.code = $1 AND a.published_at IS NOT NULL
"""


async def find_open_session(code: str, token: int | None = None) -> OpenSession | None:
    """Of a published activity; with what a script's `token` stands for now."""
    return await database.find_as(OpenSession, FIND_OPEN_SESSION, code, token, _AT_THE_GATE)


class Applicant(msgspec.Struct, frozen=True):
    """Who wants a place, and the ticket they get if they have none yet.

    `answers` are JSON, given under the `terms` of this number. `phone_digest` recognises the phone, or the script,
    that registered. `trusted`: may be given the ticket of whoever is registered already. `key` and `fingerprint`
    belong to a script's Idempotency-Key: of `token`, 32 bytes of the body. `account`, `address` and `request_id` are
    for the audit of what a script does.
    """

    name: str
    phone: str
    unit: str
    answers: str
    ticket: str
    signature: bytes
    pin: str
    phone_digest: bytes
    terms: int = 1
    birth_year: int | None = None
    guardian_name: str = ""
    guardian_phone: str = ""
    sensitive: bool = False
    token: int | None = None
    key: str | None = None
    fingerprint: bytes | None = None
    trusted: bool = True
    account: int | None = None
    address: str = ""
    request_id: str = ""


class SeatTaken(msgspec.Struct, frozen=True):
    """`position` counts from 1 on the waiting list and is None off it. `mine`: the same phone registered it."""

    seat: int
    ticket: str
    signature: bytes
    state: SeatState
    position: int | None
    created: bool = True
    mine: bool = True


# One statement, because every registration of a session waits for the one before it: the fewer round trips under
# the lock, the faster the queue moves. The lock returns the newest numbers after the wait, so whether a place is left
# is decided from the locked row and never from a count; NO KEY, because a scan that only points to the session need
# not wait for it. Rules that were changed after they were read show in updated_at, and nothing is returned. A person
# who is registered for the activity keeps the ticket, and what the same phone answers and agrees to now counts; a
# seat that was given back is taken anew; a seat that is held, or that a script wants for somebody whose ticket it may
# not have, is left alone and nothing is returned.
TAKE_SEAT = """
    WITH place AS (
        SELECT id, code, activity, taken < capacity AND waiting = 0 AS free, waiting_last + 1 AS number
          FROM session
         WHERE id = $1 AND called_off_at IS NULL AND postponed_at IS NULL AND updated_at = $23
           AND (taken < capacity AND waiting = 0 OR waiting_list)
           FOR NO KEY UPDATE
    ), whoever AS (
        INSERT INTO person (name, phone, created_at)
             SELECT $3, $4, now() FROM place
        ON CONFLICT (phone, name) DO UPDATE SET phone = EXCLUDED.phone
          RETURNING id
    ), registered AS (
        INSERT INTO registration (activity, person, participant, unit, answers, ticket, signature, pin, phone_digest,
                                  terms, birth_year, guardian_name, guardian_phone, guardian_consented_at,
                                  sensitive_consented_at, consented_at, created_at)
             SELECT place.activity, whoever.id, whoever.id, $5, $6::jsonb, $7, $8::bytea, $9, $10::bytea, $11::smallint,
                    $12::smallint, $13::varchar, $14, CASE WHEN $13::varchar <> '' THEN now() END,
                    CASE WHEN $15::bool THEN now() END, now(), now()
               FROM place, whoever
        ON CONFLICT (activity, person) DO UPDATE
                SET (unit, answers, terms, birth_year, guardian_name, guardian_phone, guardian_consented_at,
                     sensitive_consented_at, consented_at)
                  = (SELECT n.unit, n.answers, n.terms, n.birth_year, n.guardian_name, n.guardian_phone,
                            n.guardian_consented_at, n.sensitive_consented_at, n.consented_at
                       FROM (SELECT (CASE WHEN registration.phone_digest = EXCLUDED.phone_digest
                                          THEN EXCLUDED ELSE registration END).*) AS n)
          RETURNING id, ticket, signature, phone_digest
    ), seated AS (
        INSERT INTO seat (registration, session, state, waiting_number, joined_at)
             SELECT registered.id, place.id,
                    CASE WHEN NOT free THEN 'waitlisted' WHEN $2::bool THEN 'pending' ELSE 'confirmed' END,
                    CASE WHEN NOT free THEN number END, now()
               FROM place, registered
              WHERE $19::bool OR phone_digest = $10
        ON CONFLICT (registration, session) DO UPDATE
                SET state = EXCLUDED.state, waiting_number = EXCLUDED.waiting_number,
                    joined_at = EXCLUDED.joined_at, released_at = NULL, cause = NULL,
                    reason = '', party = NULL, replaces = NULL, walk_in = false
              WHERE seat.state = 'released'
          RETURNING id, session, state, waiting_number
    ), counted AS (
        UPDATE session
           SET taken = taken + (waiting_number IS NULL)::int,
               waiting = waiting + (waiting_number IS NOT NULL)::int,
               waiting_last = waiting_last + (waiting_number IS NOT NULL)::int
          FROM seated
         WHERE session.id = seated.session
     RETURNING CASE WHEN waiting_number IS NOT NULL THEN waiting END AS position
    ), remembered AS (
        INSERT INTO idempotency_key (token, key, fingerprint, seat, state, position, created_at)
             SELECT $16::int, $17::text, $18::bytea, seated.id, seated.state, position, now()
               FROM seated, counted WHERE $17::text IS NOT NULL
    ), audited AS (
        INSERT INTO audit_entry (at, account, organization, action, subject, detail, address, request_id)
             SELECT now(), $20::int, activity.organization, 'registration.create', place.code || '/' || seated.id,
                    jsonb_build_object('token', $16::int), $21, $22
               FROM place, seated, activity WHERE activity.id = place.activity AND $16::int IS NOT NULL
    )
    SELECT seated.id AS seat, ticket, signature, state, position, COALESCE(phone_digest = $10, false) AS mine
      FROM seated, registered, counted
"""


async def take_seat(
    session: int, applicant: Applicant, updated_at: datetime, *, approval: bool
) -> SeatTaken | None:
    """A place or a number on the waiting list; None when there is neither, or a seat is held already.

    Or when the session is another by now than it was at `updated_at`.

    Raises asyncpg.UniqueViolationError when the same Idempotency-Key was used at the same moment; then nothing
    was written.
    """
    values = msgspec.structs.astuple(applicant)  # in the order of the parameters from $3 on
    return await database.find_as(SeatTaken, TAKE_SEAT, session, approval, *values, updated_at)


FIND_HELD_SEAT = """
    SELECT seat.id AS seat, r.ticket, r.signature, seat.state, false AS created,
           COALESCE(r.phone_digest = $4, false) AS mine,
           CASE WHEN seat.state = 'waitlisted' THEN (
               SELECT count(*)::int FROM seat ahead
                WHERE ahead.session = seat.session AND ahead.state = 'waitlisted'
                  AND ahead.waiting_number <= seat.waiting_number) END AS position
      FROM seat
      JOIN registration r ON r.id = seat.registration
      JOIN person p ON p.id = r.person
     WHERE seat.session = $1 AND p.phone = $2 AND p.name = $3 AND seat.state <> 'released'
"""


async def find_held_seat(session: int, phone: str, name: str, phone_digest: bytes) -> SeatTaken | None:
    return await database.find_as(SeatTaken, FIND_HELD_SEAT, session, phone, name, phone_digest)


IS_REGISTERED = """
    SELECT true FROM session s
      JOIN registration r ON r.activity = s.activity
      JOIN person p ON p.id = r.person
     WHERE s.id = $1 AND p.phone = $2 AND p.name = $3 AND r.phone_digest IS DISTINCT FROM $4
"""


async def is_registered_elsewhere(session: int, applicant: Applicant) -> bool:
    """Whether this person's registration for the session's activity was made by another phone or script."""
    values = (session, applicant.phone, applicant.name, applicant.phone_digest)
    return await database.value(IS_REGISTERED, *values) is not None


class KeptAnswer(msgspec.Struct, frozen=True):
    """What was answered to the first request with an Idempotency-Key."""

    fingerprint: bytes
    ticket: str
    signature: bytes
    seat: int
    state: SeatState
    position: int | None
    created: bool


FIND_KEPT_ANSWER = """
    SELECT k.fingerprint, r.ticket, r.signature, k.seat, k.state, k.position, k.created_at <= seat.joined_at AS created
      FROM idempotency_key k JOIN seat ON seat.id = k.seat JOIN registration r ON r.id = seat.registration
     WHERE k.token = $1 AND k.key = $2
"""


async def find_kept_answer(token: int, key: str) -> KeptAnswer | None:
    return await database.find_as(KeptAnswer, FIND_KEPT_ANSWER, token, key)
