"""An organiser's decisions about seats: always under the lock of the session."""

from events_app.lib import database

CONFIRM_SEAT = (
    "UPDATE seat SET state = 'confirmed' WHERE id = $1 AND session = $2 AND state = 'pending' RETURNING id"
)


async def confirm_seat(seat: int, session: int) -> bool:
    return await database.value(CONFIRM_SEAT, seat, session) is not None


async def find_seat_registration(seat: int, session: int) -> int | None:
    sql = "SELECT registration FROM seat WHERE id = $1 AND session = $2"
    found: int | None = await database.value(sql, seat, session)
    return found
