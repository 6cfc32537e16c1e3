"""The statement that lets people in, and reads for the gate page."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from events_app.accounts.rules import AT_THE_GATE
from events_app.checkin.tables import Direction, Verdict
from events_app.lib import database
from events_app.programmes.queries.venues import BUILDING, FULL_NAME
from events_app.programmes.tables import Kind


class Scan(msgspec.Struct, frozen=True):
    """One physical scan by `account` (through `token`, if a script). `signature` is None for a typed number."""

    session: str
    ticket: str
    signature: bytes | None
    nonce: str
    direction: Direction
    at: datetime
    offline: bool
    gate: str
    account: int
    token: int | None
    address: str
    request_id: str


class Outcome(msgspec.Struct, frozen=True):
    """What the gate shows. `replayed`: this nonce was answered before, with just this.

    `reused`: it was, but for another ticket or direction; nobody is to see that answer.
    """

    session: str
    nonce: str
    verdict: Verdict
    holder: str | None
    unit: str | None
    at: datetime
    first_at: datetime | None
    attended: int
    expected: int
    replayed: bool
    reused: bool


# All scans that wait at this moment in one statement and one commit. In order:
#   sent      what came, one line a scan; no ticket and no nonce of a session twice (rules.split_round). As JSON,
#             because one parameter costs the driver a fifth of what twelve arrays cost
#   answered  nonces that were answered before: looked up first, so no rule can turn a repetition into a refusal;
#             one by one through scan_session_nonce_uq, where a join might read all the scans there ever were. Only for
#             `theirs`: who guesses another organization's nonce is not told who came. `reused`: what was answered
#             was another ticket, or the other direction
#   fresh     the others, if their account still may stand at this session's gate; who goes out may take an hour more
#   held      their seats, locked in one order; FOR UPDATE gives the newest state after a wait, and that is judged
#   entered   NULL becomes a time here, once, whoever else is scanning this ticket
#   halls     the hot rows of the sessions come last, so their locks are the shortest, and in one order, because two
#             processes that carry scans of the same two halls would wait for each other
# Two processes may carry one nonce of one session: the second INSERT fails on scan_session_nonce_uq, everything it
# did is undone, and its repetition finds the answer.
ADMIT = """
    WITH sent AS (
        SELECT * FROM ROWS FROM (json_to_recordset($1::json) AS (
                   session text, ticket text, signature text, nonce text, direction text, at timestamptz,
                   offline bool, gate text, account int, token int, address text, request_id text))
                 WITH ORDINALITY AS sent (session_code, ticket, signature, nonce, direction, at, offline, gate,
                                          account, token, address, request_id, line)
    ), answered AS (
        SELECT sent.line, sent.session_code, sent.nonce, before.*
          FROM sent
         CROSS JOIN LATERAL (
               SELECT scan.verdict, p.name AS holder, r.unit, scan.at, scan.first_at, scan.attended, scan.expected,
                      (scan.ticket, scan.direction) <> (left(sent.ticket, 26), sent.direction) AS reused,
                      EXISTS (SELECT FROM membership m
                                JOIN activity a ON a.organization = m.organization
                                JOIN session s ON s.activity = a.id
                               WHERE s.id = scan.session AND m.account = sent.account
                                 AND m.role = ANY($2::text[])) AS theirs
                 FROM scan
                 LEFT JOIN seat ON seat.id = scan.seat
                 LEFT JOIN registration r ON r.id = seat.registration
                 LEFT JOIN person p ON p.id = r.person
                WHERE scan.session = (SELECT id FROM session WHERE code = sent.session_code)
                  AND scan.nonce = sent.nonce
                LIMIT 1) AS before
    ), fresh AS (
        SELECT sent.*, s.id AS session, a.organization, s.called_off_at, s.attended AS attended_before,
               s.taken AS expected,
               CASE WHEN offline THEN at ELSE now() END BETWEEN s.check_in_opens_at AND s.check_in_closes_at
               + CASE WHEN direction = 'out' THEN interval '1 hour' ELSE interval '0' END
               AND s.postponed_at IS NULL AS open
          FROM sent
          JOIN session s ON s.code = sent.session_code
          JOIN activity a ON a.id = s.activity AND a.published_at IS NOT NULL
         WHERE line NOT IN (SELECT line FROM answered)
           AND EXISTS (SELECT FROM membership m JOIN account c ON c.id = m.account AND c.disabled_at IS NULL
                        WHERE m.account = sent.account AND m.organization = a.organization
                          AND m.role = ANY($2::text[]))
           AND (token IS NULL OR EXISTS (SELECT FROM token t
                                          WHERE t.id = sent.token AND t.revoked_at IS NULL
                                            AND (t.expires_at IS NULL OR t.expires_at > now())))
    ), held AS (
        SELECT fresh.line, seat.id AS seat, seat.state, seat.inside, seat.attended_at, p.name AS holder, r.unit
          FROM fresh
          JOIN registration r ON r.ticket = fresh.ticket
                             AND r.signature = COALESCE(decode(fresh.signature, 'base64'), r.signature)
          JOIN person p ON p.id = r.person
          JOIN seat ON seat.registration = r.id AND seat.session = fresh.session
      ORDER BY seat.id
           FOR UPDATE OF seat
    ), judged AS (
        SELECT fresh.*, held.seat, held.holder, held.unit, held.attended_at AS first_at,
               CASE WHEN held.seat IS NULL THEN
                         CASE WHEN EXISTS (SELECT FROM registration r
                                            WHERE r.ticket = fresh.ticket AND r.signature
                                                = COALESCE(decode(fresh.signature, 'base64'), r.signature))
                              THEN 'wrong_session' ELSE 'unknown' END
                    WHEN fresh.called_off_at IS NOT NULL OR held.state = 'released' THEN 'cancelled'
                    WHEN held.state IN ('waitlisted', 'offered') THEN 'waitlisted'
                    WHEN held.state IN ('pending', 'entered') THEN 'pending'
                    WHEN NOT open THEN 'not_open'
                    WHEN direction = 'in' AND held.inside THEN 'already_in'
                    ELSE 'admitted' END AS verdict
          FROM fresh
          LEFT JOIN held USING (line)
    ), entered AS (
        UPDATE seat
           SET inside = direction = 'in',
               attended_at = CASE WHEN direction = 'in' THEN COALESCE(seat.attended_at, at) ELSE seat.attended_at END,
               evidence = CASE WHEN direction = 'in' THEN COALESCE(evidence, 'scan') ELSE evidence END
          FROM judged
         WHERE seat.id = judged.seat AND verdict = 'admitted'
    ), news AS (
        SELECT session, count(*)::int AS n
          FROM judged
         WHERE verdict = 'admitted' AND direction = 'in' AND first_at IS NULL
      GROUP BY session
    ), halls AS (
        SELECT id, n FROM session JOIN news ON news.session = id ORDER BY id FOR NO KEY UPDATE OF session
    ), counted AS (
        UPDATE session
           SET attended = attended + n
          FROM halls
         WHERE session.id = halls.id
     RETURNING session.id, attended - n AS attended_before, taken AS expected
    ), numbered AS (
        SELECT judged.*, COALESCE(counted.expected, judged.expected) AS expected_now,
               COALESCE(counted.attended_before, judged.attended_before)
               + (count(*) FILTER (WHERE verdict = 'admitted' AND direction = 'in' AND first_at IS NULL)
                      OVER (PARTITION BY session ORDER BY line))::int AS attended
          FROM judged
          LEFT JOIN counted ON counted.id = judged.session
    ), recorded AS (
        INSERT INTO scan (nonce, session, seat, ticket, direction, verdict, offline, gate, at, received_at,
                          first_at, attended, expected, account)
             SELECT nonce, session, seat, left(ticket, 26), direction, verdict, offline, gate, at, now(),
                    first_at, attended, expected_now, account
               FROM numbered
    ), audited AS (
        INSERT INTO audit_entry (at, account, organization, action, subject, detail, address, request_id)
             SELECT now(), account, organization, 'scan.' || verdict, session_code || '/' || nonce, '{}',
                    address, request_id
               FROM numbered
    )
    SELECT session_code AS session, nonce, verdict, holder, unit, at, first_at, attended, expected_now AS expected,
           false AS replayed, false AS reused
      FROM numbered
 UNION ALL
    SELECT session_code, nonce, verdict, holder, unit, at, first_at, attended, expected, true, reused
      FROM answered
     WHERE theirs
