"""The demo, loaded once for each module and taken back afterwards."""

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from events_app import demo
from events_app.demo import Description
from events_app.lib import database
from events_app.settings import Settings


class _TakenBack(Exception):
    pass


def quiet(_done: int, _total: int) -> None: ...


@pytest.fixture(scope="module")
async def loaded(settings: Settings, database_pool: None) -> AsyncIterator[Description]:
    """What `events demo --json` says right after loading."""
    with suppress(_TakenBack):
        async with database.transaction():
            await demo.load(settings, quiet)
            yield await demo.describe(settings)
            raise _TakenBack
