"""How unions plan."""

import msgspec

from events_app.lib import database


class PolicyRow(msgspec.Struct, frozen=True):
    """What holds while a union has decided nothing: 40 km/h, and no reviews."""

    travel_speed: int = 40
    reviews: bool = False


async def find_policy(organization: int) -> PolicyRow:
    sql = "SELECT travel_speed, reviews FROM policy WHERE organization = $1"
    return await database.find_as(PolicyRow, sql, organization) or PolicyRow()


SAVE_POLICY = """
    INSERT INTO policy (organization, travel_speed, reviews) VALUES ($1, $2, $3)
    ON CONFLICT (organization) DO UPDATE SET travel_speed = EXCLUDED.travel_speed, reviews = EXCLUDED.reviews
"""


async def save_policy(organization: int, policy: PolicyRow) -> None:
    await database.fetch(SAVE_POLICY, organization, policy.travel_speed, policy.reviews)
