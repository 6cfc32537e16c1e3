"""Scans of another moment than this: what is already known about them, and how they are written down."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec

from events_app.accounts.rules import AT_THE_GATE
from events_app.checkin.queries.admitting import AT_THIS_DOOR, AT_THIS_DOOR_THEN, Outcome, Scan
from events_app.checkin.rules.attendance import Mark
from events_app.checkin.tables import Direction, Verdict
from events_app.lib import database
from events_app.registration.tables import Evidence, SeatState

_ROLES = [str(role) for role in AT_THE_GATE]


class Answered(Outcome, frozen=True):
    """What a nonce was answered before. `scan` is that row, `seat` its seat; `ticket` and `direction` are what it was
    answered for, and who asks for another is not to see it.
    """

    scan: int
    seat: int | None
    ticket: str
    direction: Direction
    let_in: bool


# As in ADMIT, one nonce at a time through its index, and only for who may stand at that door.
LIST_ANSWERED = f"""
    WITH sent AS (
        SELECT * FROM json_to_recordset($1::json)
                   AS sent (session text, nonce text, gate int, by_code bool, account int, token int)
    )
    SELECT sent.session, sent.nonce, before.*, true AS replayed, false AS reused
      FROM sent
     CROSS JOIN LATERAL (
           SELECT scan.id AS scan, scan.seat, scan.ticket, scan.direction, scan.let_in, scan.verdict, p.name AS holder,
                  r.unit, scan.at, scan.first_at, scan.attended, scan.expected
             FROM session s
             JOIN activity a ON a.id = s.activity
             JOIN scan ON scan.session = s.id AND scan.nonce = sent.nonce
             LEFT JOIN seat ON seat.id = scan.seat
             LEFT JOIN registration r ON r.id = seat.registration
             LEFT JOIN person p ON p.id = r.person
            WHERE s.code = sent.session
              AND ({AT_THIS_DOOR} OR EXISTS (SELECT FROM gate g WHERE g.id = sent.gate AND g.id = scan.gate))
            LIMIT 1) AS before
"""


async def list_answered(scans: Sequence[Scan]) -> list[Answered]:
    return await database.fetch_as(Answered, LIST_ANSWERED, _json(scans), _ROLES)


class Door(msgspec.Struct, frozen=True):
    """A session in which something was scanned, and whether that device, account or code may still stand there.

    `revoked`: the gate was one of this session's, and was no more at the moment of the scan, or is revoked since.
    """

    line: int
    session: int
    organization: int
    called_off_at: datetime | None
    postponed_at: datetime | None
    check_in_opens_at: datetime
    check_in_closes_at: datetime
    attended: int
    expected: int
    revoked: bool


LIST_DOORS = f"""
    WITH sent AS (
        SELECT * FROM ROWS FROM (json_to_recordset($1::json) AS (
                   session text, at timestamptz, gate int, by_code bool, account int, token int))
                 WITH ORDINALITY AS sent (session_code, at, gate, by_code, account, token, line)
    ), known AS (
        SELECT sent.line::int AS line, s.id AS session, a.organization, s.called_off_at, s.postponed_at,
               s.check_in_opens_at, s.check_in_closes_at, s.attended, s.taken AS expected,
               {AT_THIS_DOOR_THEN} AS stands,
               EXISTS (SELECT FROM gate g
                        WHERE g.id = sent.gate AND g.opened_at IS NOT NULL
                          AND (g.session = s.id OR g.activity = s.activity)) AS stood
          FROM sent
          JOIN session s ON s.code = sent.session_code
          JOIN activity a ON a.id = s.activity AND a.published_at IS NOT NULL
    )
    SELECT line, session, organization, called_off_at, postponed_at, check_in_opens_at, check_in_closes_at, attended,
           expected, stands IS NOT TRUE AS revoked
      FROM known
     WHERE stands OR stood
"""


async def list_doors(scans: Sequence[Scan]) -> dict[int, Door]:
    """By the scan's place in `scans`; who never could stand at that door has none."""
    found = await database.fetch_as(Door, LIST_DOORS, _json(scans), _ROLES)
    return {door.line - 1: door for door in found}


class HeldSeat(msgspec.Struct, frozen=True):
    """The seat that a scan's ticket holds in the scan's session; without one `known` tells whether it is a ticket."""

    line: int
    known: bool
    seat: int | None
    state: SeatState | None
    holder: str | None
    unit: str | None
    attended_at: datetime | None


_HELD = """
    WITH sent AS (
        SELECT * FROM ROWS FROM (json_to_recordset($1::json) AS (session text, ticket text, signature text))
                 WITH ORDINALITY AS sent (session_code, ticket, signature, line)
    ), held AS (
        SELECT sent.line::int AS line, r.id AS registration, seat.id AS seat, seat.state, p.name AS holder, r.unit,
               seat.attended_at
          FROM sent
          JOIN registration r ON r.ticket = sent.ticket
                             AND r.signature = COALESCE(decode(sent.signature, 'base64'), r.signature)
          JOIN person p ON p.id = r.person
          LEFT JOIN session s ON s.code = sent.session_code
          LEFT JOIN seat ON seat.registration = r.id AND seat.session = s.id
    )
"""
LOCK_SEATS = f"{_HELD} SELECT FROM seat WHERE id IN (SELECT seat FROM held) ORDER BY id FOR UPDATE"
LIST_HELD_SEATS = f"{_HELD} SELECT line, true AS known, seat, state, holder, unit, attended_at FROM held"


