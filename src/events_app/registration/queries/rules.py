"""An activity's rules of registration, the units that may register, and who is registered under them."""

import msgspec

from events_app.lib import database
from events_app.registration.rules.rule_changes import Held, Rules


class UnitQuota(msgspec.Struct, frozen=True):
    """A unit on the list; without places of its own everybody's quota counts."""

    name: str
    places: int | None


class RulesRow(Rules, frozen=True, kw_only=True):
    """The rules with the activity and programme that they belong to; `programme` is None where there is none."""

    programme: int | None
    programme_name: str
    programme_own: bool


FIND_RULES = """
    SELECT a.admission, a.extent, a.most_sessions, p.most_sessions AS programme_most, a.eligible_only, a.unit_quota,
           a.walk_ins, a.minimum_age, a.asks_birth_year, a.offer_minutes, a.group_most, a.minimum_minutes,
           a.must_check_out, a.session_hours, a.certificates, a.certificate_hours, p.id AS programme,
           COALESCE(p.name, '') AS programme_name, COALESCE(p.organization = ANY($2), false) AS programme_own
      FROM activity a LEFT JOIN programme p ON p.id = a.programme
     WHERE a.id = $1
"""


async def find_rules(activity: int, organizations: list[int]) -> RulesRow:
    """Of an activity that is there; whether the programme belongs to one of these organizations."""
    found = await database.find_as(RulesRow, FIND_RULES, activity, organizations)
    assert found is not None
    return found


LIST_UNIT_QUOTAS = """
    SELECT o.name, e.quota AS places FROM eligible_unit e JOIN organization o ON o.id = e.organization
     WHERE e.activity = $1 ORDER BY e.id
"""


async def list_unit_quotas(activity: int) -> list[UnitQuota]:
    return await database.fetch_as(UnitQuota, LIST_UNIT_QUOTAS, activity)


SET_UNITS = """
    WITH given AS (
        SELECT organization, quota FROM unnest($2::int[], $3::int[]) AS rows (organization, quota)
    ), gone AS (
        DELETE FROM eligible_unit WHERE activity = $1 AND organization NOT IN (SELECT organization FROM given)
    )
    INSERT INTO eligible_unit (activity, organization, quota) SELECT $1, organization, quota FROM given
    ON CONFLICT (activity, organization) DO UPDATE SET quota = EXCLUDED.quota
"""


async def set_units(activity: int, organizations: list[int], quotas: list[int | None]) -> None:
    """These units are the whole list from now on."""
    await database.fetch(SET_UNITS, activity, organizations, quotas)


FIND_HELD = """
    SELECT count(DISTINCT seat.registration) FILTER (WHERE seat.state = 'entered')::int AS entered,
           count(DISTINCT seat.registration) FILTER (WHERE seat.state = 'pending')::int AS pending,
           count(DISTINCT seat.registration) FILTER (WHERE seat.state <> 'entered')::int AS held
      FROM session s JOIN seat ON seat.session = s.id AND seat.state <> 'released'
     WHERE s.activity = $1 AND s.called_off_at IS NULL AND (s.ends_at > now() OR s.postponed_at IS NOT NULL)
"""


async def find_held(activity: int) -> Held:
    """Under the locks of its sessions."""
    held = await database.find_as(Held, FIND_HELD, activity)
    assert held is not None
    return held
