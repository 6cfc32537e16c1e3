"""The statement that lets people in."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from events_app.accounts.rules import AT_THE_GATE
from events_app.checkin.tables import Direction, Verdict
from events_app.lib import database
from events_app.registration.tables import Evidence


class Scan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One attempt to come in, to go out, or to take such a one back (`undoes`).

    By `account` (through `token`, if a script), at a `gate`, or `by_code`: the venue's changing code was read, and who
    calls has checked it. `signature` is None for a typed number or a name on a list. `shown` is what a device without
    network told the guest. `reason`, `distance`, `device`, `place`: see tables.Scan. `flagged`: an organiser has to
    look before it counts. `organiser`: may take back whatever is of the session.
    """

    session: str
    ticket: str
    signature: bytes | None = None
    nonce: str
    direction: Direction
    at: datetime
    evidence: Evidence = Evidence.SCAN
    offline: bool = False
    shown: Verdict = Verdict.ADMITTED
    device_at: datetime | None = None
    sent_at: datetime | None = None
    place: str = ""
    gate: int | None = None
    device: str = ""
    by_code: bool = False
    account: int | None = None
    token: int | None = None
    undoes: str | None = None
    reason: str = ""
    distance: int | None = None
    flagged: bool = False
    organiser: bool = False
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


# Who may stand at the door of session `s` of activity `a` with the scan `sent`: staff of the activity's organization,
# their script, a gate of this session or of its activity while it is valid, or who read the venue's changing code.
# `moment` is when they stood there.
_AT_THE_DOOR = """
    (sent.by_code
     OR EXISTS (SELECT FROM gate g
                 WHERE g.id = sent.gate AND (g.session = s.id OR g.activity = s.activity)
                   AND g.revoked_at IS NULL AND g.opened_at IS NOT NULL
                   AND {moment} BETWEEN g.opens_at AND g.closes_at)
     OR EXISTS (SELECT FROM membership m JOIN account c ON c.id = m.account AND c.disabled_at IS NULL
                 WHERE m.account = sent.account AND m.organization = a.organization AND m.role = ANY($2::text[]))
        AND (sent.token IS NULL
             OR EXISTS (SELECT FROM token t
                         WHERE t.id = sent.token AND t.revoked_at IS NULL
                           AND (t.expires_at IS NULL OR t.expires_at > now()))))
"""
AT_THIS_DOOR = _AT_THE_DOOR.format(moment="now()")
AT_THIS_DOOR_THEN = _AT_THE_DOOR.format(moment="sent.at")

