"""What is asked before somebody is registered at the door."""

from events_app.lib import database

COUNT_NAMESAKES = """
    SELECT count(*)::int
      FROM seat
      JOIN registration r ON r.id = seat.registration
      JOIN person p ON p.id = r.person
     WHERE seat.session = $1 AND p.name = $2 AND seat.state = 'confirmed' AND seat.attended_at IS NULL
       AND NOT EXISTS (SELECT FROM seat own
                         JOIN registration mine ON mine.id = own.registration
                         JOIN person me ON me.id = mine.person
                        WHERE own.session = $1 AND me.name = $2 AND me.phone = $3 AND own.state <> 'released')
"""


async def count_namesakes(session: int, name: str, phone: str) -> int:
    """How many of this name have a place with another phone and have not come; 0 for whoever is on the list."""
    return int(await database.value(COUNT_NAMESAKES, session, name, phone))
