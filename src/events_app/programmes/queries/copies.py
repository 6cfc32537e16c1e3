"""Activities written once more."""

from events_app.lib import database

COPY_ACTIVITY = """
    INSERT INTO activity (code, organization, programme, kind, title, description, state, admission, extent,
                          most_sessions, eligible_only, unit_quota, walk_ins, minimum_age, asks_birth_year,
                          offer_minutes, group_most, minimum_minutes, must_check_out, session_hours, certificates,
                          certificate_hours, created_at, created_by, updated_at)
         SELECT $2, organization, programme, kind, $3, description, 'draft', admission, extent,
                most_sessions, eligible_only, unit_quota, walk_ins, minimum_age, asks_birth_year,
                offer_minutes, group_most, minimum_minutes, must_check_out, session_hours, certificates,
                certificate_hours, now(), $4, now()
           FROM activity WHERE id = $1
      RETURNING id
"""


async def copy_activity(activity: int, code: str, title: str, account: int) -> int:
    """The id of a draft that says what `activity` says, but for its title."""
    return int(await database.value(COPY_ACTIVITY, activity, code, title, account))


COPY_HOSTS = """
    INSERT INTO host (activity, organization, role, position)
         SELECT $2, organization, role, position FROM host WHERE activity = $1 ORDER BY position, id
"""


async def copy_hosts(activity: int, to: int) -> None:
    await database.fetch(COPY_HOSTS, activity, to)


COPY_PICTURE = """
    INSERT INTO picture (activity, code, image, width, height)
         SELECT $2, $3, image, width, height FROM picture WHERE activity = $1
"""


async def copy_picture(activity: int, to: int, code: str) -> None:
    await database.fetch(COPY_PICTURE, activity, to, code)
