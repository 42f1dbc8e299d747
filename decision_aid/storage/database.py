"""The database under the store: SQLite, PostgreSQL or memory through the same SQLAlchemy Core.

Every failure becomes StorageUnavailable with a plain sentence; parameters never reach a log.
"""

import logging
import os
import sqlite3
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

log = logging.getLogger(__name__)

#: Raised by one with every change of a table; ``_MIGRATIONS`` then leads from each to the next.
SCHEMA = 1
_MIGRATIONS: dict[int, tuple[str, ...]] = {}
_LOCK = 0x0DEC1A1D
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "secure_delete=ON")

DOWN = (
    "Your answers cannot be reached just now. What you sent before is kept. "
    "Please wait a minute and try again."
)

metadata = sa.MetaData()
answers = sa.Table(
    "answers",
    metadata,
    sa.Column("id", sa.LargeBinary, primary_key=True),
    sa.Column("v", sa.Integer, nullable=False),
    sa.Column("rev", sa.Integer, nullable=False),
    sa.Column("blob", sa.LargeBinary, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False, index=True),
)
codes = sa.Table(
    "codes",
    metadata,
    sa.Column("id", sa.LargeBinary, primary_key=True),
    sa.Column("owner", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("blob", sa.LargeBinary, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False, index=True),
)
rate_limits = sa.Table(
    "tries",
    metadata,
    sa.Column("id", sa.LargeBinary, primary_key=True),
    sa.Column("hits", sa.Integer, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False, index=True),
)
schema_version = sa.Table(
    "schema_version", metadata, sa.Column("version", sa.Integer, primary_key=True)
)


class StorageUnavailable(Exception):  # noqa: N818
    """The database is down, full, read-only or too new; the text is one plain sentence."""


class Database:
    """One engine, its tables made and its schema checked."""

    def __init__(self, url: str) -> None:
        self._url = _parsed(url)
        self.kind = self._url.get_backend_name()
        if self.kind == "sqlite" and self._url.database:
            _make_private(Path(self._url.database))
        try:
            self._engine = _engine(self._url)
        except ImportError:
            raise StorageUnavailable(
                "PostgreSQL needs the extra `scale` of decision-aid, which is not installed."
            ) from None
        self._driver_error: type[Exception] = self._engine.dialect.loaded_dbapi.Error
        # A store that nobody holds any more, or that refuses to start, gives its connections back.
        weakref.finalize(self, self._engine.dispose)
        try:
            with self._engine.begin() as connection:
                self._prepare(connection)
        except SQLAlchemyError as error:
            raise StorageUnavailable(
                f"The database cannot be opened ({_code(error)}); see that it runs, that "
                "DECISION_AID_DATABASE_URL names it, and that its disk has room."
            ) from None

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A connection in a transaction that is committed at the end. Raises StorageUnavailable."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            log.error("store.unavailable", extra={"error": _code(error)})
            raise StorageUnavailable(DOWN) from None

    def prepare(self, statement: sa.Select[Any] | sa.Update) -> str:
        """The text of a statement for ``once``; each value in it is a named parameter."""
        return str(statement.compile(self._engine))

    def once(self, text: str, values: Mapping[str, object]) -> tuple[Any, int]:
        """One statement in a transaction of its own: its row or None, how many rows it changed.

        Straight to the driver: what SQLAlchemy does around a statement costs every page more than
        the database does. Raises StorageUnavailable.
        """
        try:
            connection = self._engine.raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute(text, values)
                row = cursor.fetchone() if cursor.description else None
                cursor.close()
                connection.commit()
                return row, cursor.rowcount
            except self._driver_error:
                if self.kind == "postgresql":
                    connection.invalidate()  # Perhaps broken: not for the next one.
                raise
            finally:
                connection.close()
        except (SQLAlchemyError, self._driver_error) as error:
            log.error("store.unavailable", extra={"error": _code(error)})
            raise StorageUnavailable(DOWN) from None

    def forget(self) -> None:
        """Write what was deleted out of SQLite's log file, so that its bytes are gone at once."""
        if self.kind == "sqlite":
            with self.begin() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    def _prepare(self, connection: sa.Connection) -> None:
        if self.kind == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(CreateTable(schema_version, if_not_exists=True))
        version = connection.scalar(sa.select(sa.func.max(schema_version.c.version)))
        if version is not None and version > SCHEMA:
            raise StorageUnavailable(
                f"The database was written by a newer decision-aid (schema {version}; this "
                f"one knows {SCHEMA}). Install the newer program again."
            )
        for step in range(version or SCHEMA, SCHEMA):
            for statement in _MIGRATIONS[step]:
                connection.exec_driver_sql(statement)
        for table in (answers, codes, rate_limits):
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))
        if version != SCHEMA:
            connection.execute(sa.delete(schema_version))
            connection.execute(sa.insert(schema_version).values(version=SCHEMA))


def _parsed(url: str) -> URL:
    if url == "memory":
        return make_url("sqlite://")
    try:
        return make_url(url)
    except (SQLAlchemyError, ValueError):
        raise StorageUnavailable("The address of the database cannot be read.") from None


def _engine(url: URL) -> sa.Engine:
    options: dict[str, Any] = {"hide_parameters": True}
    if url.get_backend_name() == "postgresql":
        arguments = {
            "connect_timeout": 3,
            "tcp_user_timeout": 10_000,
            "options": "-c statement_timeout=5000 -c lock_timeout=5000 -c synchronous_commit=on",
        }
        options |= {"pool_pre_ping": True, "pool_timeout": 5, "connect_args": arguments}
        return sa.create_engine(url, **options)
    if not url.database:
        # One connection for all threads: each waits for its turn, and nothing touches the disk.
        options |= {"poolclass": sa.QueuePool, "pool_size": 1, "max_overflow": 0}
        options |= {"connect_args": {"check_same_thread": False}}
    engine = sa.create_engine(url, paramstyle="named", **options)
    sa.event.listen(engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _make_private(path: Path) -> None:
    """Make the file, readable by this user alone; SQLite gives its log files the same mode."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if os.name == "posix" and path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise StorageUnavailable(f"{path} cannot be written: {error.strerror}.") from None


def _code(error: Exception) -> str:
    """What went wrong as the database names it (SQLITE_FULL, 57P01), without any value."""
    cause = getattr(error, "orig", None) or error
    name = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    return str(name or type(cause).__name__)
