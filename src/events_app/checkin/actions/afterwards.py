"""Writing down who came when they are not at the door any more: from paper, or from memory."""

from collections.abc import Mapping, Sequence

import msgspec

from events_app.checkin.actions.recording import record_all
from events_app.checkin.queries.admitting import Outcome, Scan
from events_app.checkin.tables import Verdict


class Recorded(msgspec.Struct, frozen=True):
    """How many came by this, and by seat why others did not."""

    came: int
    refused: Mapping[int, Verdict]


async def record_people(scans: Mapping[int, Scan]) -> Recorded:
    """By seat. Who is known to have come is left as they are; a repetition counts nobody again."""
    outcomes = await record_all(list(scans.values())) if scans else []
    return _recorded(list(scans), outcomes)


def _recorded(seats: Sequence[int], outcomes: Sequence[Outcome | Exception]) -> Recorded:
    came = 0
    refused: dict[int, Verdict] = {}
    for seat, outcome in zip(seats, outcomes, strict=True):
        if isinstance(outcome, Exception):
            raise outcome
        if outcome.verdict == Verdict.ADMITTED:
            came += not outcome.replayed
        elif outcome.verdict != Verdict.ALREADY_IN:
            refused[seat] = outcome.verdict
    return Recorded(came, refused)
