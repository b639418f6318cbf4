"""Kill -9 in the middle of imports; `benchmarks/kill_import.py` does it a hundred times."""

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "benchmarks" / "kill_import.py"


@pytest.mark.heavy
def test_a_killed_import_is_there_whole_or_not_at_all(place):
    if not FILE.is_file():
        pytest.skip(f"needs the benchmarks of a checkout: {FILE} is not there")
    spec = importlib.util.spec_from_file_location("kill_import", FILE)
    kill_import = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kill_import)
    outcomes = kill_import.kill_imports(place.url.partition("?")[0], kills=3, rows=55_000, seed=1)
    assert outcomes["kills"] == 3
