"""Runs the application: one process for HTTP, its workers for the engine."""

from __future__ import annotations

import uvicorn

from wayout.service.app import create_app
from wayout.service.logs import to_stderr
from wayout.service.settings import Settings

__all__ = ["run"]


def run(settings: Settings) -> None:
    """Serves until SIGINT or SIGTERM; requests that run then are finished first.

    Raises SettingsError for settings with which it must not start.
    """
    to_stderr()
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(settings.patience + settings.seconds) + 1,
    )
