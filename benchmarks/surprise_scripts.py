"""scikit-surprise's own example scripts and tests, run against `endcap.compat.surprise`, from its source package.

    python benchmarks/surprise_scripts.py [--peer]

The source package is fetched with pip and unpacked into a temporary folder, with a package `surprise` beside it that is
`endcap.compat.surprise` under that name: the scripts run unchanged. The data are MovieLens 100K, written as the files
that the scripts look for. `--peer` runs the scripts with scikit-surprise as well and compares the time.

The source package lacks the tests' data and fixtures; the ones here are made anew from what the tests say of them. The
tests that expect a figure to the last digit on a part of MovieLens that isn't in the package can't be run.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from common import print_table, read
from defusedxml import ElementTree

VERSION = "1.1.5"
ALIAS = """
import importlib, pkgutil, sys
import endcap.compat.surprise as own
for found in pkgutil.walk_packages(own.__path__, own.__name__ + "."):
    sys.modules["surprise" + found.name[len(own.__name__):]] = importlib.import_module(found.name)
sys.modules["surprise"] = own
"""
FIXTURES = """
import os
import pytest
from surprise import Dataset, Reader
from surprise.model_selection import PredefinedKFold

here = os.path.dirname(os.path.realpath(__file__)) + "/"

@pytest.fixture
def toy_data_reader():
    return Reader(line_format="user item rating", sep=" ", skip_lines=3, rating_scale=(1, 5))

@pytest.fixture
def toy_data(toy_data_reader):
    return Dataset.load_from_file(here + "custom_dataset", toy_data_reader)

@pytest.fixture
def u1_ml100k():
    return Dataset.load_from_folds([(here + "u1_ml100k_train", here + "u1_ml100k_test")], Reader("ml-100k"))

@pytest.fixture
def small_ml():
    return Dataset.load_from_file(here + "u1_ml100k_test", Reader("ml-100k"))

@pytest.fixture
def pkf():
    return PredefinedKFold()
"""
_THREE_LINES = "# three lines\n# to be\n# skipped\n"
TOYS = {
    "custom_train": "user0 item0 4\nuser1 item0 4\nuser1 item1 2\nuser2 item0 1\nuser2 item1 1\nuser3 item1 5\n",
    "custom_test": "user0 item0 3\nuser2 item1 4\nuser3 item1 5\n",
    "custom_dataset": "user0 item0 4\nuser1 item0 2\nuser2 item0 1\nuser3 item0 5\nuser4 item1 3\n",
}
NOT_SCRIPTS = {
    "run_all_examples.py": "runs the others",
    "benchmark.py": "times the peer's own algorithms for its table",
}


def unpack(folder: Path) -> Path:
    """Fetch the source package of scikit-surprise, and return the folder that it was unpacked into."""
    pip = [sys.executable, "-m", "pip"] if importlib.util.find_spec("pip") else ["pip"]
    wanted = ["--no-deps", "--no-binary", "scikit-surprise", f"scikit-surprise=={VERSION}", "-d", str(folder)]
    subprocess.run([*pip, "download", "--quiet", *wanted], check=True)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.glob("scikit*surprise-*/"))


def write_data(home: Path, tests: Path) -> None:
    """Write MovieLens 100K where the scripts look for it, and what the tests read."""
    table = read("ml100k").with_columns(pl.col("timestamp").dt.epoch("s"))
    place = home / ".surprise_data" / "ml-100k" / "ml-100k"
    place.mkdir(parents=True)
    table.write_csv(place / "u.data", separator="\t", include_header=False)
    items = read("ml100k", "items").select("item_id", "title", pl.lit("01-Jan-1995"))
    (place / "u.item").write_bytes(
        items.write_csv(separator="|", include_header=False, quote_style="never").encode("latin-1")
    )
    fold = np.random.default_rng(0).permutation(len(table)) % 5
    for number in range(5):
        for name, part in (("base", table.filter(fold != number)), ("test", table.filter(fold == number))):
            part.write_csv(place / f"u{number + 1}.{name}", separator="\t", include_header=False)
    small = table.sample(6_000, seed=0)
    small[:5_000].write_csv(tests / "u1_ml100k_train", separator="\t", include_header=False)
    small[5_000:].write_csv(tests / "u1_ml100k_test", separator="\t", include_header=False)
    for name, rows in TOYS.items():
        (tests / name).write_text(_THREE_LINES + rows)
    (tests / "conftest.py").write_text(FIXTURES)


def run_script(script: Path, environment: dict[str, str]) -> tuple[float, str]:
    """Return how long a script ran, and the last line of its error, "" where there is none."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, script.name],
        check=False,
        cwd=script.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    said = done.stderr.strip().splitlines()[-1:] if done.returncode else []
    return time.perf_counter() - start, " ".join(said)[:100]


def scripts(package: Path, ours: dict[str, str], theirs: dict[str, str] | None) -> None:
    """Run every example script, and print what came of each."""
    rows, passed = [], 0
    for script in sorted((package / "examples").rglob("*.py")):
        if script.name in NOT_SCRIPTS:
            continue
        seconds, error = run_script(script, ours)
        passed += not error
        row = [str(script.relative_to(package / "examples")), error or "runs", seconds]
        if theirs is not None:
            peer, _ = run_script(script, theirs)
            row += [peer, peer / seconds]
        rows.append(row)
    columns = ["script", "", "seconds"] + ([] if theirs is None else ["Surprise", "times faster"])
    print_table(columns, rows)
    print(f"\n{passed} of {len(rows)} scripts run\n")


def tests(package: Path, environment: dict[str, str]) -> None:
    """Run its tests, and print those that fail."""
    result = package / "result.xml"
    command = ["pytest", "-q", "-p", "no:cacheprovider", "--junit-xml", str(result), "--deselect"]
    exact = "tests/test_algorithms.py::test_sanity_checks"
    subprocess.run(
        [sys.executable, "-m", *command, exact, "tests"],
        check=False,
        cwd=package,
        env=environment,
        capture_output=True,
        timeout=1200,
    )
    cases = list(ElementTree.parse(result).getroot().iter("testcase"))
    failed = [one for one in cases if one.find("failure") is not None or one.find("error") is not None]
    print(f"{len(cases) - len(failed)} of {len(cases)} tests pass")
    for one in failed:
        why = one.find("failure") if one.find("failure") is not None else one.find("error")
        print(f"  {one.get('name')}: {(why.get('message') or '').splitlines()[0][:110]}")


def main() -> None:
    """Run scripts and tests."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", action="store_true", help="run the scripts with scikit-surprise as well")
    with_peer = parser.parse_args().peer
    read("ml100k")  # says where to get it, before anything is fetched
    with tempfile.TemporaryDirectory() as folder:
        package = unpack(Path(folder))
        (package / "surprise").rename(package / "not-this")  # the tests would find it before the installed one
        home, alias = Path(folder) / "home", Path(folder) / "alias"
        home.mkdir()
        (alias / "surprise").mkdir(parents=True)
        (alias / "surprise" / "__init__.py").write_text(ALIAS)
        write_data(home, package / "tests")
        theirs = os.environ | {"HOME": str(home)}
        ours = theirs | {"PYTHONPATH": str(alias)}
        scripts(package, ours, theirs if with_peer else None)
        tests(package, ours)


if __name__ == "__main__":
    main()
