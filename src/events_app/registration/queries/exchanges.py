"""One person's place goes to another: always under the lock of the session, or of all of a course's sessions."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.registration.queries.taking import Applicant
from events_app.registration.tables import SeatState


class HeldSeat(msgspec.Struct, frozen=True):
    """A place that can be handed over, and whose it is."""

    id: int
    registration: int
    session: int
    state: SeatState
    party: int | None
    waiting_number: int | None
    entry_number: int | None
    offer_ends_at: datetime | None


# Of a course all that is left of it. In the order in which seats are locked everywhere.
LIST_HELD_SEATS = """
    SELECT seat.id, seat.registration, seat.session, seat.state, seat.party, seat.waiting_number,
           CASE WHEN seat.state = 'entered' THEN seat.entry_number END AS entry_number, seat.offer_ends_at
      FROM seat JOIN session s ON s.id = seat.session JOIN activity a ON a.id = s.activity
     WHERE seat.registration = (SELECT registration FROM seat WHERE id = $1 AND session = $2)
       AND (seat.session = $2 OR a.extent = 'course')
       AND seat.state <> 'released' AND seat.attended_at IS NULL
       AND s.called_off_at IS NULL AND (s.ends_at > now() OR s.postponed_at IS NOT NULL)
  ORDER BY seat.id
       FOR UPDATE OF seat
"""


async def list_held_seats(seat: int, session: int) -> list[HeldSeat]:
    """This seat of the session, and the others that can only change hands together with it."""
    return await database.fetch_as(HeldSeat, LIST_HELD_SEATS, seat, session)


HOLDS_ONE = """
    SELECT EXISTS (
           SELECT FROM seat
             JOIN registration r ON r.id = seat.registration
             JOIN person p ON p.id = r.person
            WHERE seat.session = ANY($1) AND p.phone = $2 AND p.name = $3 AND seat.state <> 'released')
"""


async def holds_one(sessions: Sequence[int], phone: str, name: str) -> bool:
    """Whether this person has a place, or stands in line, in one of them."""
    return bool(await database.value(HOLDS_ONE, list(sessions), phone, name))


# Whoever is registered for the activity already keeps the ticket. The roster is that of whose place it was.
ADD_SUCCESSOR = """
    WITH former AS (
        SELECT activity, roster FROM registration WHERE id = $1
    ), whoever AS (
        INSERT INTO person (name, phone, created_at) VALUES ($2, $3, now())
        ON CONFLICT (phone, name) DO UPDATE SET phone = EXCLUDED.phone
          RETURNING id
    )
    INSERT INTO registration (activity, person, participant, unit, roster, answers, ticket, signature, pin,
                              phone_digest, terms, birth_year, guardian_name, guardian_phone, guardian_consented_at,
                              sensitive_consented_at, consented_at, created_at)
         SELECT former.activity, whoever.id, whoever.id, $4, former.roster, $5::jsonb, $6, $7::bytea, $8, $9::bytea,
                $10::smallint, $11::smallint, $12::varchar, $13, CASE WHEN $12::varchar <> '' THEN now() END,
                CASE WHEN $14::bool THEN now() END, now(), now()
           FROM former, whoever
    ON CONFLICT (activity, person) DO UPDATE
            SET unit = EXCLUDED.unit, roster = COALESCE(EXCLUDED.roster, registration.roster)
      RETURNING id, ticket, signature
"""


class Successor(msgspec.Struct, frozen=True):
    """The registration that a place goes to, and its ticket."""

    id: int
    ticket: str
    signature: bytes


async def add_successor(former: int, applicant: Applicant) -> Successor:
    """The registration of `applicant` in the activity of the `former` one; theirs, if they have one."""
    a = applicant
    values = (a.name, a.phone, a.unit, a.answers, a.ticket, a.signature, a.pin, a.phone_digest, a.terms)
    more = (a.birth_year, a.guardian_name, a.guardian_phone, a.sensitive)
    found = await database.find_as(Successor, ADD_SUCCESSOR, former, *values, *more)
    assert found
    return found


# Numbers in line and in a draw are unique, so they leave here before they arrive there: a statement of its own.
HAND_OVER = """
    UPDATE seat
       SET state = 'released', released_at = now(), cause = 'exchanged', reason = $2, waiting_number = NULL,
           offer_ends_at = NULL, entry_number = CASE WHEN state = 'entered' THEN NULL ELSE entry_number END
     WHERE id = ANY($1)
"""
TAKE_OVER = """
    INSERT INTO seat (registration, session, state, party, waiting_number, entry_number, joined_at, offer_ends_at,
                      replaces)
         SELECT $1, session, state, party, waiting_number, entry_number, now(), offer_ends_at, id
           FROM json_to_recordset($2::json) AS held (id bigint, session int, state text, party bigint,
                                                     waiting_number int, entry_number int, offer_ends_at timestamptz)
    ON CONFLICT (registration, session) DO UPDATE
            SET state = EXCLUDED.state, party = EXCLUDED.party, waiting_number = EXCLUDED.waiting_number,
                entry_number = EXCLUDED.entry_number, joined_at = EXCLUDED.joined_at,
                offer_ends_at = EXCLUDED.offer_ends_at, replaces = EXCLUDED.replaces, released_at = NULL,
                cause = NULL, reason = ''
          WHERE seat.state = 'released'
      RETURNING id
"""


# Whoever comes for the leader of a party answers for it.
LEAD_ON = "UPDATE seat SET party = $2 WHERE session = ANY($3) AND party = $1 AND state <> 'released'"


async def exchange_seats(held: Sequence[HeldSeat], successor: int, reason: str) -> list[int]:
    """The new seats, as the old ones were. No counter moves: a place is neither freed nor taken."""
    await database.fetch(HAND_OVER, [seat.id for seat in held], reason)
    rows = await database.fetch(TAKE_OVER, successor, msgspec.json.encode(held).decode())
    await database.fetch(LEAD_ON, held[0].registration, successor, [seat.session for seat in held])
    return [row["id"] for row in rows]
