"""Everything the demo shows, one module for each story of the newspaper page."""

from events_app.demo.facts import (
    deqing,
    huaibei,
    lenghu,
    nation,
    ningbo,
    shimen,
    tongzhou,
    yinchuan,
    yunnan,
)
from events_app.demo.plan import Activity, Programme

_STORIES = (ningbo, nation, yunnan, lenghu, tongzhou, deqing, huaibei, shimen, yinchuan)

PROGRAMMES: tuple[Programme, ...] = tuple(p for story in _STORIES for p in story.PROGRAMMES)
ACTIVITIES: tuple[Activity, ...] = tuple(a for story in _STORIES for a in story.ACTIVITIES)
