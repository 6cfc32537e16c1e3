"""What the staff call their door is a place: a gate becomes a thing of its own."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-24T02:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "scans have a place"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="events_app", description=DESCRIPTION)
    manager.rename_column(
        table_class_name="Scan",
        tablename="scan",
        old_column_name="gate",
        new_column_name="place",
        old_db_column_name="gate",
        new_db_column_name="place",
    )
    return manager
