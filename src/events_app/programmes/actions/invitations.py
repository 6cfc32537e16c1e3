"""Asking guests and host schools about a session, and what they answer."""

from collections.abc import Sequence

from events_app.accounts.rules import Me


async def invite_guests(me: Me, session_code: str, guests: Sequence[str] = ()) -> None:
    """Ask those of the session's guests who have these codes, or all of them; who was asked already is not asked again.

    Raises NotFound, and Refused for a session that does not take place any more.
    """
    raise NotImplementedError


async def ask_site(me: Me, session_code: str) -> None:
    """Ask the host school or company to confirm; raises NotFound and Refused as `invite_guests` does."""
    raise NotImplementedError


async def reopen(session: int) -> int:
    """The session was moved: answers count no longer and everybody is asked again, by the same secret.

    Called inside the transaction that moved it; returns how many answers were taken back.
    """
    raise NotImplementedError
