"""Bad days on purpose: what was acknowledged must be there afterwards, once."""

from events_app import settings

__all__ = ["settings"]  # it tells Piccolo where its configuration is
