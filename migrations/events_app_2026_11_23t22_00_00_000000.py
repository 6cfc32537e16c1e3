"""What registering needs beside its columns: the old notices as terms, checks, and indexes of what is rare."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-23T22:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "rules of registration the columns cannot say"

FILL = (
    "UPDATE activity SET admission = 'approval' WHERE approval",
    """INSERT INTO terms (activity, number, text, created_at)
            SELECT id, 1, notice, created_at FROM activity""",
    "UPDATE registration SET participant = person",
)

# What stands here already under the same name is replaced.
CHECKS = {
    "programme": {"programme_most_sessions": "most_sessions > 0"},
    "activity": {
        "activity_admission": "admission IN ('open', 'approval', 'draw')",
        "activity_extent": "extent IN ('one', 'several', 'course')",
        "activity_most_sessions": "most_sessions > 0",
        "activity_unit_quota": "unit_quota > 0",
        "activity_minimum_age": "minimum_age BETWEEN 1 AND 120",
        "activity_offer_minutes": "offer_minutes BETWEEN 1 AND 43200",
        "activity_group_most": "group_most BETWEEN 1 AND 20",
    },
    "terms": {"terms_number": "number > 0", "terms_keep_days": "keep_days BETWEEN 0 AND 36500"},
    "eligible_unit": {"eligible_unit_quota": "quota > 0"},
    "roster": {"roster_unit": "unit <> ''"},
    "headcount": {"headcount_number": "number > 0"},
    "registration": {
        "registration_birth_year": "birth_year BETWEEN 1900 AND 2100",
        "registration_guardian": "(guardian_consented_at IS NULL) = (guardian_name = '')",
    },
    "seat": {
        "seat_state": "state IN ('entered', 'pending', 'confirmed', 'waitlisted', 'offered', 'released')",
        "seat_entered_has_number": "state <> 'entered' OR entry_number IS NOT NULL",
        "seat_offered_has_end": "(state = 'offered') = (offer_ends_at IS NOT NULL)",
        "seat_cause": "cause IN ('cancelled', 'declined', 'lapsed', 'exchanged', 'moved', 'removed')",
        "seat_not_its_own_heir": "replaces IS DISTINCT FROM id",
    },
    "draw": {"draw_seed": "seed <> ''", "draw_done": "(drawn_at IS NULL) = (list_digest = '')"},
}

# Most rows have none of these: an index of the others costs those nothing.
INDEXES = (
    "CREATE INDEX registration_roster ON registration (roster) WHERE roster IS NOT NULL",
    "CREATE INDEX registration_phone_digest ON registration (phone_digest) WHERE length(phone_digest) = 32",
    "CREATE INDEX seat_replaces ON seat (replaces) WHERE replaces IS NOT NULL",
    "CREATE UNIQUE INDEX seat_entry_number ON seat (session, entry_number) WHERE entry_number IS NOT NULL",
    # Offers in the order in which they lapse.
    "CREATE INDEX seat_offer_ends_at ON seat (offer_ends_at) WHERE state = 'offered'",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="events_app", description=DESCRIPTION)

    async def run() -> None:
        from events_app.lib.database import fetch

        for statement in FILL:
            await fetch(statement)
        for table, checks in CHECKS.items():
            for name, rule in checks.items():
                await fetch(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
                await fetch(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule})")
        for index in INDEXES:
            await fetch(index)

    manager.add_raw(run)
    for column in ("approval", "notice"):
        manager.drop_column(
            table_class_name="Activity", tablename="activity", column_name=column, db_column_name=column
        )
    return manager
