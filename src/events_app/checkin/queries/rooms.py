"""How many are in a room, and how they came, at this moment."""

from datetime import datetime

import msgspec

from events_app.lib import database


class Room(msgspec.Struct, frozen=True):
    """`attended` counts people with a name and `heads`, pupils without one; the ways in count those with a name.

    `lately`: let in within the last five minutes. `gates` devices may stand at this door now, `heard` of them were
    heard of within two minutes.
    """

    attended: int
    expected: int
    inside: int
    heads: int
    walk_ins: int
    scan: int
    self: int
    roster: int
    paper: int
    later: int
    lately: int
    last_at: datetime | None
    gates: int
    heard: int
    walk_ins_welcome: bool
    published: bool


# `lately` reads backwards through the session's newest scans only.
FIND_ROOM = """
    SELECT s.attended, s.taken AS expected, a.walk_ins AS walk_ins_welcome, a.published_at IS NOT NULL AS published,
           seats.*, heads.*, log.*, doors.*
      FROM session s
      JOIN activity a ON a.id = s.activity
     CROSS JOIN LATERAL (
           SELECT count(*) FILTER (WHERE inside)::int AS inside,
                  count(*) FILTER (WHERE walk_in)::int AS walk_ins,
                  count(*) FILTER (WHERE evidence = 'scan')::int AS scan,
                  count(*) FILTER (WHERE evidence = 'self')::int AS self,
                  count(*) FILTER (WHERE evidence = 'roster')::int AS roster,
                  count(*) FILTER (WHERE evidence = 'paper')::int AS paper,
                  count(*) FILTER (WHERE evidence = 'later')::int AS later
             FROM seat WHERE session = s.id AND attended_at IS NOT NULL) AS seats
     CROSS JOIN LATERAL (
           SELECT COALESCE(sum(attended), 0)::int AS heads FROM headcount WHERE session = s.id) AS heads
     CROSS JOIN LATERAL (
           SELECT count(*) FILTER (WHERE direction = 'in' AND verdict = 'admitted'
                                     AND at > now() - interval '5 minutes')::int AS lately,
                  max(at) FILTER (WHERE direction = 'in' AND verdict = 'admitted') AS last_at
             FROM (SELECT direction, verdict, at FROM scan
                    WHERE scan.session = s.id ORDER BY id DESC LIMIT 1000) AS newest) AS log
     CROSS JOIN LATERAL (
           SELECT count(*)::int AS gates,
                  count(*) FILTER (WHERE seen_at > now() - interval '2 minutes')::int AS heard
             FROM gate
            WHERE (gate.session = s.id OR gate.activity = s.activity) AND revoked_at IS NULL
              AND opened_at IS NOT NULL AND now() BETWEEN opens_at AND closes_at) AS doors
     WHERE s.id = $1
"""


async def find_room(session: int) -> Room:
    room = await database.find_as(Room, FIND_ROOM, session)
    assert room is not None
    return room
