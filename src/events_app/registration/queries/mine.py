"""What was registered with one phone, known by the digest of its cookie."""

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.lib.language import is_english
from events_app.programmes.tables import Kind
from events_app.registration.queries.tickets import FIND_TICKET, LIST_TICKET_SEATS, TicketRow, TicketSeat
from events_app.registration.rules.questions import Answers
from events_app.registration.tables import Cause, SeatState

# A script's digest is shorter, and the index leaves it out.
_MINE = "r.phone_digest = $1 AND length(r.phone_digest) = 32"


class MySeat(TicketSeat, frozen=True, kw_only=True):
    registration: int


async def list_my_tickets(phone: bytes, most: int | None = None) -> list[TicketRow]:
    """The newest first."""
    return await database.fetch_as(
        TicketRow, f"{FIND_TICKET} WHERE {_MINE} ORDER BY r.id DESC LIMIT $2", phone, most
    )


async def list_my_seats(registrations: list[int]) -> list[MySeat]:
    """By time."""
    return await database.fetch_as(MySeat, LIST_TICKET_SEATS, registrations)


class StoredSeat(msgspec.Struct, frozen=True):
    """A place as it is kept."""

    seat: int
    session: str
    starts_at: datetime
    venue: str
    state: SeatState
    cause: Cause | None
    reason: str
    joined_at: datetime
    released_at: datetime | None
    waiting_number: int | None
    entry_number: int | None
    offer_ends_at: datetime | None
    attended_at: datetime | None
    evidence: str | None


class StoredFile(msgspec.Struct, frozen=True):
    question: str
    name: str
    media_type: str
    size: int


class StoredMessage(msgspec.Struct, frozen=True):
    text: str
    created_at: datetime


class Stored(msgspec.Struct, frozen=True):
    """Everything that is kept of one registration. `keep_days` is that of the version it was made under."""

    id: int
    activity: int
    activity_code: str
    activity_title: str
    kind: Kind
    organization: str
    name: str
    phone: str
    unit: str
    terms: int
    keep_days: int
    answers: Answers
    birth_year: int | None
    guardian_name: str
    guardian_phone: str
    ticket: str
    consented_at: datetime
    sensitive_consented_at: datetime | None
    guardian_consented_at: datetime | None
    created_at: datetime
    roster: str
    seats: list[StoredSeat]
    files: list[StoredFile]
    messages: list[StoredMessage]


LIST_STORED = f"""
    SELECT r.id, r.activity, a.code AS activity_code, a.title AS activity_title, a.kind, o.name AS organization,
           p.name, p.phone, r.unit, r.terms,
           COALESCE(t.keep_days, 180) AS keep_days,
           r.answers::text AS answers, r.birth_year, r.guardian_name, r.guardian_phone, r.ticket, r.consented_at,
           r.sensitive_consented_at, r.guardian_consented_at, r.created_at, COALESCE(roster.unit, '') AS roster,
           (SELECT COALESCE(json_agg(json_build_object(
                       'seat', seat.id, 'session', s.code, 'starts_at', s.starts_at, 'venue', v.name,
                       'state', seat.state, 'cause', seat.cause, 'reason', seat.reason, 'joined_at', seat.joined_at,
                       'released_at', seat.released_at, 'waiting_number', seat.waiting_number,
                       'entry_number', seat.entry_number, 'offer_ends_at', seat.offer_ends_at,
                       'attended_at', seat.attended_at, 'evidence', seat.evidence) ORDER BY s.starts_at), '[]')
              FROM seat JOIN session s ON s.id = seat.session JOIN venue v ON v.id = s.venue
             WHERE seat.registration = r.id)::text AS seats,
           (SELECT COALESCE(json_agg(json_build_object(
                       'question', f.question, 'name', f.name, 'media_type', f.media_type,
                       'size', octet_length(f.content)) ORDER BY f.id), '[]')
              FROM attachment f WHERE f.registration = r.id)::text AS files,
           (SELECT COALESCE(json_agg(json_build_object(
                       'text', CASE WHEN $2 AND m.english <> '' THEN m.english ELSE m.text END,
                       'created_at', m.created_at) ORDER BY m.id), '[]')
              FROM message m WHERE m.recipient_kind = 'registration' AND m.recipient = r.id)::text AS messages
      FROM registration r
      JOIN person p ON p.id = r.person
      JOIN activity a ON a.id = r.activity
      JOIN organization o ON o.id = a.organization
      LEFT JOIN roster ON roster.id = r.roster
      LEFT JOIN terms t ON t.activity = r.activity AND t.number = r.terms
     WHERE {_MINE}
  ORDER BY r.id
"""


async def list_stored(phone: bytes) -> list[Stored]:
    rows = await database.fetch(LIST_STORED, phone, is_english())
    lists = ("answers", "seats", "files", "messages")
    return msgspec.convert(
        [{**row, **{name: msgspec.json.decode(row[name]) for name in lists}} for row in rows], list[Stored]
    )