"""
_ROLES = [str(role) for role in AT_THE_GATE]


async def admit(scans: Sequence[Scan]) -> dict[tuple[str, str], Outcome]:
    """The outcome of each session's nonce; a scan whose account may not stand at that gate has none.

    Raises asyncpg.UniqueViolationError when another process answers one of the nonces at this moment; then nothing
    was written and the same call finds that answer.
    """
    rows = await database.fetch(ADMIT, msgspec.json.encode(scans).decode(), _ROLES)
    return {(outcome.session, outcome.nonce): outcome for outcome in database.structs(Outcome, rows)}


class GateSession(msgspec.Struct, frozen=True):
    """A session as the gate sees it."""

    id: int
    code: str
    title: str
    activity_title: str
    kind: Kind
    starts_at: datetime
    ends_at: datetime
    check_in_opens_at: datetime
    check_in_closes_at: datetime
    postponed_at: datetime | None
    called_off_at: datetime | None
    venue: str
    attended: int
    expected: int


_GATE_SESSION = f"""
    SELECT s.id, s.code, s.title, a.title AS activity_title, a.kind, s.starts_at, s.ends_at, s.check_in_opens_at,
           s.check_in_closes_at, s.postponed_at, s.called_off_at, {FULL_NAME} AS venue, s.attended, s.taken AS expected
      FROM session s
      JOIN activity a ON a.id = s.activity AND a.published_at IS NOT NULL
      JOIN venue v ON v.id = s.venue
      {BUILDING}
     WHERE a.organization = ANY($1)
