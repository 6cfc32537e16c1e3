"""Who checks in with a phone of their own."""

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.programmes.queries.venues import BUILDING, FULL_NAME
from events_app.programmes.tables import Kind


class Hall(msgspec.Struct, frozen=True):
    """A session as whoever stands in its hall sees it."""

    id: int
    code: str
    activity_title: str
    kind: Kind
    starts_at: datetime
    ends_at: datetime
    check_in_opens_at: datetime
    check_in_closes_at: datetime
    postponed_at: datetime | None
    called_off_at: datetime | None
    venue: str
    latitude: float | None
    longitude: float | None


async def find_hall(code: str) -> Hall | None:
    sql = f"""
        SELECT s.id, s.code, a.title AS activity_title, a.kind, s.starts_at, s.ends_at, s.check_in_opens_at,
               s.check_in_closes_at, s.postponed_at, s.called_off_at, {FULL_NAME} AS venue,
               COALESCE(v.latitude, building.latitude) AS latitude,
               COALESCE(v.longitude, building.longitude) AS longitude
          FROM session s
          JOIN activity a ON a.id = s.activity AND a.published_at IS NOT NULL
          JOIN venue v ON v.id = s.venue
          {BUILDING}
         WHERE s.code = $1
    """
    return await database.find_as(Hall, sql, code)


class Claim(msgspec.Struct, frozen=True):
    """A ticket that somebody in the hall says is theirs."""

    ticket: str
    signature: bytes
    seat: int
    name: str
    inside: bool


_CLAIM = """
    SELECT r.ticket, r.signature, seat.id AS seat, p.name, seat.inside
      FROM seat
      JOIN registration r ON r.id = seat.registration AND r.erased_at IS NULL
      JOIN person p ON p.id = r.person
     WHERE seat.session = $1
"""


async def list_claims_of_phone(session: int, phone: bytes) -> list[Claim]:
    """Those that were registered with this phone and still hold a place."""
    mine = "r.phone_digest = $2 AND length(r.phone_digest) = 32 AND seat.state <> 'released'"
    sql = f"{_CLAIM} AND {mine} ORDER BY seat.inside, seat.id LIMIT 20"
    return await database.fetch_as(Claim, sql, session, phone)


async def find_claim(session: int, name: str, phone: str, pin: str) -> Claim | None:
    sql = f"{_CLAIM} AND p.phone = $2 AND p.name = $3 AND r.pin = $4 ORDER BY seat.id DESC LIMIT 1"
    return await database.find_as(Claim, sql, session, phone, name, pin)


async def lock_device(session: int, device: str) -> None:
    """Until the end of the transaction: one phone checks in one person after the other."""
    await database.value("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"self {session} {device}")


async def has_served_another(session: int, device: str, seat: int) -> bool:
    """Whether this phone has checked in somebody else here who is still counted: not by a tap that was taken back."""
    sql = """
        SELECT EXISTS (SELECT FROM scan JOIN seat ON seat.id = scan.seat AND seat.attended_at IS NOT NULL
                        WHERE scan.session = $1 AND scan.device = $2 AND scan.evidence = 'self' AND scan.seat <> $3
                          AND scan.verdict IN ('admitted', 'already_in')
                          AND NOT EXISTS (SELECT FROM scan undo
                                           WHERE undo.session = scan.session AND undo.undoes = scan.nonce
                                             AND undo.direction = 'undo' AND undo.verdict = 'admitted'))
    """
    return bool(await database.value(sql, session, device, seat))


async def is_waiting(session: int, device: str, seat: int) -> bool:
    """Whether an organiser has to look at this phone's check-in of this seat already."""
    sql = """
        SELECT EXISTS (SELECT FROM scan
                        WHERE session = $1 AND device = $2 AND seat = $3 AND verdict = 'flagged'
                          AND settled_at IS NULL)
    """
    return bool(await database.value(sql, session, device, seat))