# All scans that wait at this moment in one statement and one commit. In order:
#   sent      what came, one line a scan; no ticket and no nonce of a session twice (rules.split_round). As JSON,
#             because one parameter costs the driver a fifth of what twelve arrays cost
#   answered  nonces that were answered before: looked up first, so no rule can turn a repetition into a refusal;
#             one by one through scan_session_nonce_uq, where a join might read all the scans there ever were. Only for
#             `theirs`: who guesses another organization's nonce is not told who came. `reused`: what was answered
#             was another ticket, or the other direction
#   fresh     the others, if who sent them still may stand at this door; who goes out may take an hour more
#   held      their seats, locked in one order; FOR UPDATE gives the newest state after a wait, and that is judged
#   entered   NULL becomes a time here, once, whoever else is scanning this ticket. Comes to what rules.attendance says
#             of all the seat's scans, because each of these is later than all before it: in a seat's order of times
#             none stands beside another
#   halls     the hot rows of the sessions come last, so their locks are the shortest, and in one order, because two
#             processes that carry scans of the same two halls would wait for each other
# Two processes may carry one nonce of one session: the second INSERT fails on scan_session_nonce_uq, everything it
# did is undone, and its repetition finds the answer.
ADMIT = f"""
    WITH sent AS (
        SELECT * FROM ROWS FROM (json_to_recordset($1::json) AS (
                   session text, ticket text, signature text, nonce text, direction text, at timestamptz,
                   evidence text, place text, gate int, device text, by_code bool, account int, token int,
                   distance int, address text, request_id text))
                 WITH ORDINALITY AS sent (session_code, ticket, signature, nonce, direction, at, evidence, place, gate,
                                          device, by_code, account, token, distance, address, request_id, line)
    ), answered AS (
        SELECT sent.line, sent.session_code, sent.nonce, before.*
          FROM sent
         CROSS JOIN LATERAL (
               SELECT scan.verdict, p.name AS holder, r.unit, scan.at, scan.first_at, scan.attended, scan.expected,
                      (scan.ticket, scan.direction) <> (left(sent.ticket, 26), sent.direction) AS reused,
                      EXISTS (SELECT FROM session s JOIN activity a ON a.id = s.activity
                               WHERE s.id = scan.session AND {AT_THIS_DOOR}) AS theirs
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
               now() BETWEEN s.check_in_opens_at AND s.check_in_closes_at
               + CASE WHEN direction = 'out' THEN interval '1 hour' ELSE interval '0' END
               AND s.postponed_at IS NULL AS open
          FROM sent
          JOIN session s ON s.code = sent.session_code
          JOIN activity a ON a.id = s.activity AND a.published_at IS NOT NULL
         WHERE line NOT IN (SELECT line FROM answered)
           AND {AT_THIS_DOOR}
    ), held AS (
        SELECT fresh.line, seat.id AS seat, seat.state, seat.inside, seat.attended_at, seat.moved_at,
               seat.evidence AS evidence_before, p.name AS holder, r.unit
          FROM fresh
          JOIN registration r ON r.ticket = fresh.ticket
                             AND r.signature = COALESCE(decode(fresh.signature, 'base64'), r.signature)
          JOIN person p ON p.id = r.person
          JOIN seat ON seat.registration = r.id AND seat.session = fresh.session
      ORDER BY seat.id
           FOR UPDATE OF seat
    ), judged AS (
        SELECT fresh.*, held.seat, held.holder, held.unit, held.attended_at AS first_at,
               GREATEST(at, held.moved_at + interval '1 microsecond') AS moment, COALESCE(evidence, 'scan') AS way,
               held.evidence_before IS NOT DISTINCT FROM 'later' AS held_later,
               GREATEST(floor(extract(epoch FROM at - held.moved_at))::int, 0) AS stayed,
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
                    WHEN direction = 'out' AND NOT held.inside THEN 'not_in'
                    ELSE 'admitted' END AS verdict
          FROM fresh
          LEFT JOIN held USING (line)
    ), entered AS (
        UPDATE seat
           SET inside = direction = 'in',
               attended_at = CASE WHEN held_later THEN moment ELSE COALESCE(attended_at, moment) END,
               evidence = CASE WHEN held_later THEN way ELSE COALESCE(seat.evidence, way) END,
               moved_at = moment,
               seconds = seconds + CASE WHEN direction = 'out' THEN stayed ELSE 0 END
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
        INSERT INTO scan (nonce, session, seat, ticket, direction, verdict, evidence, let_in, place, gate, device, at,
                          received_at, first_at, attended, expected, account, distance)
             SELECT nonce, session, seat, left(ticket, 26), direction, verdict, way,
                    verdict = 'admitted', COALESCE(place, ''), gate, COALESCE(device, ''), moment, now(), first_at,
                    attended, expected_now, account, distance
               FROM numbered
    ), audited AS (
        INSERT INTO audit_entry (at, account, organization, action, subject, detail, address, request_id)
             SELECT now(), account, organization, 'scan.' || verdict, session_code || '/' || nonce, '{{}}',
                    address, request_id
               FROM numbered
    )
    SELECT session_code AS session, nonce, verdict, holder, unit, moment AS at, first_at, attended,
           expected_now AS expected, false AS replayed, false AS reused
      FROM numbered
 UNION ALL
    SELECT session_code, nonce, verdict, holder, unit, at, first_at, attended, expected, true, reused
      FROM answered
     WHERE theirs
"""
_ROLES = [str(role) for role in AT_THE_GATE]


async def admit(scans: Sequence[Scan]) -> dict[tuple[str, str], Outcome]:
    """For comings and goings of this moment. The outcome of each session's nonce; a scan by whoever may not stand at
    that door has none.

    Raises asyncpg.UniqueViolationError when another process answers one of the nonces at this moment; then nothing
    was written and the same call finds that answer.
    """
    rows = await database.fetch(ADMIT, msgspec.json.encode(scans).decode(), _ROLES)
    return {(outcome.session, outcome.nonce): outcome for outcome in database.structs(Outcome, rows)}
