"""Files that answer questions."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from events_app.lib import database


class Draft(msgspec.Struct, frozen=True):
    """A file that may be named in a form: nobody's yet, or this registration's own."""

    code: str
    question: str
    name: str


class File(msgspec.Struct, frozen=True):
    code: str
    name: str
    media_type: str
    content: bytes
    organization: int


ADD_ATTACHMENT = """
    INSERT INTO attachment (code, activity, question, name, media_type, content, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, now())
"""


async def add_attachment(
    code: str, activity: int, question: str, name: str, media_type: str, content: bytes
) -> None:
    await database.fetch(ADD_ATTACHMENT, code, activity, question, name, media_type, content)


LIST_DRAFTS = """
    SELECT code, question, name FROM attachment
     WHERE code = ANY($1::text[]) AND activity = $2 AND (registration IS NULL OR registration = $3)
"""


async def list_drafts(codes: Sequence[str], activity: int, registration: int | None) -> list[Draft]:
    return await database.fetch_as(Draft, LIST_DRAFTS, codes, activity, registration)


# Whether a file is an answer is read from the answers that were kept: whoever is registered already, and whose first
# answers stand, leaves it a draft. Nobody else's file can be claimed, nor one for another question.
CLAIM_ATTACHMENTS = """
    UPDATE attachment
       SET registration = r.id
      FROM registration r
     WHERE r.id = $1 AND attachment.code = ANY($2::text[]) AND attachment.activity = r.activity
       AND attachment.registration IS NULL AND attachment.code = r.answers ->> attachment.question
"""
DROP_REPLACED = """
    DELETE FROM attachment
     USING registration r
     WHERE r.id = $1 AND attachment.registration = r.id
       AND attachment.code IS DISTINCT FROM r.answers ->> attachment.question
"""


async def claim_attachments(registration: int, codes: Sequence[str]) -> None:
    """The files among the answers are the registration's from now on, and those that were are gone."""
    if codes:
        await database.fetch(CLAIM_ATTACHMENTS, registration, codes)
    await database.fetch(DROP_REPLACED, registration)


async def find_registration_of(seat: int) -> int | None:
    registration: int | None = await database.value("SELECT registration FROM seat WHERE id = $1", seat)
    return registration


_FILE = """
    SELECT f.code, f.name, f.media_type, f.content, a.organization
      FROM attachment f JOIN activity a ON a.id = f.activity
"""


async def find_own_file(code: str, organizations: Sequence[int]) -> File | None:
    """One that was handed in, to an activity of these organizations."""
    sql = f"{_FILE} WHERE f.code = $1 AND f.registration IS NOT NULL AND a.organization = ANY($2::int[])"
    return await database.find_as(File, sql, code, organizations)


async def find_file_of(registration: int, code: str) -> File | None:
    return await database.find_as(
        File, f"{_FILE} WHERE f.code = $1 AND f.registration = $2", code, registration
    )


async def list_file_names(registration: int) -> dict[str, str]:
    """Names by code."""
    rows = await database.fetch("SELECT code, name FROM attachment WHERE registration = $1", registration)
    return {row["code"]: row["name"] for row in rows}


async def measure_drafts() -> int:
    """Bytes of the files that belong to no registration yet."""
    sql = "SELECT COALESCE(sum(octet_length(content)), 0)::bigint FROM attachment WHERE registration IS NULL"
    return int(await database.value(sql))


async def drop_drafts(before: datetime) -> int:
    """Files of forms that were never sent; how many there were."""
    rows = await database.fetch(
        "DELETE FROM attachment WHERE registration IS NULL AND created_at < $1 RETURNING id", before
    )
    return len(rows)
