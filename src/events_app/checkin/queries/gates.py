"""Gates as their organisers see them, and the link that makes a device one."""

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.programmes.queries.venues import BUILDING, FULL_NAME


class GateRow(msgspec.Struct, frozen=True):
    """A gate of one session, or of all of an activity's (then `session_code` is None), and what it scanned."""

    id: int
    code: str
    label: str
    link: str | None
    opens_at: datetime
    closes_at: datetime
    opened_at: datetime | None
    seen_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime
    created_by: str | None
    organization: int
    session: int | None
    activity: int | None
    activity_code: str
    activity_title: str
    session_code: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    scans: int
    last_at: datetime | None


# The scans are read through scan_gate.
_GATES = """
    SELECT g.id, g.code, g.label, g.link, g.opens_at, g.closes_at, g.opened_at, g.seen_at, g.revoked_at, g.created_at,
           c.name AS created_by, a.organization, g.session, g.activity, a.code AS activity_code,
           a.title AS activity_title, s.code AS session_code, s.starts_at, s.ends_at, log.scans, log.last_at
      FROM gate g
      LEFT JOIN session s ON s.id = g.session
      JOIN activity a ON a.id = COALESCE(g.activity, s.activity)
      LEFT JOIN account c ON c.id = g.created_by
     CROSS JOIN LATERAL (SELECT count(*)::int AS scans, max(scan.at) AS last_at
                           FROM scan WHERE scan.gate = g.id) AS log
"""
_NEWEST_FIRST = "ORDER BY g.revoked_at IS NOT NULL, g.id DESC LIMIT 200"


async def list_session_gates(session: int, activity: int) -> list[GateRow]:
    """Who may stand at this session's door: its own gates, and those of all of its activity's sessions."""
    sql = f"{_GATES} WHERE g.session = $1 OR g.activity = $2 {_NEWEST_FIRST}"
    return await database.fetch_as(GateRow, sql, session, activity)


async def list_activity_gates(activity: int) -> list[GateRow]:
    """Those of all sessions, and those of one of them."""
    sql = f"{_GATES} WHERE g.activity = $1 OR s.activity = $1 {_NEWEST_FIRST}"
    return await database.fetch_as(GateRow, sql, activity)


async def find_own_gate(code: str, organizations: list[int]) -> GateRow | None:
    sql = f"{_GATES} WHERE g.code = $1 AND a.organization = ANY($2)"
    return await database.find_as(GateRow, sql, code, organizations)


class GateLink(msgspec.Struct, frozen=True):
    """What a link that nobody has opened yet would make of a device."""

    id: int
    code: str
    label: str
    opens_at: datetime
    closes_at: datetime
    organization: int
    organization_name: str
    activity_title: str
    session_code: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    venue: str | None


FIND_LINK = f"""
    SELECT g.id, g.code, g.label, g.opens_at, g.closes_at, a.organization, o.name AS organization_name,
           a.title AS activity_title, s.code AS session_code, s.starts_at, s.ends_at, {FULL_NAME} AS venue
      FROM gate g
      LEFT JOIN session s ON s.id = g.session
      JOIN activity a ON a.id = COALESCE(g.activity, s.activity)
      JOIN organization o ON o.id = a.organization
      LEFT JOIN venue v ON v.id = s.venue
      {BUILDING}
     WHERE g.link = $1 AND g.revoked_at IS NULL
"""


async def find_link(link: str) -> GateLink | None:
    return await database.find_as(GateLink, FIND_LINK, link)


# Two devices may open one link at once: whoever is first to write into the row is the gate.
OPEN_GATE = """
    UPDATE gate
       SET device_digest = $2, opened_at = now(), seen_at = now(), link = NULL
     WHERE id = $1 AND opened_at IS NULL AND revoked_at IS NULL AND closes_at > now()
 RETURNING id
"""


async def open_gate(gate: int, device: bytes) -> bool:
    """Whether this device has become the gate."""
    return await database.value(OPEN_GATE, gate, device) is not None


# Both at once, or a revocation and an opening: whoever comes second finds another state.
REVOKE_GATE = (
    "UPDATE gate SET revoked_at = now(), link = NULL WHERE id = $1 AND revoked_at IS NULL RETURNING id"
)


async def revoke_gate(gate: int) -> bool:
    """Whether it was good until now."""
    return await database.value(REVOKE_GATE, gate) is not None


async def set_hours(gate: int, label: str, opens_at: datetime, closes_at: datetime) -> bool:
    """Whether there was a gate to change; a revoked one stays as it is."""
    sql = """UPDATE gate SET label = $2, opens_at = $3, closes_at = $4 WHERE id = $1 AND revoked_at IS NULL
             RETURNING id"""
    return await database.value(sql, gate, label, opens_at, closes_at) is not None


NOTE_SEEN = "UPDATE gate SET seen_at = now() WHERE id = ANY($1) AND seen_at < now() - interval '1 minute'"


async def note_seen(gates: list[int]) -> None:
    """Once a minute at most."""
    await database.fetch(NOTE_SEEN, gates)
