"""Invitations: what was asked of whom, and the atomic writes that ask, answer and ask again."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.programmes.queries.venues import ADDRESS, BUILDING, FULL_NAME
from events_app.programmes.rules.invitations import PATIENCE
from events_app.programmes.tables import Answer, Kind


class InvitationRow(msgspec.Struct, frozen=True):
    """An invitation with its session. `who` was asked: a guest, or an organization; `other_…` is what it proposed."""

    id: int
    secret: str
    answer: Answer
    remark: str
    other_starts_at: datetime | None
    other_ends_at: datetime | None
    asked_at: datetime
    answered_at: datetime | None
    guest: int | None
    asked: int | None
    who: str
    who_code: str
    honour: str
    session: int
    session_code: str
    title: str
    starts_at: datetime
    ends_at: datetime
    sequence: int
    postponed_at: datetime | None
    called_off_at: datetime | None
    called_off_reason: str
    venue: str
    address: str
    site_name: str
    activity_title: str
    activity_code: str
    kind: Kind
    capacity: int
    organization: int
    organization_name: str
    overdue: bool

    @property
    def is_open(self) -> bool:
        return self.answer == Answer.OPEN

    @property
    def of_site(self) -> bool:
        return self.asked is not None


_PATIENCE = f"interval '{PATIENCE.days} days'"
_OVERDUE = f"(i.answer = 'open' AND (i.asked_at < now() - {_PATIENCE} OR s.starts_at < now() + {_PATIENCE}))"
# Who is no longer a guest of the session, or no longer its host, is not asked any more.
_TABLES = f"""
      FROM invitation i
      JOIN session s ON s.id = i.session
      JOIN activity a ON a.id = s.activity
      JOIN organization o ON o.id = a.organization
      JOIN venue v ON v.id = s.venue
      {BUILDING}
      LEFT JOIN organization site ON site.id = s.site
      LEFT JOIN guest g ON g.id = i.guest
     WHERE (i.organization = s.site
            OR EXISTS (SELECT FROM appearance ap WHERE ap.session = s.id AND ap.guest = i.guest))
"""
_INVITATION = f"""
    SELECT i.id, i.secret, i.answer, i.remark, i.starts_at AS other_starts_at, i.ends_at AS other_ends_at,
           i.asked_at, i.answered_at, i.guest, i.organization AS asked,
           COALESCE(g.name, site.name) AS who, COALESCE(g.code, site.code) AS who_code,
           COALESCE(g.honour, '') AS honour,
           s.id AS session, s.code AS session_code, s.title, s.starts_at, s.ends_at, s.sequence, s.postponed_at,
           s.called_off_at, s.called_off_reason, {FULL_NAME} AS venue, {ADDRESS} AS address,
           COALESCE(site.name, '') AS site_name, a.title AS activity_title, a.code AS activity_code, a.kind,
           s.capacity, a.organization, o.name AS organization_name, {_OVERDUE} AS overdue
    {_TABLES}
"""


async def find_invitation(secret: str) -> InvitationRow | None:
    """By its secret, which is all that who was asked needs."""
    return await database.find_as(InvitationRow, f"{_INVITATION} AND i.secret = $1", secret)


# The session's row is held so that nobody moves it while it is answered; who moves it waits, and then reopens.
async def find_answerable(secret: str) -> InvitationRow | None:
    sql = f"{_INVITATION} AND i.secret = $1 FOR SHARE OF s"
    return await database.find_as(InvitationRow, sql, secret)


async def find_own_invitation(session: int, invitation: int) -> InvitationRow | None:
    sql = f"{_INVITATION} AND i.session = $1 AND i.id = $2"
    return await database.find_as(InvitationRow, sql, session, invitation)


async def list_guest_invitations(guest: int) -> list[InvitationRow]:
    sql = f"{_INVITATION} AND i.guest = $1 ORDER BY s.starts_at DESC, i.id LIMIT 100"
    return await database.fetch_as(InvitationRow, sql, guest)


async def list_proposals(organizations: list[int], limit: int, offset: int) -> list[InvitationRow]:
    """What schools and companies are asked: what is to come, then what was, open ones first."""
    sql = f"""{_INVITATION} AND i.organization = ANY($1)
     ORDER BY s.ends_at < now(), i.answer <> 'open', s.starts_at, i.id LIMIT $2 OFFSET $3"""
    return await database.fetch_as(InvitationRow, sql, organizations, limit, offset)


async def count_proposals(organizations: list[int]) -> int:
    sql = "SELECT count(*) FROM invitation i JOIN session s ON s.id = i.session AND s.site = i.organization"
    return int(await database.value(f"{sql} WHERE i.organization = ANY($1)", organizations))


# What is still open and to come, and what was answered in a month.
_CURRENT = """
       AND a.organization = ANY($1)
       AND (CASE WHEN i.answer IN ('open', 'countered') THEN s.ends_at > now() AND s.called_off_at IS NULL
                 ELSE i.answered_at > now() - interval '30 days' END)
       AND $2 IN ('', i.answer)
