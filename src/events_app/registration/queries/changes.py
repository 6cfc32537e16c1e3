"""Whom a change of a session touches, what was changed before and by whom, and the change itself."""

from datetime import datetime
from typing import Any

import msgspec

from events_app.lib import database
from events_app.registration.rules.telling import Touched

# Guests and the host know of a session once it is public, or once they were asked.
FIND_TOUCHED = """
    SELECT held.*,
           COALESCE((SELECT array_agg(ap.guest ORDER BY ap.id) FROM appearance ap
                      WHERE ap.session = s.id
                        AND (a.published_at IS NOT NULL OR EXISTS (
                            SELECT FROM invitation i WHERE i.session = s.id AND i.guest = ap.guest))), '{}') AS guests,
           CASE WHEN a.published_at IS NOT NULL OR EXISTS (
                    SELECT FROM invitation i WHERE i.session = s.id AND i.organization = s.site)
                THEN s.site END AS site
      FROM session s
      JOIN activity a ON a.id = s.activity
     CROSS JOIN LATERAL (
           SELECT count(*) FILTER (WHERE state = 'confirmed')::int AS confirmed,
                  count(*) FILTER (WHERE state IN ('pending', 'offered'))::int AS pending,
                  count(*) FILTER (WHERE state = 'waitlisted')::int AS waitlisted,
                  COALESCE(array_agg(registration ORDER BY id), '{}') AS registrations
             FROM seat WHERE seat.session = s.id AND state <> 'released') AS held
     WHERE s.id = $1
"""


async def find_touched(session: int) -> Touched:
    touched = await database.find_as(Touched, FIND_TOUCHED, session)
    assert touched is not None
    return touched


RAISE_SEQUENCE = """
    UPDATE session
       SET sequence = sequence + 1, updated_at = now(), postponed_at = CASE WHEN $2 THEN NULL ELSE postponed_at END
     WHERE id = $1
 RETURNING sequence
"""


async def raise_sequence(session: int, *, dated: bool) -> int:
    """Tell calendars that this session has changed. `dated`: it has a time again, should it have been postponed."""
    return int(await database.value(RAISE_SEQUENCE, session, dated))


class HistoryRow(msgspec.Struct, frozen=True):
    """Something that staff did to a session. `account` is "" for what was done at the terminal."""

    at: datetime
    account: str
    action: str
    detail: dict[str, Any]

    @property
    def sequence(self) -> int:
        """The session's, after it."""
        return int(self.detail.get("sequence") or 0)

    @property
    def changes(self) -> dict[str, list[str]]:
        """Old and new, by field."""
        return dict(self.detail.get("changes") or {})

    @property
    def reason(self) -> str:
        return str(self.detail.get("reason") or "")

    @property
    def clashes(self) -> list[str]:
        """In spite of which it was saved."""
        return list(self.detail.get("clashes") or ())

    @property
    def told(self) -> int:
        return int(self.detail.get("told") or 0)


LIST_HISTORY = """
    SELECT e.at, COALESCE(account.name, '') AS account, e.action, e.detail
      FROM audit_entry e
      LEFT JOIN account ON account.id = e.account
     WHERE e.subject = $1 AND e.organization = $2 AND e.action ~ '^(session|clash)\\.'
  ORDER BY e.id DESC
     LIMIT 50
"""


async def list_history(session_code: str, organization: int) -> list[HistoryRow]:
    """The newest first."""
    rows = await database.fetch(LIST_HISTORY, session_code, organization)
    return msgspec.convert(
        [{**row, "detail": msgspec.json.decode(row["detail"])} for row in rows], list[HistoryRow]
    )
