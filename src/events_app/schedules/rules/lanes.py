"""Sessions at the same time lie side by side."""

from collections.abc import Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """From a line of the timetable to the one that it ends before."""

    first: int
    end: int


class Place(NamedTuple):
    """Which of how many lanes. `lane` is None for what found no room; then the last lane is left to say so."""

    lane: int | None
    lanes: int


class Rest(NamedTuple):
    """What found no room: how many, and where the note about them stands."""

    span: Span
    hidden: int


def side_by_side(spans: Sequence[Span], most: int) -> tuple[list[Place], list[Rest]]:
    """A place for each of `spans`, which are in order of beginning, in at most `most` lanes."""
    places: list[Place] = []
    rests: list[Rest] = []
    for cluster in _clusters(spans):
        lanes = _lanes(cluster)
        used = max(lanes) + 1
        shown = used if used <= most else most - 1
        places += [Place(lane if lane < shown else None, min(used, most)) for lane in lanes]
        hidden = [span for span, lane in zip(cluster, lanes, strict=True) if lane >= shown]
        if hidden:
            rests.append(Rest(Span(hidden[0].first, max(span.end for span in hidden)), len(hidden)))
    return places, rests


def _clusters(spans: Sequence[Span]) -> list[list[Span]]:
    """Parted where nothing goes on."""
    clusters: list[list[Span]] = []
    until = -1
    for span in spans:
        if span.first >= until:
            clusters.append([])
        clusters[-1].append(span)
        until = max(until, span.end)
    return clusters


def _lanes(cluster: Sequence[Span]) -> list[int]:
    """Each in the first lane that is free."""
    ends: list[int] = []
    lanes = []
    for span in cluster:
        lane = next((lane for lane, end in enumerate(ends) if end <= span.first), len(ends))
        ends[lane : lane + 1] = [span.end]
        lanes.append(lane)
    return lanes
