"""What else is planned near a session, and what is known of its guests and places."""

from collections.abc import Iterable, Sequence

import msgspec

from events_app.lib import database
from events_app.lib.clock import local
from events_app.lib.database import Row
from events_app.programmes.queries.venues import ADDRESS, BUILDING, FULL_NAME, list_opening_hours
from events_app.programmes.rules.activities import CONFIDENTIAL
from events_app.programmes.rules.clashes import LONGEST_WAY, Facts, Hall, Other, Planned
from events_app.programmes.rules.places import Opening, Place
from events_app.programmes.rules.sessions import LONGEST

# Two organisers who plan for one union, or bring guests to one school, at the same moment: the second one waits here
# and then sees what the first one saved. Always in the order of ids, so that nobody waits for each other.
LOCK_PLANNING = "SELECT id FROM organization WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"


async def lock_planning(organization: int, sites: Iterable[int | None]) -> None:
    """Until the transaction ends."""
    await database.fetch(LOCK_PLANNING, sorted({organization, *(site for site in sites if site)}))


# One round trip for one planned session or five hundred. No session is longer than $2, so that a range of starts on
# session_venue_starts_at, session_site_starts_at and session_in_charge_starts_at holds all that overlap; what the
# guests do between $9 and $10 comes by appearance_guest once, and is then looked through for each session. OFFSET 0
# keeps the planner from reading the whole table for many planned sessions. The sessions of other unions are those
# that everybody can see, with no more than everybody can see of them.
LIST_NEAR = f"""
    WITH planned AS (
        SELECT starts_at, starts_at - $2::interval AS earliest, ends_at, venue, site, in_charge
          FROM unnest($3::timestamptz[], $4::timestamptz[], $5::int[], $6::int[], $7::int[])
                   AS p (starts_at, ends_at, venue, site, in_charge)
    ), rooms AS (
        SELECT p.*, p.venue AS room FROM planned p
         UNION ALL
        SELECT p.*, v.parent FROM planned p JOIN venue v ON v.id = p.venue WHERE v.parent IS NOT NULL
         UNION ALL
        SELECT p.*, v.id FROM planned p JOIN venue v ON v.parent = p.venue
    ), busy AS MATERIALIZED (
        SELECT s.id, ap.guest, s.starts_at, s.ends_at
          FROM appearance ap JOIN session s ON s.id = ap.session
         WHERE ap.guest = ANY($8::int[])
           AND s.starts_at < $10 AND s.starts_at >= $9::timestamptz - $2 AND s.ends_at > $9
    ), near AS (
        SELECT s.id FROM rooms p CROSS JOIN LATERAL (
               SELECT id FROM session WHERE venue = p.room AND starts_at < p.ends_at AND starts_at >= p.earliest
                                        AND ends_at > p.starts_at OFFSET 0) s
         UNION
        SELECT s.id FROM planned p CROSS JOIN LATERAL (
               SELECT id FROM session WHERE site = p.site AND starts_at < p.ends_at AND starts_at >= p.earliest
                                        AND ends_at > p.starts_at OFFSET 0) s
         UNION
        SELECT s.id FROM planned p CROSS JOIN LATERAL (
               SELECT id FROM session WHERE in_charge = p.in_charge AND starts_at < p.ends_at
                                        AND starts_at >= p.earliest AND ends_at > p.starts_at OFFSET 0) s
         UNION
        SELECT busy.id FROM unnest($11::int[], $12::timestamptz[], $13::timestamptz[]) AS p (guest, first, last)
          JOIN busy ON busy.guest = p.guest AND busy.starts_at < p.last AND busy.ends_at > p.first
    )
    SELECT s.code AS session, s.starts_at, s.ends_at, concat_ws('·', a.title, NULLIF(s.title, '')) AS title,
           a.organization = $1 AS own, s.site, CASE WHEN a.organization = $1 THEN s.in_charge END AS in_charge,
           v.id AS venue, COALESCE(v.parent, v.id) AS building, {FULL_NAME} AS venue_name, {ADDRESS} AS address,
           COALESCE(v.latitude, building.latitude) AS latitude,
           COALESCE(v.longitude, building.longitude) AS longitude,
           ARRAY(SELECT ap.guest FROM appearance ap WHERE ap.session = s.id AND ap.guest = ANY($8)
                    AND NOT EXISTS (SELECT FROM invitation i WHERE i.session = s.id AND i.guest = ap.guest
                                                               AND i.answer = 'declined')) AS guests
      FROM near
      CROSS JOIN LATERAL (SELECT * FROM session WHERE session.id = near.id OFFSET 0) s
      JOIN activity a ON a.id = s.activity
      JOIN venue v ON v.id = s.venue
      {BUILDING}
     WHERE s.called_off_at IS NULL AND s.postponed_at IS NULL AND a.state <> 'called_off'
       AND s.id <> ALL($14::int[])
       AND (a.organization = $1 OR (a.published_at IS NOT NULL AND a.kind <> ALL($15::text[])))
  ORDER BY s.starts_at, s.id
"""


