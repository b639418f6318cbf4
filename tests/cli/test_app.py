import subprocess
import sys

import pytest
from typer.main import get_command

import endcap as ec
from endcap.cli.app import app


def test_version(endcap):
    done = endcap("--version")
    assert (done.code, done.out.strip()) == (0, f"endcap {ec.__version__}")


@pytest.mark.parametrize("name", sorted(get_command(app).commands))
def test_every_command_has_help_with_an_example(endcap, name):
    done = endcap(name, "--help")
    assert done.code == 0
    assert f"endcap {name}" in done.out.split("Example:")[1]


def test_wrong_usage(endcap):
    assert endcap("recomend").code == 2
    assert endcap("recommend", "--usr", 3).code == 2


def test_a_damaged_model_is_named(endcap, trained, tmp_path):
    import shutil

    shop = shutil.copytree(trained, tmp_path / "shop")
    file = next((shop / "models").glob("*/arrays-*"))
    file.write_bytes(file.read_bytes()[:-1])
    done = endcap("recommend", "--shop", shop, "--all")
    assert done.code == 4
    assert f"{file.name} is truncated or altered" in done.err


def test_import_costs_next_to_nothing():
    code = "import sys; before = set(sys.modules); import endcap; print(*set(sys.modules) - before)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "scipy", "polars", "pydantic"} & {name.split(".")[0] for name in loaded}
