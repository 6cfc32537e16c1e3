"""The list of everything: which controllers answer, and what surrounds them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Response, get
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ControllerRouterHandler

from events_app import schema
from events_app.accounts.controllers import LanguageController, LoginController
from events_app.accounts.guards import WhoIsAsking
from events_app.lib import database, logs
from events_app.settings import Settings, from_environment
from events_app.web import assets, metrics
from events_app.web.edge import Edge
from events_app.web.errors import answer_error, refuse_cross_site
from events_app.web.security import anyone, content_policy, fixed_headers
from events_app.web.templates import Pages

CONTROLLERS: list[ControllerRouterHandler] = [
    LoginController,
    LanguageController,
]


def create_app(settings: Settings) -> Edge:
    """The whole application for one process. The database is opened by its lifespan."""
    if settings.database_url:
        database.configure(settings.database_url)
    files = assets.Assets(assets.STATIC, settings.data_dir / "assets")
    litestar = Litestar(
        route_handlers=[*CONTROLLERS, assets.route(files), metrics.show_metrics, healthz, readyz],
        middleware=[WhoIsAsking],
        before_request=refuse_cross_site,
        exception_handlers={Exception: answer_error},
        lifespan=[_open_database],
        compression_config=CompressionConfig(
            backend="brotli", brotli_quality=4, exclude=["^/static/", "^/api/"]
        ),
        openapi_config=_openapi(settings),
        request_max_body_size=10 * 1024 * 1024,
        logging_config=None,
        state=State({"settings": settings, "assets": files, "pages": Pages(files, settings.base_url)}),
    )
    return Edge(litestar, fixed_headers(https=settings.https), content_policy(files.importmap_source))


def serve() -> Edge:
    """What each worker process starts."""
    settings = from_environment()
    logs.configure(pretty=False)
    return create_app(settings)


@get("/healthz", guards=[anyone], sync_to_thread=False, include_in_schema=False)
def healthz() -> dict[str, str]:
    """This process answers."""
    return {"status": "ok"}


@get("/readyz", guards=[anyone], include_in_schema=False)
async def readyz() -> Response[dict[str, str]]:
    """The database is reachable and its schema is the one this code knows."""
    if await schema.is_current():
        return Response({"status": "ok"})
    return Response({"status": "migrations are missing; run: events migrate"}, status_code=503)


@asynccontextmanager
async def _open_database(_app: Litestar) -> AsyncIterator[None]:
    if database.engine.pool:  # the tests bring their own
        yield
        return
    await database.open_pool()
    try:
        yield
    finally:
        await database.close_pool()


def _openapi(settings: Settings) -> OpenAPIConfig:
    return OpenAPIConfig(
        title="events_app",
        version="1",
        path="/schema",
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(type="http", scheme="bearer", description="events tokens create")
            }
        ),
        security=[{"bearer": []}],
    )
