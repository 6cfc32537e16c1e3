"""What is asked before somebody is registered at the door."""

from events_app.lib import database

IS_DECLINED = """
    SELECT EXISTS (SELECT FROM seat
                     JOIN registration r ON r.id = seat.registration
                     JOIN person p ON p.id = r.person
                    WHERE seat.session = $1 AND p.phone = $2 AND p.name = $3
                      AND seat.state = 'released' AND seat.cause = 'declined')
"""


async def is_declined(session: int, phone: str, name: str) -> bool:
    """Whether an organiser turned this person down for the session."""
    return bool(await database.value(IS_DECLINED, session, phone, name))
