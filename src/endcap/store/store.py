"""All that a shop keeps about shoppers and products, in one database."""

from __future__ import annotations

from pathlib import Path

from endcap.store.alarms import Alarms
from endcap.store.answers import Answers
from endcap.store.catalogue import Catalogue
from endcap.store.database import BUSY_SECONDS, Database
from endcap.store.event_store import EventStore
from endcap.store.hours import Hours
from endcap.store.keys import Keys
from endcap.store.shoppers import Shoppers
from endcap.store.takeover import take_over


class Store:
    """The store of a shop's folder, made where there is none yet.

    Parameters
    ----------
    folder
        The shop's folder.
    url
        Of PostgreSQL: "postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE"; empty is SQLite in the folder.
    busy_seconds
        How long to wait where another program is writing.

    Raises
    ------
    ShopError
        Where the URL isn't one, PostgreSQL's driver is missing, or the tables are of a newer version.
    StorageError
        Where the database can't be reached or written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from endcap.store.store import Store
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = Store(Path(folder))
    ...     store.catalogue.items() is None
    True
    """

    def __init__(self, folder: Path, url: str = "", *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.database = Database(folder, url, busy_seconds=busy_seconds)
        self.events = EventStore(folder, self.database)
        self.catalogue = Catalogue(self.database)
        self.shoppers = Shoppers(folder, self.database, self.events)
        self.answers = Answers(self.database)
        self.keys = Keys(self.database)
        self.hours = Hours(self.database)
        self.alarms = Alarms(self.database)
        take_over(folder, self.events, self.catalogue)
