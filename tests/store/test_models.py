import json
import subprocess
import sys
import time

import pytest
from scipy import sparse

import endcap as ec
from endcap.errors import ModelFileError, ShopError, StorageError
from endcap.store.models import ModelRegistry


@pytest.fixture
def registry(tmp_path):
    return ModelRegistry(tmp_path / "models")


@pytest.fixture
def model():
    return ec.Popular().fit(sparse.random_array((9, 8), density=0.5, rng=2))


def test_the_first_model_is_in_use_at_once_and_later_ones_when_promoted(registry, model):
    first = registry.add(model, metrics={})
    second = registry.add(ec.Popular(window=None).fit(sparse.eye_array(4)), metrics={"ndcg": 0.5})
    assert registry.versions() == [first, second]
    assert registry.champion() == first
    assert registry.load().interactions_.shape == (9, 8)
    registry.promote(second, "better")
    assert registry.champion() == second
    assert registry.load().interactions_.shape == (4, 4)
    assert registry.load(first).interactions_.shape == (9, 8)
    assert registry.manifest()["metrics"] == {"ndcg": 0.5}
    assert [(d.action, d.version, d.before) for d in registry.decisions()] == [
        ("promoted", first, None),
        ("promoted", second, first),
    ]


def test_no_model_yet_says_what_to_do(registry):
    assert registry.versions() == []
    assert registry.decisions() == []
    with pytest.raises(ShopError, match="endcap train"):
        registry.load()
    with pytest.raises(ShopError, match="endcap train"):
        registry.rollback()


def test_a_failed_save_leaves_the_champion(registry, model, monkeypatch):
    first = registry.add(model, metrics={})
    monkeypatch.setattr("endcap.store.models.save", lambda *a, **k: (_ for _ in ()).throw(ModelFileError("no")))
    with pytest.raises(ModelFileError):
        registry.add(model, metrics={})
    assert registry.champion() == first


def test_a_version_that_is_not_there_is_named(registry, model):
    first = registry.add(model, metrics={})
    for change in (registry.pin, lambda v: registry.promote(v, "")):
        with pytest.raises(ShopError, match=f"no version 'nothing'; there are: {first}"):
            change("nothing")
    with pytest.raises(ShopError, match="not pinned"):
        registry.unpin(first)


def test_rolling_back_goes_to_the_champion_before_and_not_to_and_fro(registry, model):
    versions = [registry.add(model, metrics={}) for _ in range(3)]
    for version in versions[1:]:
        registry.promote(version, "newer")
    assert registry.rollback() == versions[1]
    assert registry.champion() == versions[1]
    assert registry.rollback("too many complaints") == versions[0]
    assert registry.decisions()[-1].reason == "too many complaints"
    with pytest.raises(ShopError, match="nothing to roll back to"):
        registry.rollback()
    registry.promote(versions[2], "again")
    assert registry.rollback() == versions[0]


def test_promoting_the_champion_changes_nothing(registry, model):
    first, second = (registry.add(model, metrics={}) for _ in range(2))
    registry.promote(second, "better")
    registry.promote(second, "better")
    assert registry.previous() == first
    assert len(registry.decisions()) == 2


def test_champions_and_pins_outlive_what_is_older(registry, model):
    versions = [registry.add(model, metrics={}) for _ in range(14)]
    registry.pin(versions[4])
    registry.promote(versions[3], "")
    registry.promote(versions[2], "")
    assert registry.retain(keep=6) == [v for n, v in enumerate(versions) if n < 11 and n not in (2, 3, 4)]
    assert registry.versions() == [*versions[2:5], *versions[11:]]
    assert registry.retain(keep=1) == versions[11:]
    assert registry.versions() == versions[2:5]
    registry.unpin(versions[4])
    assert registry.retain(keep=1) == [versions[4]]
    assert registry.rollback() == versions[3]
    assert not list(registry.folder.glob("removing-*"))


