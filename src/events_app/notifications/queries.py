"""What somebody was told, and the one statement that tells many."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from events_app.lib import clock, database
from events_app.lib.language import is_english
from events_app.notifications.tables import Recipient


class MessageRow(msgspec.Struct, frozen=True):
    """`text` is in the reader's language, where it was written in it."""

    id: int
    session: str
    text: str
    created_at: datetime


LIST_MESSAGES = """
    SELECT id, session, CASE WHEN $3 AND english <> '' THEN english ELSE text END AS text, created_at
      FROM message
     WHERE recipient_kind = $1 AND recipient = ANY($2) AND $4 IN ('', session)
  ORDER BY id DESC
     LIMIT $5
"""


async def list_messages(kind: Recipient, recipient: int, session: str = "") -> list[MessageRow]:
    """The newest first, a hundred at most; of the session with this code, where one is given."""
    return await _list(kind, [recipient], session, 100)


async def list_organizations_messages(organizations: list[int]) -> list[MessageRow]:
    """What schools, companies or unions were told last, of any session."""
    return await _list(Recipient.ORGANIZATION, organizations, "", 10)


async def _list(kind: Recipient, recipients: list[int], session: str, most: int) -> list[MessageRow]:
    values = (str(kind), recipients, is_english(), session, most)
    return await database.fetch_as(MessageRow, LIST_MESSAGES, *values)


# A hall full of people is told in one statement.
ADD_MESSAGES = """
    INSERT INTO message (organization, recipient_kind, recipient, session, text, english, created_at)
         SELECT $1, $2, recipient, $4, $5, $6, $7
           FROM unnest($3::bigint[]) AS recipient
      RETURNING id
"""


async def add_messages(
    organization: int, kind: Recipient, recipients: Sequence[int], session: str, text: str, english: str
) -> int:
    """How many were told."""
    values = (organization, str(kind), list(recipients), session, text, english, clock.now())
    return len(await database.fetch(ADD_MESSAGES, *values))


async def delete_messages(kind: Recipient, recipients: Sequence[int]) -> None:
    sql = "DELETE FROM message WHERE recipient_kind = $1 AND recipient = ANY($2)"
    await database.fetch(sql, str(kind), list(recipients))
