import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

PREFACE = """
import os, sys, time
from pathlib import Path
from endcap.serve.supervisor import FAILED, Supervisor
folder = Path(sys.argv[1])
def work():
    (folder / str(os.getpid())).touch()
    time.sleep(60)
"""


@contextmanager
def started(folder: Path, script: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", PREFACE + script, str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def eventually(check, seconds: float = 30.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := check():
            return found
        time.sleep(0.02)
    raise AssertionError("it didn't come about in time")


def begun(folder: Path) -> list[int]:
    return sorted(int(file.name) for file in folder.iterdir())


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"  # in a container nobody reaps it


def test_what_ends_is_started_again_and_all_end_with_sigterm(tmp_path: Path):
    with started(tmp_path, "sys.exit(Supervisor([work, work]).run())") as process:
        first = eventually(lambda: len(begun(tmp_path)) == 2 and begun(tmp_path))
        os.kill(first[0], signal.SIGKILL)
        all_three = eventually(lambda: len(begun(tmp_path)) == 3 and begun(tmp_path))
        process.terminate()
        assert process.wait(30) == 0
        eventually(lambda: not any(alive(pid) for pid in all_three))


def test_all_end_when_the_supervisor_is_killed(tmp_path: Path):
    with started(tmp_path, "Supervisor([work, work]).run()") as process:
        pids = eventually(lambda: len(begun(tmp_path)) == 2 and begun(tmp_path))
        process.kill()
        process.wait(30)
        eventually(lambda: not any(alive(pid) for pid in pids))


def test_what_cannot_begin_ends_all(tmp_path: Path):
    with started(tmp_path, "sys.exit(Supervisor([work, lambda: sys.exit(FAILED)]).run())") as process:
        assert process.wait(30) == 3
        eventually(lambda: not any(alive(pid) for pid in begun(tmp_path)))


def test_an_error_is_told_and_tried_again(tmp_path: Path):
    script = """
def fail():
    (folder / str(os.getpid())).touch()
    raise ValueError("not today")
Supervisor([fail]).run()
"""
    with started(tmp_path, script) as process:
        eventually(lambda: len(begun(tmp_path)) >= 2)
        process.terminate()
        assert process.wait(30) == 0
        assert process.stderr is not None
        assert "ValueError: not today" in process.stderr.read()


def test_a_process_that_serves_is_forked_without_threads_that_work_on_the_shop(tmp_path: Path):
    """Polars' threads don't survive a fork, so nothing may have been computed with it before."""
    script = (
        "import os, endcap.serve.worker, endcap.serve.retraining;"
        "print(sorted({open(f'/proc/self/task/{t}/comm').read().strip() for t in os.listdir('/proc/self/task')}))"
    )
    if not Path("/proc/self/task").exists():
        pytest.skip("threads have names in /proc alone")
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "polars-" not in said.replace("polars-ooc-clea", ""), said


def test_sigterm_while_processes_are_being_started_starts_no_more(tmp_path: Path):
    script = """
import signal
told = []
def tell():
    if not told:
        told.append(1)
        os.kill(os.getpid(), signal.SIGTERM)
os.register_at_fork(after_in_parent=tell)
sys.exit(Supervisor([work, work]).run())
"""
    with started(tmp_path, script) as process:
        assert process.wait(20) == 0
        assert len(begun(tmp_path)) <= 1
        eventually(lambda: not any(alive(pid) for pid in begun(tmp_path)))
