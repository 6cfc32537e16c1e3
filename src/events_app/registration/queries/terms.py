"""Versions of what is asked and agreed to."""

import msgspec

from events_app.lib import database
from events_app.registration.rules.terms import TermsVersion

_TERMS = """
    SELECT activity, number, questions::text AS questions, purpose, recipients, text, keep_days, created_at
      FROM terms
"""


async def find_terms(activity: int, number: int) -> TermsVersion | None:
    return _version(
        await database.find(f"{_TERMS} WHERE activity = $1 AND number = $2::int8", activity, number)
    )


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


class Version(msgspec.Struct, frozen=True):
    """A version with who wrote it, "" where it came of itself, and how many registered under it."""

    terms: TermsVersion
    author: str
    agreed: int


LIST_VERSIONS = """
    SELECT t.activity, t.number, t.questions::text AS questions, t.purpose, t.recipients, t.text, t.keep_days,
           t.created_at, COALESCE(account.name, '') AS author, COALESCE(r.agreed, 0) AS agreed
      FROM terms t
      LEFT JOIN (SELECT terms, count(*)::int AS agreed FROM registration WHERE activity = $1 GROUP BY terms) r
             ON r.terms = t.number
      LEFT JOIN account ON account.id = t.created_by
     WHERE t.activity = $1
       AND (r.agreed > 0 OR t.number > (SELECT max(number) - $2::int FROM terms WHERE activity = $1))
  ORDER BY t.number DESC
"""


async def list_versions(activity: int, latest: int) -> list[Version]:
    """So many of the latest, and those that somebody agreed to; the newest first."""
    rows = await database.fetch(LIST_VERSIONS, activity, latest)
    return [Version(_known(row), row["author"], row["agreed"]) for row in rows]


def _version(row: database.Row | None) -> TermsVersion | None:
    return None if row is None else _known(row)


def _known(row: database.Row) -> TermsVersion:
    return msgspec.convert({**row, "questions": msgspec.json.decode(row["questions"])}, TermsVersion)
