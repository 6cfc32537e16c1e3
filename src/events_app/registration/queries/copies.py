"""What an activity asks, and whom it lets in, written once more for another one."""

from events_app.lib import database

COPY_LATEST_TERMS = """
    INSERT INTO terms (activity, number, questions, purpose, recipients, text, keep_days, created_at, created_by)
         SELECT copy.id, 1, t.questions, t.purpose, t.recipients, t.text, t.keep_days, now(), $3
           FROM terms t
           JOIN activity a ON a.id = t.activity, activity copy
          WHERE a.code = $1 AND copy.code = $2
       ORDER BY t.number DESC
          LIMIT 1
"""


async def copy_latest_terms(activity: str, to: str, account: int) -> None:
    """By the activities' codes. Nothing where there is no version yet."""
    await database.fetch(COPY_LATEST_TERMS, activity, to, account)


COPY_ELIGIBLE_UNITS = """
    INSERT INTO eligible_unit (activity, organization, quota)
         SELECT copy.id, e.organization, e.quota
           FROM eligible_unit e
           JOIN activity a ON a.id = e.activity, activity copy
          WHERE a.code = $1 AND copy.code = $2
       ORDER BY e.id
"""


async def copy_eligible_units(activity: str, to: str) -> None:
    """By the activities' codes."""
    await database.fetch(COPY_ELIGIBLE_UNITS, activity, to)
