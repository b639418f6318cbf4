"""The database of a store: SQLite in the shop's folder, or PostgreSQL; one writer at a time, errors in plain words."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from endcap.errors import EndcapError, ShopError, StorageError
from endcap.store.migrations import check_version, migrate, version
from endcap.store.turnstile import Turnstile

FILE_NAME: Final = "store.sqlite"
BUSY_SECONDS: Final = 30.0
"""How long to wait for another writer to end."""
_ALONE_SECONDS: Final = 5.0
"""How long, after a failure, to wait for the other threads' work with the database to end, so that all begin anew."""
_LOCK: Final = 0x656E6463
"""The number of the advisory lock that a writer holds in PostgreSQL, with the hash of the schema."""


class Database:
    """A database with the tables of a store, made or brought up to date on the way.

    Parameters
    ----------
    folder
        The shop's.
    url
        "postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE"; empty is SQLite in the folder.
    busy_seconds
        How long to wait for another writer.

    Raises
    ------
    ShopError
        Where the URL isn't one, PostgreSQL's driver is missing, or the tables are of a newer version.
    StorageError
        Where the database can't be reached or written.
    """

    def __init__(self, folder: Path, url: str = "", *, busy_seconds: float = BUSY_SECONDS) -> None:
        self._url = _parse(url) if url else URL.create("sqlite", database=str(folder / FILE_NAME))
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self.where = str(folder / FILE_NAME) if self.is_sqlite else self._url.render_as_string(hide_password=True)
        self._busy = busy_seconds
        self._folder = folder
        self._watches: list[Watch] = []
        self._turnstile = Turnstile()
        with self.explained():
            self._engine = self._connectable(folder)
            with self.reading() as connection:
                lacking = check_version(version(connection), self.where)
            if lacking:
                with self.writing() as connection:
                    migrate(connection)

    def keep_connections(self) -> None:
        """Use connections again from now on, until `close`: for who asks many times a second."""
        self.close()
        with self.explained():
            self._engine = self._connectable(self._folder, sa.QueuePool)

    def close(self) -> None:
        """Let go of the connections that are kept."""
        self._engine.dispose()

    def _connectable(self, folder: Path, pool: type[sa.Pool] = sa.NullPool) -> sa.Engine:
        if self.is_sqlite:
            folder.mkdir(parents=True, exist_ok=True)
            given = {"timeout": self._busy, "check_same_thread": False}
            engine = sa.create_engine(self._url, poolclass=pool, connect_args=given)
            sa.event.listen(engine, "connect", _prepare)
            sa.event.listen(engine, "begin", self._begin)
            return engine
        try:  # pre-ping: a server that was stopped and started leaves connections that are none
            return sa.create_engine(
                self._url, poolclass=pool, connect_args={"connect_timeout": 10}, pool_pre_ping=pool is not sa.NullPool
            )
        except ModuleNotFoundError:
            raise ShopError(
                'a store in PostgreSQL needs its driver, which isn\'t installed: pip install "endcap[postgres]"'
            ) from None

    def _begin(self, connection: sa.Connection) -> None:
        """Begin a transaction of SQLite's; a writer takes its lock at once: half way it could find it taken."""
        if not connection.get_execution_options().get("write", False):
            connection.exec_driver_sql("BEGIN")
            return
        # SQLite itself would wait in steps of up to 100 ms, too long where several processes take single events.
        deadline = time.monotonic() + self._busy
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                break
            except sa.exc.OperationalError as error:
                if "locked" not in str(error.orig) or time.monotonic() > deadline:
                    raise
                time.sleep(0.001)
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(self._busy * 1000)}")

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Return a connection that sees one state of the store throughout."""
        isolation = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        engine = self._engine.execution_options(**isolation)
        with self.explained(), self._turnstile.inside(), engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Return a connection that alone may write; all it did is on disk at the end, or nothing where it failed."""
        engine = self._engine.execution_options(write=True)
        with self.explained(), self._renewed(), self._turnstile.inside(), engine.begin() as connection:
            if not self.is_sqlite:
                connection.execute(sa.text(f"SET LOCAL lock_timeout = {int(self._busy * 1000)}"))
                own = sa.func.hashtext(sa.func.current_schema())
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK, own)))
            yield connection

    @contextmanager
    def _renewed(self) -> Iterator[None]:
        """Let go of kept connections after a failure.

        One that SQLite opened where it might only read stays so, and so do all of a process while one is open: so
        there is a moment at which none is.
        """
        try:
            yield
        except (sa.exc.DBAPIError, sqlite3.Error):
            with self._turnstile.alone(_ALONE_SECONDS if self.is_sqlite else 0.0), ExitStack() as closed:
                for watch in self._watches:
                    closed.enter_context(watch.closed())
                self._engine.dispose()
            raise

    def watch(self) -> Watch:
        """Return what tells cheaply whether anybody has written since it was last asked."""
        watch = Watch(self._engine, self.explained)
        self._watches.append(watch)
        return watch

    def tidy(self) -> None:
        """Let nothing of what was removed stay in SQLite's log; rows that go are overwritten in the file itself."""
        if self.is_sqlite:
            with self.explained(), self._turnstile.inside(), self._engine.connect() as connection:
                driver_connection(connection).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what the database raises into an EndcapError that says what to do."""
        try:
            yield
        except EndcapError:
            raise
        except (sa.exc.DBAPIError, sqlite3.Error, OSError) as error:
            raise _explain(error, self.where) from error
        except Exception as error:
            if type(error).__module__.partition(".")[0] == "psycopg":  # raised by COPY, past SQLAlchemy
                raise _explain(error, self.where) from error
            raise


class Watch:
    """Tells cheaply whether a store was written to, and its small facts as they are then.

    SQLite counts the commits of others; PostgreSQL is asked whenever `EVERY` seconds have gone by.
    """

    EVERY: Final = 0.05

    def __init__(self, engine: sa.Engine, explained: Callable[[], AbstractContextManager[None]]) -> None:
        self._engine = engine
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._explained = explained
        self._lock = threading.Lock()
        self._connection: sa.Connection | None = None
        self._seen: float = -1

    def facts(self) -> dict[str, str] | None:
        """Return the facts of `meta` by name where there may be news since the last call; None where there are none.

        Raises
        ------
        StorageError
            Where the database can't be read; the next call tries again.
        """
        with self._lock, self._explained():
            try:
                return self._look()
            except BaseException:
                self._let_go()
                raise

    def _look(self) -> dict[str, str] | None:
        if not self._is_sqlite and time.monotonic() - self._seen < self.EVERY:
            return None
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        driver = driver_connection(self._connection)
        seen = driver.execute("PRAGMA data_version").fetchone()[0] if self._is_sqlite else time.monotonic()
        if seen == self._seen:
            return None
        facts = dict(driver.execute("SELECT name, value FROM meta").fetchall())
        self._seen = seen  # only now: what was lost on the way is asked for again
        return facts

    def _let_go(self) -> None:
        self._seen = -1
        if self._connection is not None:
            with suppress(Exception):
                self._connection.invalidate()
                self._connection.close()
            self._connection = None

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Let go of the database, and be asked again only afterwards."""
        with self._lock:
            self._let_go()
            yield

    def close(self) -> None:
        """Let go of the database, until it is asked again."""
        with self.closed():
            pass


