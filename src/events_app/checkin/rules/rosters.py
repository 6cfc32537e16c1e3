"""What taking somebody off the list of those who came means."""

from collections.abc import Sequence

from events_app.checkin.rules.attendance import Mark, undone
from events_app.checkin.tables import Direction, Verdict

_COUNTS = (Verdict.ADMITTED, Verdict.ALREADY_IN, Verdict.NOT_IN)


def comings(marks: Sequence[Mark]) -> list[Mark]:
    """All that says that somebody came, and was not taken back: without these nobody did."""
    gone = undone(marks)
    return [
        mark
        for mark in marks
        if mark.direction == Direction.IN
        and mark.let_in
        and mark.verdict in _COUNTS
        and mark.nonce not in gone
    ]
