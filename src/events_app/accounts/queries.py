"""Reads of accounts, and the counting of tries."""

from datetime import datetime

import msgspec

from events_app.accounts.rules import IDLE, LONGEST, Me
from events_app.accounts.tables import OrganizationKind
from events_app.lib import database
from events_app.lib.database import Row

_MEMBERSHIPS = """
    COALESCE((SELECT json_agg(json_build_object('organization', o.id, 'code', o.code, 'name', o.name,
                                                'role', m.role) ORDER BY m.id)
                FROM membership m JOIN organization o ON o.id = m.organization
               WHERE m.account = a.id), '[]')::text AS memberships
"""

# One round trip for every page of somebody who is logged in; carried by login_secret_digest_key.
FIND_LOGIN = f"""
    SELECT a.id AS account, a.login, a.name, l.id AS credential, l.seen_at, {_MEMBERSHIPS}
      FROM login l JOIN account a ON a.id = l.account
     WHERE l.secret_digest = $1 AND l.ended_at IS NULL AND a.disabled_at IS NULL
       AND l.seen_at > now() - $2::interval AND l.created_at > now() - $3::interval
"""


async def find_login(digest: bytes) -> tuple[Me, datetime] | None:
    """Who is logged in with this cookie, and when they were last seen."""
    row = await database.find(FIND_LOGIN, digest, IDLE, LONGEST)
    return (_me(row), row["seen_at"]) if row else None


FIND_TOKEN = f"""
    SELECT a.id AS account, a.login, a.name, t.id AS credential, {_MEMBERSHIPS}
      FROM token t JOIN account a ON a.id = t.account
     WHERE t.secret_digest = $1 AND t.revoked_at IS NULL AND a.disabled_at IS NULL
       AND (t.expires_at IS NULL OR t.expires_at > now())
"""


async def find_token(digest: bytes) -> Me | None:
    row = await database.find(FIND_TOKEN, digest)
    return _me(row) if row else None


# One statement counts and tells: processes share it, and two tries at once are two.
COUNT_TRY = """
    INSERT INTO throttle (bucket, period, hits)
         VALUES ($1, floor(extract(epoch FROM now()) / $2)::bigint, $3)
    ON CONFLICT (bucket, period) DO UPDATE SET hits = throttle.hits + EXCLUDED.hits
      RETURNING hits, ($2 - extract(epoch FROM now())::bigint % $2)::int AS seconds_left
"""


async def count_try(bucket: str, seconds: int, tries: int = 1) -> tuple[int, int]:
    """How often `bucket` was tried in this period of `seconds`, these included; seconds until the next one."""
    row = await database.find(COUNT_TRY, bucket, seconds, tries)
    assert row is not None
    return row["hits"], row["seconds_left"]


FIND_WAIT = """
    SELECT ($3::int - extract(epoch FROM now())::bigint % $3::int)::int AS seconds_left
      FROM unnest($1::text[], $2::int[]) AS limits (bucket, most) JOIN throttle USING (bucket)
     WHERE period = floor(extract(epoch FROM now()) / $3::int)::bigint AND hits >= most
     LIMIT 1
"""


async def find_wait(limits: dict[str, int], seconds: int) -> int | None:
    """Seconds until the next period of `seconds` when a bucket has reached its limit in this one; counts nothing."""
    wait: int | None = await database.value(FIND_WAIT, list(limits), list(limits.values()), seconds)
    return wait


# Two of one login at once: one statement settles who gets it.
ADD_ACCOUNT = """
    INSERT INTO account (login, name, password_hash, created_at) VALUES ($1, $2, $3, now())
    ON CONFLICT (login) DO NOTHING RETURNING id
"""


async def add_account(login: str, name: str, password_hash: str) -> int | None:
    """Its id; None when the login is taken, also at this very moment."""
    account: int | None = await database.value(ADD_ACCOUNT, login, name, password_hash)
    return account


class OrganizationRow(msgspec.Struct, frozen=True):
    id: int
    code: str
    name: str
    kind: OrganizationKind
    region: str


async def find_organization(code: str) -> OrganizationRow | None:
    return await database.find_as(
        OrganizationRow, "SELECT id, code, name, kind, region FROM organization WHERE code = $1", code
    )


ADD_ORGANIZATION = """
    INSERT INTO organization (code, name, kind, region, created_at) VALUES ($1, $2, $3, $4, now())
    ON CONFLICT DO NOTHING RETURNING id
"""


async def add_organization(code: str, name: str, kind: OrganizationKind, region: str) -> bool:
    """False when its code or its name is taken, also at this very moment."""
    return await database.value(ADD_ORGANIZATION, code, name, str(kind), region) is not None


ADD_ORGANIZATIONS = """
    INSERT INTO organization (code, name, kind, region, created_at)
         SELECT code, name, $3, '', now() FROM unnest($1::text[], $2::text[]) AS o (code, name) ORDER BY name
    ON CONFLICT DO NOTHING RETURNING code, name
"""


async def add_organizations(codes: list[str], names: list[str], kind: OrganizationKind) -> dict[str, str]:
    """Codes and names of those that were new; the others' names are taken."""
    rows = await database.fetch(ADD_ORGANIZATIONS, codes, names, str(kind))
    return {row["code"]: row["name"] for row in rows}


ADD_AUDIT_ENTRIES = """
    INSERT INTO audit_entry (at, account, organization, action, subject, detail, address, request_id)
         SELECT $1, $2, $3, action, subject, detail::jsonb, $7, $8
           FROM unnest($4::text[], $5::text[], $6::text[]) WITH ORDINALITY AS e (action, subject, detail, line)
       ORDER BY line
"""


async def add_audit_entries(
    at: datetime,
    account: int,
    organization: int,
    entries: list[tuple[str, str, str]],
    address: str,
    request_id: str,
) -> None:
    """`entries` are action, subject, and the detail as JSON."""
    columns = [[entry[n] for entry in entries] for n in range(3)]
    await database.fetch(ADD_AUDIT_ENTRIES, at, account, organization, *columns, address, request_id)


async def list_organizations() -> list[OrganizationRow]:
    """All of them, for choosing hosts and schools by name."""
    return await database.fetch_as(
        OrganizationRow, "SELECT id, code, name, kind, region FROM organization ORDER BY kind, name"
    )


class OrganiserRow(msgspec.Struct, frozen=True):
    id: int
    name: str


LIST_ORGANISERS = """
    SELECT a.id, a.name FROM account a
     WHERE a.disabled_at IS NULL
       AND EXISTS (SELECT FROM membership m
                    WHERE m.account = a.id AND m.organization = $1 AND m.role IN ('owner', 'organizer'))
  ORDER BY a.name, a.id
"""


async def list_organisers(organization: int) -> list[OrganiserRow]:
    """Who organises for this organization."""
    return await database.fetch_as(OrganiserRow, LIST_ORGANISERS, organization)


def _me(row: Row) -> Me:
    return msgspec.convert(
        {
            "account": row["account"],
            "login": row["login"],
            "name": row["name"],
            "credential": row["credential"],
            "memberships": msgspec.json.decode(row["memberships"]),
        },
        Me,
    )
