"""A nonce names one scan of one session, not of all unions together."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Varchar
from piccolo.constraints import Unique

ID = "2026-11-23T18:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "nonces are unique per session"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="events_app", description=DESCRIPTION)
    manager.alter_column(
        table_class_name="Scan",
        tablename="scan",
        column_name="nonce",
        params={"unique": False},
        old_params={"unique": True},
        column_class=Varchar,
        old_column_class=Varchar,
    )
    manager.add_constraint(
        table_class_name="Scan",
        tablename="scan",
        constraint_name="scan_session_nonce_uq",
        constraint_class=Unique,
        params={"columns": ["session", "nonce"], "nulls_distinct": True},
    )
    return manager