async def list_near(organization: int, planned: Sequence[Planned]) -> list[Other]:
    """The saved sessions that may be in the way of these, except themselves; `guests` are those that were asked for."""
    rows = await database.fetch(LIST_NEAR, *near_values(organization, planned))
    return [_other(row) for row in rows]


def near_values(organization: int, planned: Sequence[Planned]) -> list[object]:
    """The parameters of LIST_NEAR."""
    columns = [
        [getattr(p, name) for p in planned] for name in ("starts_at", "ends_at", "venue", "site", "in_charge")
    ]
    asked = [
        (guest, p.starts_at - LONGEST_WAY, p.ends_at + LONGEST_WAY) for p in planned for guest in p.guests
    ]
    guests, firsts, lasts = ([*column] for column in zip(*asked, strict=True)) if asked else ([], [], [])
    window = [sorted(set(guests)), min(firsts, default=None), max(lasts, default=None)]
    own = [p.session for p in planned if p.session]
    confidential = [str(kind) for kind in CONFIDENTIAL]
    return [organization, LONGEST, *columns, *window, guests, firsts, lasts, own, confidential]


# Names are given of what is there for everybody to choose, all else of the union's own alone.
FIND_FACTS = f"""
    SELECT json_build_object(
        'venues', COALESCE((SELECT json_object_agg(v.id, json_build_object('place', json_build_object(
                                   'id', v.id, 'building', COALESCE(v.parent, v.id), 'name', {FULL_NAME},
                                   'address', {ADDRESS}, 'latitude', COALESCE(v.latitude, building.latitude),
                                   'longitude', COALESCE(v.longitude, building.longitude)),
                                   'capacity', v.capacity, 'hours', '[]'::json))
                              FROM venue v {BUILDING}
                             WHERE v.organization = $1 AND v.id = ANY($2::int[])), '{{}}'),
        'guests', COALESCE((SELECT json_object_agg(g.id, json_build_object('name', g.name, 'weekdays', g.weekdays,
                                   'absences', COALESCE((SELECT json_agg(to_json(b) ORDER BY b.first_day, b.id)
                                                           FROM absence b
                                                          WHERE b.guest = g.id AND b.last_day >= $6), '[]')))
                              FROM guest g WHERE g.organization = $1 AND g.id = ANY($3::int[])), '{{}}'),
        'sites', COALESCE((SELECT json_object_agg(id, name) FROM organization WHERE id = ANY($4::int[])), '{{}}'),
        'accounts', COALESCE((SELECT json_object_agg(c.id, c.name) FROM account c
                               WHERE c.id = ANY($5::int[])
                                 AND EXISTS (SELECT FROM membership m WHERE m.account = c.id
                                                                        AND m.organization = $1)), '{{}}'),
        'speed', $7::int)::text
"""


async def find_facts(organization: int, planned: Sequence[Planned], speed: int) -> Facts:
    """What is known of those who are planned; ids of other unions' venues, guests and accounts are not known."""
    venues = sorted({p.venue for p in planned if p.venue})
    guests = sorted({guest for p in planned for guest in p.guests})
    sites, accounts = ({getattr(p, name) for p in planned} - {None} for name in ("site", "in_charge"))
    first = min(p.starts_at for p in planned)
    text = await database.value(
        FIND_FACTS, organization, venues, guests, list(sites), list(accounts), local(first).date(), speed
    )
    facts = msgspec.json.decode(text, type=Facts)
    return msgspec.structs.replace(facts, venues=await _opened(facts.venues))


_PLANNED = """
    SELECT starts_at, ends_at, venue, site, in_charge, capacity, id AS session,
           ARRAY(SELECT guest FROM appearance ap WHERE ap.session = s.id ORDER BY ap.id) AS guests
      FROM session s
"""


async def find_planned(session: int) -> Planned:
    """A session as it is stored now, also by the running transaction alone."""
    planned = await database.find_as(Planned, f"{_PLANNED} WHERE id = $1", session)
    assert planned is not None
    return planned


async def list_planned(sessions: list[str]) -> list[Planned]:
    """Like `find_planned`, by their codes and in the same order."""
    sql = f"{_PLANNED} WHERE code = ANY($1::text[]) ORDER BY array_position($1::text[], code::text)"
    return await database.fetch_as(Planned, sql, sessions)


async def _opened(halls: dict[int, Hall]) -> dict[int, Hall]:
    hours = await list_opening_hours(list(halls))
    return {
        venue: msgspec.structs.replace(
            hall, hours=[Opening(row.weekday, row.opens, row.closes) for row in hours[venue]]
        )
        for venue, hall in halls.items()
    }


def _other(row: Row) -> Other:
    place = Place(
        id=row["venue"],
        building=row["building"],
        name=row["venue_name"],
        address=row["address"],
        latitude=row["latitude"],
        longitude=row["longitude"],
    )
    names = ("session", "starts_at", "ends_at", "title", "own", "site", "in_charge", "guests")
    return Other(**{name: row[name] for name in names}, place=place)
