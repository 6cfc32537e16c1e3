"""Halls full of people, and logs as long as years: written at once, where registering each would take minutes."""

from datetime import datetime

import msgspec
from tests.people import SIGNER

from events_app.lib import codes, database
from events_app.programmes.tables import Session


class Guest(msgspec.Struct, frozen=True):
    """Somebody who has a place."""

    seat: int
    ticket: str
    signature: bytes

    @property
    def text(self) -> str:
        """What their QR says."""
        return codes.ticket_text(self.ticket, self.signature)


_SEAT_THEM = """
    WITH told AS (
        SELECT n, ticket, signature, '赵' || $1::int || '号' || n AS name
          FROM unnest($3::text[], $4::bytea[]) WITH ORDINALITY AS told (ticket, signature, n)
    ), people AS (
        INSERT INTO person (name, phone, created_at) SELECT name, '19900001234', now() FROM told RETURNING id, name
    ), registered AS (
        INSERT INTO registration (activity, person, participant, unit, ticket, signature, pin, consented_at, created_at)
             SELECT $2, people.id, people.id, '', ticket, signature, '123456', now(), now()
               FROM told JOIN people USING (name)
          RETURNING id, ticket
    ), seated AS (
        INSERT INTO seat (registration, session, state, joined_at)
             SELECT registered.id, $1::int, 'confirmed', now() FROM registered JOIN told USING (ticket) ORDER BY told.n
          RETURNING id, registration
    ), counted AS (
        UPDATE session SET taken = taken + (SELECT count(*) FROM told) WHERE id = $1::int
    )
    SELECT seated.id AS seat, told.ticket, told.signature
      FROM seated JOIN registered ON registered.id = seated.registration JOIN told USING (ticket)
  ORDER BY told.n
"""


async def make_crowd(session: Session, number: int) -> list[Guest]:
    tickets = [codes.new_ticket_code() for _ in range(number)]
    signatures = [SIGNER.sign(ticket) for ticket in tickets]
    return await database.fetch_as(Guest, _SEAT_THEM, session.id, session.activity, tickets, signatures)


_FILL_LOG = """
    INSERT INTO scan (nonce, session, seat, ticket, direction, verdict, evidence, let_in, at, received_at, account)
         SELECT 'old-' || n, seat.session, seat.id, '', CASE n % 2 WHEN 1 THEN 'in' ELSE 'out' END, 'admitted', 'scan',
                true, $2::timestamptz + n * interval '1 millisecond', now(), $4
           FROM generate_series(1, $3::int) AS n
           JOIN (SELECT id, session, row_number() OVER (ORDER BY id) AS number, count(*) OVER () AS of
                   FROM seat WHERE id = ANY($1)) AS seat ON seat.number = n % seat.of + 1
"""


async def fill_log(guests: list[Guest], number: int, since: datetime, account: int | None) -> None:
    """So many scans of these guests, in and out by turns; nothing is known of their seats by them."""
    await database.fetch(_FILL_LOG, [guest.seat for guest in guests], since, number, account)
    await database.fetch("ANALYZE scan")
