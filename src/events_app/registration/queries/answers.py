"""Answers as they were kept."""

from collections.abc import Sequence

import msgspec

from events_app.lib import database
from events_app.registration.rules.questions import Answers

# A session never goes to another activity, so where it belongs is asked once.
ACTIVITY_OF = "SELECT activity FROM session WHERE code = $1"


async def find_activity_of(session: str) -> int | None:
    activity: int | None = await database.value(ACTIVITY_OF, session)
    return activity


class SeatAnswers(msgspec.Struct, frozen=True):
    """Who holds a seat, and what they answered to which version of the terms."""

    seat: int
    registration: int
    activity: int
    terms: int
    answers: Answers
    name: str = ""
    unit: str = ""
    state: str = ""
    cause: str | None = None


_ANSWERS = """
    SELECT seat.id AS seat, r.id AS registration, r.activity, r.terms, r.answers::text AS answers, p.name, r.unit,
           seat.state, seat.cause
      FROM seat
      JOIN registration r ON r.id = seat.registration
      JOIN person p ON p.id = r.person
     WHERE seat.session = $1
"""


async def find_seat_answers(session: int, seat: int) -> SeatAnswers | None:
    row = await database.find(f"{_ANSWERS} AND seat.id = $2", session, seat)
    return _answers(row) if row else None


async def list_seat_answers(session: int, seats: Sequence[int]) -> dict[int, SeatAnswers]:
    """By seat, for reading a list from end to end beside the people."""
    rows = await database.fetch(f"{_ANSWERS} AND seat.id = ANY($2::bigint[])", session, seats)
    return {row["seat"]: _answers(row) for row in rows}


LIST_TERMS_USED = """
    SELECT DISTINCT r.terms FROM seat JOIN registration r ON r.id = seat.registration
     WHERE seat.session = $1 ORDER BY r.terms
"""


async def list_terms_used(session: int) -> list[int]:
    """The numbers of the versions that a session's people answered."""
    return [row["terms"] for row in await database.fetch(LIST_TERMS_USED, session)]


LIST_FILE_NAMES = """
    SELECT f.code, f.name FROM attachment f JOIN seat ON seat.registration = f.registration
     WHERE seat.session = $1
"""


async def list_file_names(session: int) -> dict[str, str]:
    """The names of the files that a session's people handed in, by code."""
    return {row["code"]: row["name"] for row in await database.fetch(LIST_FILE_NAMES, session)}


LOCK_ANSWERS = "SELECT answers::text FROM registration WHERE id = $1 FOR NO KEY UPDATE"


async def lock_answers(registration: int) -> Answers:
    """Nobody else changes them until the transaction ends."""
    return msgspec.json.decode(await database.value(LOCK_ANSWERS, registration), type=Answers)


SAVE_ANSWERS = "UPDATE registration SET answers = $2::jsonb WHERE id = $1"


async def save_answers(registration: int, answers: Answers) -> None:
    await database.fetch(SAVE_ANSWERS, registration, msgspec.json.encode(answers).decode())


def _answers(row: database.Row) -> SeatAnswers:
    return msgspec.convert({**row, "answers": msgspec.json.decode(row["answers"])}, SeatAnswers)
