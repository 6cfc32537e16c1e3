"""Guests, kept once per organization, and their appearances in sessions."""

import msgspec

from events_app.lib import codes, database


class GuestRow(msgspec.Struct, frozen=True):
    name: str
    honour: str
    unit: str


# Guests are kept once per organization; the appearance ties them to this session in the order written.
SET_GUESTS = """
    WITH given AS (
        SELECT * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[])
                          WITH ORDINALITY AS g (name, honour, unit, code, line)
    ), known AS (
        SELECT DISTINCT ON (given.line) given.line, guest.id
          FROM given JOIN guest ON guest.organization = $2 AND guest.name = given.name
                                AND guest.honour = given.honour AND guest.unit = given.unit
    ), added AS (
        INSERT INTO guest (code, organization, name, honour, unit)
             SELECT DISTINCT ON (name, honour, unit) code, $2::int, name, honour, unit
               FROM given WHERE line NOT IN (SELECT line FROM known)
          RETURNING id, name, honour, unit
    )
    INSERT INTO appearance (session, guest)
         SELECT $1, COALESCE(known.id, added.id)
           FROM given
           LEFT JOIN known USING (line)
           LEFT JOIN added USING (name, honour, unit)
       ORDER BY line
    ON CONFLICT (session, guest) DO NOTHING
"""


async def set_guests(session: int, organization: int, guests: list[GuestRow]) -> None:
    await database.fetch("DELETE FROM appearance WHERE session = $1", session)
    columns = [[getattr(g, field) for g in guests] for field in ("name", "honour", "unit")]
    await database.fetch(SET_GUESTS, session, organization, *columns, [codes.new_code() for _guest in guests])
