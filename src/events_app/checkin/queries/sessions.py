"""Sessions as the door sees them."""

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.programmes.queries.venues import BUILDING, FULL_NAME
from events_app.programmes.tables import Kind


class OpenGate(msgspec.Struct, frozen=True):
    """A gate that a device is. `valid`: not revoked, and within its hours. `unseen`: not heard of for a minute."""

    id: int
    code: str
    label: str
    session: int | None
    activity: int | None
    opens_at: datetime
    closes_at: datetime
    revoked_at: datetime | None
    valid: bool
    unseen: bool


class Doorkeeper(msgspec.Struct, frozen=True):
    """Who stands at doors: an account for its `organizations`, a device that is one or more `gates`, or both."""

    account: int | None
    organizations: list[int]
    gates: list[OpenGate]

    @property
    def valid_gates(self) -> list[int]:
        return [gate.id for gate in self.gates if gate.valid]


_OPEN_GATE = """
    SELECT g.id, g.code, g.label, g.session, g.activity, g.opens_at, g.closes_at, g.revoked_at,
           g.revoked_at IS NULL AND now() BETWEEN g.opens_at AND g.closes_at AS valid,
           COALESCE(g.seen_at < now() - interval '1 minute', true) AS unseen
      FROM gate g
"""
LIST_OPEN_GATES = f"""
    {_OPEN_GATE} WHERE g.device_digest = $1
  ORDER BY id DESC
     LIMIT 50
"""


async def list_open_gates(device: bytes) -> list[OpenGate]:
    """All that the device with this digest ever was, the newest first."""
    return await database.fetch_as(OpenGate, LIST_OPEN_GATES, device)


LIST_CLOSED_GATES = f"""
    {_OPEN_GATE} JOIN session s ON s.code = $1 AND (s.id = g.session OR s.activity = g.activity)
     WHERE g.id = ANY($2)
  ORDER BY g.id DESC
"""


async def list_closed_gates(session: str, gates: list[int]) -> list[OpenGate]:
    """Those of these `gates` that are of this session, the newest first."""
    return await database.fetch_as(OpenGate, LIST_CLOSED_GATES, session, gates) if gates else []


class GateSession(msgspec.Struct, frozen=True):
    """A session as the gate sees it. `gate` is the device's own one for it, none for staff who are logged in."""

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
    walk_ins: bool
    gate: int | None
    gate_label: str | None


_GATE_SESSION = f"""
    SELECT s.id, s.code, s.title, a.title AS activity_title, a.kind, s.starts_at, s.ends_at, s.check_in_opens_at,
           s.check_in_closes_at, s.postponed_at, s.called_off_at, {FULL_NAME} AS venue, s.attended, s.taken AS expected,
           a.walk_ins, g.id AS gate, g.label AS gate_label
      FROM session s
      JOIN activity a ON a.id = s.activity AND a.published_at IS NOT NULL
      JOIN venue v ON v.id = s.venue
      {BUILDING}
      LEFT JOIN LATERAL (SELECT id, label FROM gate
                          WHERE gate.id = ANY($2) AND (gate.session = s.id OR gate.activity = s.activity)
                          ORDER BY id DESC LIMIT 1) AS g ON true
     WHERE (a.organization = ANY($1) OR g.id IS NOT NULL)
"""


async def find_gate_session(code: str, keeper: Doorkeeper) -> GateSession | None:
    sql = f"{_GATE_SESSION} AND s.code = $3"
    return await database.find_as(GateSession, sql, keeper.organizations, keeper.valid_gates, code)


async def list_gate_sessions(keeper: Doorkeeper) -> list[GateSession]:
    """What a gate may need now: from an hour after the end back to what begins within two weeks."""
    sql = f"""{_GATE_SESSION} AND s.called_off_at IS NULL AND s.check_in_closes_at > now() - interval '1 hour'
              AND s.starts_at < now() + interval '14 days' ORDER BY s.starts_at LIMIT 60"""
    return await database.fetch_as(GateSession, sql, keeper.organizations, keeper.valid_gates)


FIND_TICKET_BY_NUMBER = """
    SELECT r.ticket FROM registration r JOIN seat ON seat.registration = r.id
     WHERE seat.session = $1 AND r.ticket ^@ $2
     LIMIT 2
"""


async def find_ticket_by_number(session: int, number: str) -> str | None:
    """The ticket of this session that begins with `number`; None when there is none, or more than one."""
    rows = await database.fetch(FIND_TICKET_BY_NUMBER, session, number)
    return rows[0]["ticket"] if len(rows) == 1 else None
