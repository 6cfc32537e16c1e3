"""Telling people."""

from collections.abc import Sequence

from events_app.notifications import queries
from events_app.notifications.tables import Recipient


async def tell(
    organization: int,
    recipient_kind: Recipient,
    recipients: Sequence[int],
    session: str,
    text: str,
    english: str = "",
) -> int:
    """Inside the transaction in which it happens, so that nobody hears of what did not; returns how many were told.

    `text` is Chinese whatever the organiser reads; `english` says the same. `session` is a code.
    """
    if not recipients:
        return 0
    return await queries.add_messages(organization, recipient_kind, recipients, session, text, english)


async def forget(recipient_kind: Recipient, recipients: Sequence[int]) -> None:
    """Whatever these were told: it may say who they are."""
    await queries.delete_messages(recipient_kind, recipients)
