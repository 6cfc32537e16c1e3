"""The demo: what nine stories of a newspaper page look like in the product, and as many registrations as one likes."""

from events_app.demo.actions import describe, is_loaded, load, refuse_in_production, scale
from events_app.demo.description import Description
from events_app.demo.progress import Report, progress_bar

__all__ = [
    "Description",
    "Report",
    "describe",
    "is_loaded",
    "load",
    "progress_bar",
    "refuse_in_production",
    "scale",
]
