"""The one Piccolo app: every table of every slice, in one linear history of migrations."""

from piccolo.conf.apps import AppConfig, table_finder

from events_app.schema import MIGRATIONS

APP_CONFIG = AppConfig(
    app_name="events_app",
    migrations_folder_path=str(MIGRATIONS),
    table_classes=table_finder(
        [
            f"events_app.{name}.tables"
            for name in ("accounts", "notifications", "programmes", "registration", "checkin")
        ]
    ),
    migration_dependencies=[],
    commands=[],
)
