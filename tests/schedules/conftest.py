"""A school that two unions visit, and a count of what a page asks the database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from tests.people import Union, make_organization, make_union

from events_app.accounts.tables import Organization
from events_app.lib import database

Counting = Callable[[], AbstractAsyncContextManager[list[str]]]


@dataclass
class World:
    """Wang's union, Qian's union, and a school that belongs to neither."""

    wang: Union
    qian: Union
    school: Organization


@pytest.fixture
async def world(db: object) -> World:
    school = await make_organization("云南机电职业技术学院", "school", code="ynmec", region="530102")
    wang = await make_union()
    qian = await make_union("宁波市总工会", "qian", "sun")
    return World(wang, qian, school)


@pytest.fixture
def counting(db: object) -> Counting:
    """The statements that were sent while it was open."""

    @asynccontextmanager
    async def open_count() -> AsyncIterator[list[str]]:
        statements: list[str] = []

        def note(record: Any) -> None:
            statements.append(record.query)

        running = database.engine.current_transaction.get()
        assert running is not None
        with running.connection.query_logger(note):
            yield statements
            await asyncio.sleep(0)  # the driver tells of a statement in the loop's next round

    return open_count
