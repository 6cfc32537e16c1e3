"""Guests, kept once per organization, and their appearances in sessions."""

from collections.abc import Sequence

import msgspec

from events_app.lib import codes, database


class GuestRow(msgspec.Struct, frozen=True):
    name: str
    honour: str
    unit: str


class Match(msgspec.Struct, frozen=True):
    """What a written line can mean: the registered guest, or None; `candidates` fit it."""

    guest: int | None
    candidates: int


# Who is written in full is that guest. Who is written by name alone is the one registered guest of that name, if there
# is only one: what was left out says nothing against anybody.
MATCH_GUESTS = """
    WITH given AS (
        SELECT * FROM unnest($2::text[], $3::text[], $4::text[])
                          WITH ORDINALITY AS g (name, honour, unit, line)
    ), fitting AS (
        SELECT given.line, guest.id, guest.honour = given.honour AND guest.unit = given.unit AS exact
          FROM given JOIN guest ON guest.organization = $1 AND guest.name = given.name
                                AND given.honour IN ('', guest.honour) AND given.unit IN ('', guest.unit)
    )
    SELECT CASE WHEN bool_or(exact) THEN min(fitting.id) FILTER (WHERE exact)
                WHEN count(fitting.id) = 1 THEN min(fitting.id) END AS guest,
           CASE WHEN bool_or(exact) THEN 1 ELSE count(fitting.id)::int END AS candidates
      FROM given LEFT JOIN fitting USING (line)
  GROUP BY line
  ORDER BY line
"""


async def match_lines(organization: int, guests: Sequence[GuestRow]) -> list[Match]:
    """What each line means in this organization's register."""
    return await database.fetch_as(Match, MATCH_GUESTS, organization, *_columns(guests))


async def match_guests(organization: int, guests: Sequence[GuestRow]) -> list[int]:
    """Ids of those of `guests` who are in this organization's register, each once; new ones are left out."""
    found = [match.guest for match in await match_lines(organization, guests)]
    return list(dict.fromkeys(guest for guest in found if guest is not None))


# Guests are kept once per organization; the appearance ties them to this session in the order written.
ADD_GUESTS = """
    INSERT INTO guest (code, organization, name, honour, unit)
         SELECT DISTINCT ON (name, honour, unit) code, $1::int, name, honour, unit
           FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS g (name, honour, unit, code)
          WHERE NOT EXISTS (SELECT FROM guest WHERE organization = $1 AND guest.name = g.name
                                                AND guest.honour = g.honour AND guest.unit = g.unit)
"""
ADD_APPEARANCES = """
    INSERT INTO appearance (session, guest)
         SELECT $1, guest FROM unnest($2::int[]) WITH ORDINALITY AS given (guest, line) ORDER BY line
"""


async def set_guests(session: int, organization: int, guests: Sequence[GuestRow]) -> None:
    """The session's guests are these, in this order; who is not in the register yet is added to it."""
    matches = await match_lines(organization, guests)
    new = [guest for guest, match in zip(guests, matches, strict=True) if match.guest is None]
    if new:
        await lock_register(organization)
        await database.fetch(ADD_GUESTS, organization, *_columns(new), [codes.new_code() for _guest in new])
    await database.fetch("DELETE FROM appearance WHERE session = $1", session)
    await database.fetch(ADD_APPEARANCES, session, await _ids(organization, guests, matches, new))


async def lock_register(organization: int) -> None:
    """Two who add the same guest at once: the second waits, and finds the first one's."""
    await database.fetch("SELECT FROM organization WHERE id = $1 FOR NO KEY UPDATE", organization)


async def _ids(
    organization: int, guests: Sequence[GuestRow], matches: list[Match], added: Sequence[GuestRow]
) -> list[int]:
    """The registered ids, each once; `added` are in the register by now, written exactly so."""
    exact = iter(await match_lines(organization, added)) if added else iter(())
    found = [match.guest or next(exact).guest for _guest, match in zip(guests, matches, strict=True)]
    return list(dict.fromkeys(guest for guest in found if guest is not None))


def _columns(guests: Sequence[GuestRow]) -> list[list[str]]:
    return [[getattr(guest, field) for guest in guests] for field in ("name", "honour", "unit")]
