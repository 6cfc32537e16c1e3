"""The embedded PostgreSQL server: one data directory, one server, found again by whoever comes next."""

from events_app.lib.postgres.errors import PostgresError
from events_app.lib.postgres.server import embedded

__all__ = ["PostgresError", "embedded"]
