"""Versions of what is asked and agreed to."""

import msgspec

from events_app.lib import database
from events_app.registration.rules.terms import TermsVersion

_TERMS = """
    SELECT activity, number, questions::text AS questions, purpose, recipients, text, keep_days, created_at
      FROM terms
"""


async def find_terms(activity: int, number: int) -> TermsVersion | None:
    return _version(await database.find(f"{_TERMS} WHERE activity = $1 AND number = $2", activity, number))


async def find_latest_terms(activity: int) -> TermsVersion | None:
    sql = f"{_TERMS} WHERE activity = $1 ORDER BY number DESC LIMIT 1"
    return _version(await database.find(sql, activity))


ADD_TERMS = """
    INSERT INTO terms (activity, number, questions, purpose, recipients, text, keep_days, created_at, created_by)
         VALUES ($1, $2, $3::jsonb, $4, $5, $6, $7, now(), $8)
    ON CONFLICT (activity, number) DO NOTHING
      RETURNING number
"""


async def add_terms(terms: TermsVersion, account: int | None) -> bool:
    """False when there is such a version already."""
    questions = msgspec.json.encode(terms.questions).decode()
    values = (questions, terms.purpose, terms.recipients, terms.text, terms.keep_days, account)
    return await database.value(ADD_TERMS, terms.activity, terms.number, *values) is not None


def _version(row: database.Row | None) -> TermsVersion | None:
    if row is None:
        return None
    return msgspec.convert({**row, "questions": msgspec.json.decode(row["questions"])}, TermsVersion)
