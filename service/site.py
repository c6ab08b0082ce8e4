"""The page for people: a few files, nothing from elsewhere."""

from __future__ import annotations

from importlib.resources import files
from pathlib import PurePosixPath

from fastapi import FastAPI
from fastapi.responses import Response

from wayout import engine

__all__ = ["add_page"]

PAGE = files("wayout.service") / "page"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
# Nothing from elsewhere, nothing inline: what a case says cannot become a script.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def add_page(app: FastAPI) -> None:
    def part(path: str, name: str, content: bytes) -> None:
        kind = KINDS[PurePosixPath(name).suffix]

        async def give() -> Response:
            headers = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"}
            return Response(content, media_type=f"{kind}; charset=utf-8", headers=headers)

        app.add_api_route(path, give, methods=["GET"], include_in_schema=False)

    part("/", "index.html", (PAGE / "index.html").read_bytes())
    for name in ("page.css", "page.js"):
        part(f"/{name}", name, (PAGE / name).read_bytes())
    # Answers look and behave here as they do in a file of their own.
    for name, content in engine.page_assets().items():
        part(f"/{name}", name, content.encode())
