"""What every test may ask for: a database whose changes vanish, and the application on it."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from tests import postgres

from events_app import settings as configuration
from events_app.app import create_app
from events_app.lib import database
from events_app.settings import Settings
from events_app.web.edge import Edge

BASE_URL = "http://testserver"
RUN_DIRECTORY = "EVENTS_TEST_DIRECTORY"


class _RolledBack(Exception):
    pass


def pytest_configure(config: pytest.Config) -> None:
    """Name the run's directory once; xdist's workers inherit it and so share one server."""
    if RUN_DIRECTORY not in os.environ:
        directory = Path(tempfile.mkdtemp(prefix="events-test-"))
        directory.chmod(0o755)  # PostgreSQL's account must be able to enter when we are root
        os.environ[RUN_DIRECTORY] = str(directory)
        config.add_cleanup(lambda: _forget(directory))


def _forget(directory: Path) -> None:
    del os.environ[RUN_DIRECTORY]
    shutil.rmtree(directory, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright keeps a loop running in our thread, beside which no other can start."""
    items.sort(key=lambda item: "browser" in item.path.parent.parts)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    with postgres.server(Path(os.environ[RUN_DIRECTORY])) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def database_url(database_server: str) -> Iterator[str]:
    """This worker's own database."""
    with postgres.clone(database_server) as dsn:
        yield dsn


@pytest.fixture(scope="session")
async def database_pool(database_url: str, anyio_backend: str) -> AsyncIterator[None]:
    async with _pool(database_url):
        yield


@asynccontextmanager
async def _pool(dsn: str) -> AsyncIterator[None]:
    database.configure(dsn)
    await database.open_pool(8)
    try:
        yield
    finally:
        await database.close_pool()


@pytest.fixture
async def db(database_pool: None) -> AsyncIterator[ModuleType]:
    """Everything the test does happens in one transaction that is rolled back."""
    with suppress(_RolledBack):
        async with database.transaction():
            yield database
            raise _RolledBack


@pytest.fixture
async def committed_db(database_server: str, database_pool: None, database_url: str) -> AsyncIterator[str]:
    """A fresh database with real commits, for races and other processes; gives its DSN."""
    usual = database.engine.pool
    database.engine.pool = None
    try:
        with postgres.clone(database_server) as dsn:
            async with _pool(dsn):
                yield dsn
    finally:
        database.configure(database_url)
        database.engine.pool = usual


@pytest.fixture(scope="session")
def settings(database_url: str) -> Settings:
    data_dir = Path(os.environ[RUN_DIRECTORY]) / "data"
    return configuration.from_environment(
        {
            "EVENTS_DATABASE_URL": database_url,
            "EVENTS_DATA_DIR": str(data_dir),
            "EVENTS_BASE_URL": BASE_URL,
            "EVENTS_SECRET_KEY": "0" * 64,
        }
    )


@pytest.fixture(scope="session")
async def app(settings: Settings, database_pool: None) -> AsyncIterator[Edge]:
    application = create_app(settings)
    async with application.lifespan():
        yield application


@pytest.fixture
async def client(app: Edge) -> AsyncIterator[httpx.AsyncClient]:
    """A stranger's browser without scripts: keeps cookies, follows nothing by itself."""
    async with new_client(app) as stranger:
        yield stranger


def new_client(app: Edge) -> httpx.AsyncClient:
    """One more person's browser."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL)