"""


async def list_current(organizations: list[int], answer: str, limit: int, offset: int) -> list[InvitationRow]:
    """Overdue ones first, then other times to decide on, then what is open, by the session's beginning."""
    sql = f"""{_INVITATION} {_CURRENT}
     ORDER BY overdue DESC, i.answer = 'countered' DESC, i.answer = 'open' DESC, s.starts_at, i.id LIMIT $3 OFFSET $4"""
    return await database.fetch_as(InvitationRow, sql, organizations, answer, limit, offset)


async def count_current(organizations: list[int], answer: str) -> int:
    return int(await database.value(f"SELECT count(*) {_TABLES} {_CURRENT}", organizations, answer))


class AskedRow(msgspec.Struct, frozen=True):
    """A guest or the host of a session, and what they were asked; `invitation` is None when nothing yet."""

    code: str
    name: str
    honour: str
    unit: str
    of_site: bool
    invitation: int | None
    secret: str | None
    answer: Answer | None
    remark: str | None
    other_starts_at: datetime | None
    other_ends_at: datetime | None
    answered_at: datetime | None


LIST_ASKED = """
    SELECT asked.*, i.id AS invitation, i.secret, i.answer, i.remark, i.starts_at AS other_starts_at,
           i.ends_at AS other_ends_at, i.answered_at
      FROM (SELECT site.code, site.name, '' AS honour, '' AS unit, true AS of_site, 0 AS position,
                   NULL::int AS guest, site.id AS organization
              FROM session s JOIN organization site ON site.id = s.site WHERE s.id = $1
             UNION ALL
            SELECT g.code, g.name, g.honour, g.unit, false, ap.id, g.id, NULL
              FROM appearance ap JOIN guest g ON g.id = ap.guest WHERE ap.session = $1) AS asked
      LEFT JOIN invitation i ON i.session = $1
                            AND (i.guest = asked.guest OR i.organization = asked.organization)
  ORDER BY asked.position
"""


async def list_asked(session: int) -> list[AskedRow]:
    """The host first, then the guests in the order written."""
    return await database.fetch_as(AskedRow, LIST_ASKED, session)


async def list_appearing(session: int) -> dict[str, int]:
    """The session's guests: codes to ids."""
    sql = "SELECT g.code, g.id FROM appearance ap JOIN guest g ON g.id = ap.guest WHERE ap.session = $1 ORDER BY ap.id"
    return {row["code"]: row["id"] for row in await database.fetch(sql, session)}


# Two organisers who ask the same guest at once ask once: the second one's secret is never told.
INVITE_GUESTS = """
    INSERT INTO invitation (session, guest, secret, answer, remark, asked_at, asked_by)
         SELECT $1, guest, secret, 'open', '', now(), $2 FROM unnest($3::int[], $4::text[]) AS given (guest, secret)
    ON CONFLICT (session, guest) DO NOTHING
      RETURNING guest
"""


async def add_guest_invitations(session: int, account: int, guests: Sequence[int], secrets: list[str]) -> int:
    """How many of `guests` had not been asked yet."""
    return len(await database.fetch(INVITE_GUESTS, session, account, list(guests), secrets))