"""


async def find_gate_session(code: str, organizations: list[int]) -> GateSession | None:
    return await database.find_as(GateSession, f"{_GATE_SESSION} AND s.code = $2", organizations, code)


async def list_gate_sessions(organizations: list[int]) -> list[GateSession]:
    """What a gate may need now: from an hour after the end back to what begins within two weeks."""
    sql = f"""{_GATE_SESSION} AND s.called_off_at IS NULL AND s.check_in_closes_at > now() - interval '1 hour'
              AND s.starts_at < now() + interval '14 days' ORDER BY s.starts_at LIMIT 60"""
    return await database.fetch_as(GateSession, sql, organizations)


FIND_TICKET_BY_NUMBER = """
    SELECT r.ticket FROM registration r JOIN seat ON seat.registration = r.id
     WHERE seat.session = $1 AND r.ticket ^@ $2
     LIMIT 2
"""


async def find_ticket_by_number(session: int, number: str) -> str | None:
    """The ticket of this session that begins with `number`; None when there is none, or more than one."""
    rows = await database.fetch(FIND_TICKET_BY_NUMBER, session, number)
    return rows[0]["ticket"] if len(rows) == 1 else None


class RecentScan(msgspec.Struct, frozen=True):
    holder: str | None
    unit: str | None
    verdict: Verdict
    at: datetime


LIST_RECENT_SCANS = """
    SELECT p.name AS holder, r.unit, scan.verdict, scan.at
      FROM scan
      LEFT JOIN seat ON seat.id = scan.seat
      LEFT JOIN registration r ON r.id = seat.registration
      LEFT JOIN person p ON p.id = r.person
     WHERE scan.session = $1
  ORDER BY scan.id DESC
     LIMIT 10
"""


async def list_recent_scans(session: int) -> list[RecentScan]:
    return await database.fetch_as(RecentScan, LIST_RECENT_SCANS, session)


class OwnScan(msgspec.Struct, frozen=True):
    """One of a participant's own scans."""

    seat: int
    at: datetime
    direction: Direction
    verdict: Verdict
    gate: str


async def list_scans_of(seats: Sequence[int]) -> list[OwnScan]:
    sql = "SELECT seat, at, direction, verdict, gate FROM scan WHERE seat = ANY($1) ORDER BY id"
    return await database.fetch_as(OwnScan, sql, seats)