def test_a_promotion_that_can_not_be_written_leaves_the_champion(registry, model, monkeypatch):
    first, second = (registry.add(model, metrics={}) for _ in range(2))

    def full(path, content):
        raise StorageError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("endcap.store.models.write_whole", full)
        with pytest.raises(StorageError):
            registry.promote(second, "better")
    assert registry.champion() == first
    with pytest.raises(ShopError, match="nothing to roll back to"):
        registry.rollback()


@pytest.mark.parametrize("kept", range(0, 100, 9))
def test_a_decision_torn_by_a_crash_is_passed_over(registry, model, kept):
    first, second = (registry.add(model, metrics={}) for _ in range(2))
    file = registry.folder / "decisions.jsonl"
    whole = file.read_bytes()
    torn = json.dumps({"at": "now", "action": "promoted", "version": second, "before": first, "reason": "x" * 50})
    file.write_bytes(whole + torn[:kept].encode())
    assert [d.version for d in registry.decisions()] == [first]
    registry.promote(second, "better")
    assert [(d.version, d.reason) for d in registry.decisions()] == [
        (first, "the first model of this shop"),
        (second, "better"),
    ]
    assert registry.rollback() == first


def test_a_folder_that_a_killed_save_left_is_no_version(registry, model):
    first = registry.add(model, metrics={})
    (registry.folder / "20260101-000000-ALS").mkdir()
    assert registry.versions() == [first]


def test_kills_in_the_midst_of_promotions_leave_one_champion_that_the_log_knows(registry, model):
    first, second = (registry.add(model, metrics={}) for _ in range(2))
    code = (
        "import sys; from pathlib import Path; from endcap.store.models import ModelRegistry\n"
        "registry = ModelRegistry(Path(sys.argv[1])); print('ready', flush=True)\n"
        "while True:\n    for version in sys.argv[2:]:\n        registry.promote(version, 'to and fro')"
    )
    for wait in (0.0, 0.01, 0.03, 0.05, 0.08):
        command = [sys.executable, "-c", code, str(registry.folder), second, first]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            child.stdout.readline()
            time.sleep(wait)
            assert registry.champion() in (first, second)
            child.kill()
        last = registry.decisions()[-1]  # it may have come into force, or the kill came between
        assert registry.champion() in (last.version, last.before)
        assert registry.load().interactions_.shape == (9, 8)
    registry.promote(first, "after all")
    registry.promote(second, "after all")
    assert registry.rollback() == first


def test_one_training_at_a_time(registry):
    other = ModelRegistry(registry.folder).training()
    with registry.training(), pytest.raises(ShopError, match=r"another training .* is running .*training\.lock"), other:
        pass
    with registry.training():  # it is free again
        pass


def test_a_killed_training_frees_the_lock_and_what_it_left_is_swept(registry, model):
    version = registry.add(model, metrics={})
    script = f"""
import pathlib, time
from endcap.store.models import ModelRegistry
registry = ModelRegistry(pathlib.Path({str(registry.folder)!r}))
with registry.training():
    half = registry.folder / "20260101-000000-ALS"
    half.mkdir()
    (half / "arrays-1.safetensors").write_bytes(b"half")
    (registry.folder / "removing-20250101-000000-ALS").mkdir()
    (registry.folder / "champion.77.partial").write_text("20")
    print("holding", flush=True)
    time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"holding\n"
    with pytest.raises(ShopError, match="another training"), registry.training():
        pass
    process.kill()
    process.wait()
    process.stdout.close()
    with registry.training():
        names = {one.name for one in registry.folder.iterdir()} - {"training.lock"}
    assert names == {version, "champion", "decisions.jsonl"}
    assert registry.versions() == [version]


def test_what_is_no_version_is_left_alone(registry, model):
    registry.add(model, metrics={})
    (registry.folder / "notes").mkdir()
    (registry.folder / "notes" / "mine.txt").write_text("keep")
    with registry.training():
        pass
    assert (registry.folder / "notes" / "mine.txt").read_text() == "keep"