ASK_SITE = """
    INSERT INTO invitation (session, organization, secret, answer, remark, asked_at, asked_by)
         SELECT id, site, $2, 'open', '', now(), $3 FROM session WHERE id = $1 AND site IS NOT NULL
    ON CONFLICT (session, organization) DO NOTHING
      RETURNING id
"""


async def add_site_invitation(session: int, account: int, secret: str) -> bool:
    """False when it was asked already, or nobody is the host."""
    return await database.value(ASK_SITE, session, secret, account) is not None


SAVE_ANSWER = """
    UPDATE invitation
       SET answer = $3, remark = $4, starts_at = $5, ends_at = $6, answered_at = now(), answered_by = $7
     WHERE id = $1 AND secret = $2
 RETURNING id
"""


async def save_answer(
    invitation: InvitationRow,
    answer: Answer,
    remark: str,
    other: tuple[datetime | None, datetime | None],
    account: int | None,
) -> bool:
    """False when the secret was replaced meanwhile."""
    values = (invitation.id, invitation.secret, str(answer), remark, *other, account)
    return await database.value(SAVE_ANSWER, *values) is not None


_FORGOTTEN = "remark = '', starts_at = NULL, ends_at = NULL, answered_at = NULL, answered_by = NULL"
RENEW = f"""
    UPDATE invitation SET secret = $2, answer = 'open', {_FORGOTTEN}, asked_at = now(), asked_by = $3 WHERE id = $1
"""


async def renew(invitation: int, secret: str, account: int) -> None:
    await database.fetch(RENEW, invitation, secret, account)


class Recalled(msgspec.Struct, frozen=True):
    """Whose answer counts no longer, or whose invitation is gone: a guest or an organization."""

    guest: int | None
    organization: int | None


# A session that moves to the very time that its host has proposed is what the host has said yes to.
TAKE_UP = """
    UPDATE invitation i SET answer = 'accepted', starts_at = NULL, ends_at = NULL
      FROM session s
     WHERE s.id = $1 AND i.session = s.id AND i.answer = 'countered'
       AND i.starts_at = s.starts_at AND i.ends_at = s.ends_at
 RETURNING i.id, i.guest, i.organization
"""
REOPEN = f"""
    UPDATE invitation SET answer = 'open', {_FORGOTTEN}, asked_at = now()
     WHERE session = $1 AND answer <> 'open' AND id <> ALL($2)
 RETURNING guest, organization
"""


async def take_up_and_reopen(session: int) -> tuple[list[Recalled], list[Recalled]]:
    """Whose proposed time it is now, and who has to answer again."""
    taken_up = await database.fetch(TAKE_UP, session)
    reopened = await database.fetch_as(Recalled, REOPEN, session, [row["id"] for row in taken_up])
    return database.structs(Recalled, taken_up), reopened


WITHDRAW = """
    DELETE FROM invitation i
          USING session s
          WHERE s.id = $1 AND i.session = s.id
            AND CASE WHEN i.guest IS NULL THEN i.organization IS DISTINCT FROM s.site
                     ELSE NOT EXISTS (SELECT FROM appearance ap WHERE ap.session = s.id AND ap.guest = i.guest) END
      RETURNING i.guest, i.organization
"""


async def withdraw(session: int) -> list[Recalled]:
    """Invitations of who is no longer a guest of the session, or no longer its host, are gone."""
    return await database.fetch_as(Recalled, WITHDRAW, session)


class Named(msgspec.Struct, frozen=True):
    """A session as messages name it."""

    code: str
    organization: int
    activity_title: str
    starts_at: datetime
    ends_at: datetime
    sequence: int
    postponed_at: datetime | None
    called_off_at: datetime | None


FIND_NAMED = """
    SELECT s.code, a.organization, a.title AS activity_title, s.starts_at, s.ends_at, s.sequence, s.postponed_at,
           s.called_off_at
      FROM session s JOIN activity a ON a.id = s.activity
     WHERE s.id = $1
"""


async def find_named(session: int) -> Named:
    found = await database.find_as(Named, FIND_NAMED, session)
    assert found is not None
    return found
