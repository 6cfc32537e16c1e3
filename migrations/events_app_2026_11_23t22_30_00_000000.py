"""What was drawn is kept as it was then: the list is repeated by others long after people cancelled or were erased."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Integer, Text

ID = "2026-11-23T22:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "lists of draws, and seats that wait for a yes"


def _column(kind: type, name: str, **params: object) -> dict[str, object]:
    shared = {"primary_key": False, "unique": False, "index": False, "secret": False}
    return {
        "table_class_name": "Draw",
        "tablename": "draw",
        "column_name": name,
        "db_column_name": name,
        "column_class_name": kind.__name__,
        "column_class": kind,
        "params": {**params, **shared},
    }


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="events_app", description=DESCRIPTION)
    manager.add_column(**_column(Text, "entries", default="", null=False))
    manager.add_column(**_column(Integer, "places", default=None, null=True))

    async def run() -> None:
        from events_app.lib.database import fetch

        # An organiser's pages count them; few seats are among them at any time.
        await fetch("CREATE INDEX IF NOT EXISTS seat_pending ON seat (session) WHERE state = 'pending'")

    manager.add_raw(run)
    return manager
