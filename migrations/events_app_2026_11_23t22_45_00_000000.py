"""How far the personal parts of an activity's registrations have been erased."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Timestamptz

ID = "2026-11-23T22:45:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "what was erased of an activity"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="events_app", description=DESCRIPTION)
    manager.add_column(
        table_class_name="Activity",
        tablename="activity",
        column_name="erased_until",
        db_column_name="erased_until",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "secret": False,
        },
    )
    return manager
