"""What taking back needs to know beforehand."""

from events_app.lib import database


async def lock_seat(seat: int) -> None:
    """Inside a transaction: nobody else changes what is known of it."""
    await database.fetch("SELECT FROM seat WHERE id = $1 FOR UPDATE", seat)
