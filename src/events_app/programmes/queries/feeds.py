"""Private calendar addresses."""

from datetime import datetime

import msgspec

from events_app.lib import database


class FeedRow(msgspec.Struct, frozen=True):
    """An address that is not revoked."""

    id: int
    secret: str
    created_at: datetime


class OrganizationFeed(msgspec.Struct, frozen=True):
    """An organization, and its feed when it has one."""

    code: str
    name: str
    secret: str | None
    created_at: datetime | None


async def find_guest_feed(guest: int) -> FeedRow | None:
    sql = "SELECT id, secret, created_at FROM feed WHERE guest = $1 AND revoked_at IS NULL ORDER BY id DESC LIMIT 1"
    return await database.find_as(FeedRow, sql, guest)


LIST_ORGANIZATION_FEEDS = """
    SELECT o.code, o.name, f.secret, f.created_at
      FROM organization o
      LEFT JOIN LATERAL (SELECT secret, created_at FROM feed
                          WHERE organization = o.id AND revoked_at IS NULL ORDER BY id DESC LIMIT 1) f ON true
     WHERE o.id = ANY($1)
  ORDER BY o.name
"""


async def list_organization_feeds(organizations: list[int]) -> list[OrganizationFeed]:
    return await database.fetch_as(OrganizationFeed, LIST_ORGANIZATION_FEEDS, organizations)


REVOKE = """
    UPDATE feed SET revoked_at = now()
     WHERE (guest = $1 OR organization = $2) AND revoked_at IS NULL
 RETURNING id
"""


async def revoke(guest: int | None, organization: int | None) -> bool:
    """Whether there was one."""
    return await database.value(REVOKE, guest, organization) is not None


# Two who renew at once: the second waits for the first one's row and revokes it, so that one address remains.
async def lock_owner(guest: int | None, organization: int | None) -> None:
    await database.fetch("SELECT FROM guest WHERE id = $1 FOR NO KEY UPDATE", guest)
    await database.fetch("SELECT FROM organization WHERE id = $1 FOR NO KEY UPDATE", organization)


async def add_feed(guest: int | None, organization: int | None, secret: str) -> None:
    sql = "INSERT INTO feed (guest, organization, secret, created_at) VALUES ($1, $2, $3, now())"
    await database.fetch(sql, guest, organization, secret)
