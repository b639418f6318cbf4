"""A server that runs while its disk fills up, its folder can't be written, or its database is away."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from endcap.shop import Shop

pytestmark = [pytest.mark.heavy, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]


class Running:
    """A server of two processes, and what it acknowledged."""

    def __init__(self, folder: Path, log: Path, within: Sequence[str] = ()) -> None:
        self.folder, self.log, self.within = folder, log, within
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.acknowledged: list[str] = []
        self._sent = 0

    def __enter__(self) -> "Running":
        command = [
            *self.within,
            sys.executable,
            "-c",
            "from endcap.cli import main; main()",
            "serve",
            "--shop",
            str(self.folder),
        ]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), "--workers", "2"], stdout=log, stderr=log
            )
        self.eventually(lambda: self.ask("GET", "/health/ready")[0] == 200)
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        finally:
            self.process.kill()

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict, dict]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), json.loads(answer.read())
        except OSError:
            return 0, {}, {}
        finally:
            connection.close()

    def recommends(self) -> bool:
        status, _, body = self.ask("POST", "/api/v1/recommend", {"user_id": "u1", "k": 5})
        return status == 200 and len(body["results"]) == 5

    def send_event(self) -> tuple[int, dict, dict]:
        self._sent += 1
        name = f"event-{self._sent}"
        event = {"event": "view_item", "user_id": "u1", "item_id": "i01", "event_id": name}
        answer = self.ask("POST", "/api/v1/events", event)
        if answer[0] == 200:
            self.acknowledged.append(name)
        return answer

    def eventually(self, check, seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while not check():
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def goes_on_without_its_store(self, seconds: float = 3.0, *, some_fit: bool = False) -> None:
        """Events are refused clearly, and every recommendation is answered.

        With `some_fit` an event may be taken, as where SQLite's log has room left on a full disk; then it is stored.
        """
        self.eventually(lambda: self.send_event()[0] == 503)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.recommends(), self.log.read_text()
            status, headers, body = self.send_event()
            if some_fit and status == 200:
                continue
            assert status == 503
            assert int(headers["retry-after"]) > 0
            assert headers["content-type"] == "application/problem+json"
            assert str(self.folder) not in json.dumps(body)

    def recovers(self) -> None:
        """Soon events are taken again, by either process."""
        self.eventually(lambda: all(self.send_event()[0] == 200 for _ in range(20)))
        assert self.recommends()
        assert self.ask("GET", "/health/ready")[0] == 200

    def lost_nothing(self) -> None:
        events = Shop(self.folder).store.events.read_all()
        stored = Counter(events["event_id"].drop_nulls().to_list())
        assert {name: stored[name] for name in self.acknowledged} == dict.fromkeys(self.acknowledged, 1)


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{command[0]} isn't allowed here: {done.stderr.strip()}")


@contextmanager
def small_disk(folder: Path):
    if sys.platform != "linux" or shutil.which("mount") is None:
        pytest.skip("needs Linux's tmpfs for a disk that can be full")
    folder.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(file: Path) -> None:
    """Write until nothing more fits."""
    with file.open("wb", buffering=0) as ballast, suppress(OSError):
        while ballast.write(bytes(4096)):
            pass
    assert shutil.disk_usage(file.parent).free == 0


def test_a_full_disk(trained_shop, tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        shop = shutil.copytree(trained_shop, disk / "shop")
        with Running(shop, tmp_path / "log") as server:
            assert server.send_event()[0] == 200
            fill(disk / "ballast")
            server.goes_on_without_its_store(some_fit=True)
            (disk / "ballast").unlink()
            server.recovers()
        server.lost_nothing()


def test_a_folder_that_cannot_be_written(folder, tmp_path):
    def permit(change: str) -> None:
        subprocess.run(["chmod", "-R", change, str(folder)], check=True)

    within = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    if within:
        run(*within, "true")  # what permissions say holds for root without these capabilities
    with Running(folder, tmp_path / "log", within) as server:
        assert server.send_event()[0] == 200
        permit("a-w")
        assert server.send_event()[0] == 200  # a file that is open for writing stays so
        try:
            for worker in psutil.Process(server.process.pid).children():
                worker.kill()
            server.eventually(server.recommends)
            server.goes_on_without_its_store()
        finally:
            permit("u+w")
        server.recovers()
    server.lost_nothing()


class Cluster:
    """A PostgreSQL of one's own, which may be stopped: never the one that others use."""

    def __init__(self, folder: Path) -> None:
        """Make it in an empty folder that other users may look into, as pytest's own may not."""
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
        if not found or shutil.which("setpriv") is None:
            pytest.skip("needs PostgreSQL's own programs, in /usr/lib/postgresql")
        self._bin, self._data, self._log = found[-1].parent, folder / "data", folder / "postgres.log"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "--auth=trust", "--encoding=UTF8")

    def _run(self, program: str, *arguments: str) -> None:
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
        command = [*user, str(self._bin / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        self._run("pg_ctl", "-D", str(self._data), "-l", str(self._log), "-w", "-t", "60", "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")


@pytest.fixture
def cluster():
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        cluster = Cluster(Path(folder))
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


def test_postgresql_that_is_stopped_and_started(trained_shop, tmp_path, cluster):
    pytest.importorskip("psycopg")
    url = f"postgresql+psycopg://postgres@127.0.0.1:{cluster.port}/postgres"
    origin = Shop(trained_shop)
    shop = Shop.create(tmp_path / "shop", origin.config.model_copy(update={"store": url}))
    shop.add_events(origin.events)
    shop.import_items(origin.items)
    shop.train()
    with Running(shop.folder, tmp_path / "log") as server:
        for _ in range(3):
            assert server.send_event()[0] == 200
            cluster.stop()
            server.goes_on_without_its_store()
            cluster.start()
            server.recovers()
    server.lost_nothing()
