"""Where conversations are kept: a table of them and a table of their steps, in any SQL database.

Nothing is held in the process, so any number of services may share one database. Every change
names the version that it was made from, and one made from another version changes nothing.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from wayout.service.settings import SettingsError

__all__ = ["Kept", "StaleError", "Store", "StoreError", "new_id"]

BUSY_SECONDS = 10  # how long one change waits for another, and a request for a connection
CONNECTIONS = 8

metadata = sa.MetaData()
talks = sa.Table(
    "wayout_conversations",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("expires_at", sa.Float, nullable=False, index=True),
)
steps = sa.Table(
    "wayout_steps",
    metadata,
    sa.Column(
        "conversation",
        sa.ForeignKey(talks.c.id, ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("step", sa.JSON, nullable=False),
    sa.Column("is_whole", sa.Boolean, nullable=False),
    sa.Column("case", sa.Text, nullable=False),
)

# What a step says: all but whose it is.
said = [column for column in steps.c if column.name != "conversation"]


class StoreError(Exception):
    """The database cannot be reached, or not in time."""


class StaleError(Exception):
    """The conversation is not, or no longer, as it was when the change was made up."""


class Kept(NamedTuple):
    """A conversation; its steps are as `talks.KeptStep` has them."""

    id: str
    version: int
    expires_at: float
    steps: list[dict[str, Any]]

    @property
    def size(self) -> int:
        return sum(len(step["case"]) for step in self.steps)


def new_id() -> str:
    """An identifier that nobody guesses."""
    return secrets.token_urlsafe(24)


class Store:
    """One database. Its methods block; they raise StoreError when it does not answer.

    Times are seconds since 1970. A conversation that has expired is as if it were not there.
    """

    def __init__(self, place: str) -> None:
        self._engine = engine_of(place)

    @property
    def place(self) -> str:
        """The file or the URL of the database, without its password."""
        url = self._engine.url
        return (url.get_backend_name() == "sqlite" and url.database) or url.render_as_string(
            hide_password=True
        )

    def prepare(self) -> None:
        """Makes the tables unless they are there."""
        for is_last in (False, True):  # another service may make them at the same time
            try:
                with in_time(self._engine.begin) as connection:
                    metadata.create_all(connection)
                return
            except StoreError:
                if is_last:
                    raise

    def close(self) -> None:
        self._engine.dispose()

    def read(self, talk: str, now: float) -> Kept | None:
        """A conversation with its steps, in one look; None when there is none."""
        query = (
            sa.select(talks, *said)
            .join(steps)
            .where(talks.c.id == talk, talks.c.expires_at > now)
            .order_by(steps.c.number)
        )
        with in_time(self._engine.connect) as connection:
            rows = connection.execute(query).all()
        if not rows:
            return None
        found = [{column.name: getattr(row, column.name) for column in said} for row in rows]
        return Kept(rows[0].id, rows[0].version, rows[0].expires_at, found)

    def create(self, talk: str, expires_at: float, step: Mapping[str, Any]) -> None:
        """A conversation of version 1 with its first step."""
        with in_time(self._engine.begin) as connection:
            row = {"id": talk, "version": 1, "expires_at": expires_at}
            connection.execute(sa.insert(talks).values(row))
            connection.execute(sa.insert(steps).values(conversation=talk, **step))

    def append(self, talk: str, made_from: int, expires_at: float, step: Mapping[str, Any]) -> None:
        """One more step on the version that it was made from; raises StaleError for another."""
        with in_time(self._engine.begin) as connection:
            move(connection, talk, made_from, expires_at)
            connection.execute(sa.insert(steps).values(conversation=talk, **step))

    def undo(self, talk: str, made_from: int, expires_at: float, number: int) -> None:
        """Takes this step back; raises StaleError for another version."""
        with in_time(self._engine.begin) as connection:
            move(connection, talk, made_from, expires_at)
            of_step = (steps.c.conversation == talk, steps.c.number == number)
            connection.execute(sa.delete(steps).where(*of_step))

    def delete(self, talk: str, now: float) -> bool:
        """Whether there was one to delete."""
        with in_time(self._engine.begin) as connection:
            gone = sa.delete(talks).where(talks.c.id == talk, talks.c.expires_at > now)
            return bool(connection.execute(gone).rowcount)

    def sweep(self, now: float) -> int:
        """Deletes what has expired; how many there were."""
        with in_time(self._engine.begin) as connection:
            return connection.execute(sa.delete(talks).where(talks.c.expires_at <= now)).rowcount


def move(connection: Connection, talk: str, made_from: int, expires_at: float) -> None:
    """To the next version. The first statement of its transaction, so that only one gets there."""
    change = (
        sa.update(talks)
        .where(talks.c.id == talk, talks.c.version == made_from)
        .values(version=made_from + 1, expires_at=expires_at)
    )
    if connection.execute(change).rowcount != 1:
        raise StaleError


@contextmanager
def in_time(opened: Callable[[], AbstractContextManager[Connection]]) -> Iterator[Connection]:
    """A connection or transaction; what the database complains of is a StoreError.

    By its type only: the text may repeat what was to be stored.
    """
    try:
        with opened() as connection:
            yield connection
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise StoreError(type(error).__name__) from None


def engine_of(place: str) -> Engine:
    """The database of a URL, or of the path of a SQLite file; raises SettingsError."""
    try:
        url = make_url(place) if "://" in place else sa.URL.create("sqlite", database=place)
    except ArgumentError:
        raise SettingsError("the place of conversations is neither a path nor a URL.") from None
    known = {"sqlite": sqlite, "postgresql": postgres, "postgres": postgres}
    made = known.get(url.get_backend_name())
    if made is None:
        raise SettingsError(
            f"conversations are kept in a SQLite file or postgresql://, not {url.get_backend_name()}://."
        )
    return made(url)


def sqlite(url: sa.URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise SettingsError("conversations need a file: the memory of a process is not shared.")
    try:
        Path(url.database).touch(mode=0o600)  # for who runs the service, nobody else
    except OSError as error:
        raise SettingsError(f"{url.database}: {(error.strerror or 'no file').lower()}.") from None
    engine = engine_with(url, timeout=BUSY_SECONDS)
    sa.event.listen(engine, "connect", set_up)
    return engine


def set_up(connection: sqlite3.Connection, _: Any) -> None:
    """By default SQLite heeds no foreign keys, bars readers while it writes, erases nothing."""
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def postgres(url: sa.URL) -> Engine:
    url = url.set(drivername="postgresql+psycopg")
    waiting = f"-c statement_timeout={BUSY_SECONDS}s -c lock_timeout={BUSY_SECONDS}s"
    try:
        return engine_with(url, connect_timeout=BUSY_SECONDS, options=waiting)
    except ModuleNotFoundError as error:
        raise SettingsError(f"{error.name} is not installed; install wayout[postgres].") from None


def engine_with(url: sa.URL, **arguments: Any) -> Engine:
    return sa.create_engine(
        url, connect_args=arguments, pool_pre_ping=True, pool_size=CONNECTIONS, max_overflow=0,
        pool_timeout=BUSY_SECONDS, hide_parameters=True,
    )  # fmt: skip