def driver_connection(connection: sa.Connection) -> Any:
    """Return the driver's own connection, for what SQLAlchemy has no words for: bulk loads."""
    return connection.connection.driver_connection


def _parse(text: str) -> URL:
    wanted = 'it is "postgresql+psycopg://USER@HOST:5432/DATABASE", or left empty for SQLite in the shop\'s folder'
    try:
        url = make_url(text)
    except sa.exc.ArgumentError:
        raise ShopError(f'store = "..." in endcap.toml is not the address of a database; {wanted}') from None
    if url.get_backend_name() != "postgresql":
        raise ShopError(f"store in endcap.toml names a database that isn't known, {url.drivername!r}; {wanted}")
    return url.set(drivername="postgresql+psycopg")


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say, see _begin
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -131072", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


_EXPLANATIONS: Final[tuple[tuple[tuple[str, ...], type[EndcapError], str], ...]] = (
    (
        ("database is locked", "lock timeout", "locktimeout"),
        StorageError,
        "{where} is in use by another import; nothing was changed: wait for it to end, then run the same again",
    ),
    (
        ("disk is full", "no space left", "could not extend file"),
        StorageError,
        "the disk is full, so {where} can't be written; nothing was changed: free some space, then run the same again",
    ),
    (
        ("readonly database", "unable to open database", "permission denied", "read-only", "not a directory"),
        StorageError,
        "can't write {where}; nothing was changed: check that its folder is there and that you may write to it",
    ),
    (
        ("not a database", "malformed"),
        ShopError,
        "{where} is damaged; put a copy of it in its place (with store.sqlite-wal, where there is one)",
    ),
    (
        ("password authentication", "role", "no pg_hba.conf entry", "no password supplied"),
        ShopError,
        "the database doesn't let {where} in; correct the user and password of store in endcap.toml",
    ),
    (
        ("database \"",),
        ShopError,
        "there is no such database, {where}; make it (createdb), or correct store in endcap.toml",
    ),
    (
        ("connection", "could not translate host", "server closed", "failed to resolve", "terminating"),
        StorageError,
        "can't reach the database at {where}; nothing was changed: start the server, or correct store in endcap.toml",
    ),
)  # fmt: skip


def _explain(error: BaseException, where: str) -> EndcapError:
    text = str(getattr(error, "orig", None) or error).strip()
    lowered = text.lower()
    for words, kind, message in _EXPLANATIONS:
        if any(word in lowered for word in words):
            found = kind(f"{message.format(where=where)} ({text.splitlines()[0]})")
            found.public = message.format(where="the store")
            return found
    return StorageError(f"{where} failed; nothing was changed: {text.splitlines()[0] if text else error!r}")
