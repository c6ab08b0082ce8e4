"""The HTTP service: its parts put together, started and stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from wayout import engine
from wayout.service.documented import document
from wayout.service.guard import Guard, only_known, tell_refused, tell_unfit
from wayout.service.intake import Intake
from wayout.service.jobs import MODELS
from wayout.service.measures import Measures
from wayout.service.operations import add_operations
from wayout.service.pool import Pool
from wayout.service.settings import Settings
from wayout.service.site import add_page
from wayout.service.verbs import add_verbs

__all__ = ["create_app"]


def create_app(settings: Settings) -> FastAPI:
    """The application; its workers run from start-up to shutdown.

    Raises SettingsError for settings with which it must not start.
    """
    settings = settings.checked()
    pool = Pool(settings.workers, settings.waiting, settings.patience, settings.seconds)
    measures = Measures(pool)
    intake = Intake(settings, pool, measures)
    running = AsyncExitStack()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with running:
            running.push_async_callback(pool.stop)
            await pool.start()
            if talks is not None:
                running.push_async_callback(talks.stop)
                await talks.start()
            yield

    app = FastAPI(
        title="wayout",
        version=engine.__version__,
        summary="Can this pod reach that destination and, if not, what stops it?",
        lifespan=lifespan,
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        dependencies=[Depends(only_known)],
    )
    app.add_middleware(Guard, settings=settings, measures=measures)
    app.add_exception_handler(HTTPException, tell_refused)
    app.add_exception_handler(RequestValidationError, tell_unfit)
    models: list[type[BaseModel]] = [*MODELS.values()]
    add_verbs(app, intake)
    add_operations(app, pool, measures)
    add_page(app)
    talks = None
    if settings.conversations:
        from wayout.service.conversations import Conversations, add_conversations
        from wayout.service.jobs import Said

        talks = Conversations(settings, intake)
        add_conversations(app, intake, talks)
        models.append(Said)
    document(app, models, has_token=bool(settings.token))
    return app