async def lock_seats(scans: Sequence[Scan]) -> dict[int, HeldSeat]:
    """By the scan's place in `scans`; what is no ticket of ours has none. Read anew once all of them are locked."""
    body = _json(scans)
    await database.fetch(LOCK_SEATS, body)
    found = await database.fetch_as(HeldSeat, LIST_HELD_SEATS, body)
    return {held.line - 1: held for held in found}


LIST_MARKS = """
    SELECT seat, nonce, direction, at, evidence, verdict, let_in, gate, account, undoes
      FROM scan WHERE seat = ANY($1)
"""


async def list_marks(seats: Sequence[int]) -> dict[int, list[Mark]]:
    """All that was scanned of these seats."""
    marks: dict[int, list[Mark]] = defaultdict(list)
    for row in await database.fetch(LIST_MARKS, seats):
        marks[row["seat"]].append(msgspec.convert(dict(row), Mark))
    return marks


class Written(msgspec.Struct, frozen=True):
    """One line of the log, as it is going to stand there."""

    nonce: str
    session: int
    session_code: str
    organization: int
    seat: int | None
    ticket: str
    direction: Direction
    verdict: Verdict
    evidence: Evidence
    offline: bool
    let_in: bool
    place: str
    gate: int | None
    device: str
    at: datetime
    device_at: datetime | None
    sent_at: datetime | None
    first_at: datetime | None
    attended: int
    expected: int
    account: int | None
    undoes: str | None
    reason: str
    distance: int | None
    address: str
    request_id: str


WRITE_SCANS = """
    WITH told AS (
        SELECT * FROM json_to_recordset($1::json) AS told (
               nonce text, session int, session_code text, organization int, seat bigint, ticket text, direction text,
               verdict text, evidence text, offline bool, let_in bool, place text, gate int, device text,
               at timestamptz, device_at timestamptz, sent_at timestamptz, first_at timestamptz, attended int,
               expected int, account int, undoes text, reason text, distance int, address text, request_id text)
    ), audited AS (
        INSERT INTO audit_entry (at, account, organization, action, subject, detail, address, request_id)
             SELECT now(), account, organization, 'scan.' || verdict, session_code || '/' || nonce,
                    CASE WHEN direction = 'undo' THEN json_build_object('undoes', undoes) ELSE '{}'::json END,
                    address, request_id
               FROM told
    )
    INSERT INTO scan (nonce, session, seat, ticket, direction, verdict, evidence, offline, let_in, place, gate, device,
                      at, device_at, sent_at, received_at, first_at, attended, expected, account, undoes, reason,
                      distance)
         SELECT nonce, session, seat, left(ticket, 26), direction, verdict, evidence, offline, let_in, place, gate,
                device, at, device_at, sent_at, now(), first_at, attended, expected, account, undoes, reason, distance
           FROM told
"""


async def write_scans(lines: Sequence[Written]) -> None:
    await database.fetch(WRITE_SCANS, msgspec.json.encode(lines).decode())


NOTE_LET_IN = "UPDATE scan SET let_in = true, offline = true WHERE id = ANY($1)"


async def note_let_in(scans: Sequence[int]) -> None:
    """A device that did not hear the answer had let these people through."""
    await database.fetch(NOTE_LET_IN, scans)


class Came(msgspec.Struct, frozen=True):
    """What is known of a seat from now on."""

    seat: int
    attended_at: datetime | None
    evidence: Evidence | None
    inside: bool
    moved_at: datetime | None
    seconds: int


# The sessions' rows come last, in one order, as in ADMIT.
WRITE_ATTENDANCES = """
    WITH told AS (
        SELECT * FROM json_to_recordset($1::json) AS told (
               seat bigint, attended_at timestamptz, evidence text, inside bool, moved_at timestamptz, seconds int)
    ), before AS (
        SELECT seat.id, seat.session, seat.attended_at FROM seat JOIN told ON told.seat = seat.id
    ), changed AS (
        UPDATE seat
           SET attended_at = told.attended_at, evidence = told.evidence, inside = told.inside,
               moved_at = told.moved_at, seconds = told.seconds
          FROM told
         WHERE seat.id = told.seat
    ), news AS (
        SELECT before.session, (count(told.attended_at) - count(before.attended_at))::int AS n
          FROM before JOIN told ON told.seat = before.id
      GROUP BY before.session
    ), halls AS (
        SELECT id, n FROM session JOIN news ON news.session = id ORDER BY id FOR NO KEY UPDATE OF session
    )
    UPDATE session SET attended = attended + n FROM halls WHERE session.id = halls.id
 RETURNING session.id, attended
"""


async def write_attendances(came: Sequence[Came]) -> dict[int, int]:
    """How many have come to each session now, by its id."""
    rows = await database.fetch(WRITE_ATTENDANCES, msgspec.json.encode(came).decode())
    return {row["id"]: row["attended"] for row in rows}


def _json(scans: Sequence[Scan]) -> str:
    return msgspec.json.encode(scans).decode()
