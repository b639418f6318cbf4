import errno
import json
import os
import resource
import stat
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import sparse

import endcap as ec
from endcap.errors import ModelFileError, NotFittedError, StorageError
from endcap.models import persistence


@pytest.fixture
def model():
    return ec.Popular().fit(sparse.random_array((30, 20), density=0.3, rng=1))


@pytest.fixture
def saved(model, tmp_path):
    model.save(tmp_path / "a.model")
    return tmp_path / "a.model"


def file_of(saved, role):
    return saved / json.loads((saved / "manifest.json").read_text())["files"][role]["name"]


def test_ids_keep_their_type(tmp_path):
    for ids in (
        pl.Series(["ä/ö", "x y", ""]),
        pl.Series([3, 5, 2**40], dtype=pl.Int64),
        pl.Series([1, 2, 3], dtype=pl.UInt16),
    ):
        events = pl.DataFrame({"user_id": ids, "item_id": ids})
        ec.Popular().fit(ec.Interactions.from_events(events)).save(tmp_path / "a.model")
        again = ec.load(tmp_path / "a.model")
        assert again.interactions_.users.ids.dtype == ids.dtype
        assert again.interactions_.items.ids.to_list() == sorted(ids.to_list())


def test_the_manifest_says_what_the_model_is(saved, model):
    manifest = persistence.read_manifest(saved)
    assert manifest["class"] == "Popular"
    assert manifest["parameters"] == {"window": None, "half_life": None}
    assert manifest["data"]["fingerprint"] == model.interactions_.fingerprint()
    assert manifest["versions"]["endcap"] == ec.__version__


def test_saving_again_replaces_and_leaves_nothing_behind(saved):
    ec.Popular().fit(sparse.random_array((9, 8), density=0.5, rng=2)).save(saved)
    assert ec.load(saved).interactions_.shape == (9, 8)
    assert len(list(saved.iterdir())) == 4


@pytest.mark.parametrize("role", ["arrays", "users", "items"])
def test_a_truncated_file_is_named(saved, role):
    file = file_of(saved, role)
    file.write_bytes(file.read_bytes()[:-7])
    with pytest.raises(ModelFileError, match=rf"{file.name} is truncated or altered"):
        ec.load(saved)


@pytest.mark.parametrize("role", ["arrays", "users", "items"])
def test_an_altered_file_is_named(saved, role):
    file = file_of(saved, role)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(ModelFileError, match=rf"{file.name} is altered: its checksum"):
        ec.load(saved)


@pytest.mark.parametrize("role", ["arrays", "users", "items"])
def test_a_missing_file_is_named(saved, role):
    file = file_of(saved, role)
    file.unlink()
    with pytest.raises(ModelFileError, match=rf"{file.name} is missing"):
        ec.load(saved)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"format": 1}', b'{"format": 1, "files": 3}']
)
def test_a_damaged_manifest_is_named(saved, content):
    (saved / "manifest.json").write_bytes(content)
    with pytest.raises(ModelFileError, match=r"manifest\.json is damaged"):
        ec.load(saved)


def change(saved, **values):
    file = saved / "manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def test_a_manifest_of_another_format_is_refused(saved):
    change(saved, format=99)
    with pytest.raises(ModelFileError, match=r"has format 99.*reads format 1"):
        ec.load(saved)


def test_a_model_of_an_unknown_class_is_refused(saved):
    change(saved, **{"class": "os.system"})
    with pytest.raises(ModelFileError, match=r"names the model 'os.system'"):
        ec.load(saved)


def test_parameters_that_do_not_fit_are_refused(saved):
    change(saved, parameters={"factors": 3})
    with pytest.raises(ModelFileError, match=r"doesn't fit Popular.*no parameter 'factors'"):
        ec.load(saved)


def test_a_file_outside_the_folder_is_refused(saved):
    manifest = json.loads((saved / "manifest.json").read_text())
    manifest["files"]["users"]["name"] = "../../etc/passwd"
    change(saved, files=manifest["files"])
    with pytest.raises(ModelFileError, match="outside the folder"):
        ec.load(saved)


def test_what_is_not_a_model_is_refused(tmp_path):
    with pytest.raises(ModelFileError, match="there is no model at"):
        ec.load(tmp_path / "nowhere")
    (tmp_path / "photos").mkdir()
    with pytest.raises(ModelFileError, match=r"photos is not a model: it holds no manifest\.json"):
        ec.load(tmp_path / "photos")
    (tmp_path / "file").write_text("x")
    with pytest.raises(ModelFileError, match="file is not a model"):
        ec.load(tmp_path / "file")


def test_a_folder_with_something_else_is_not_overwritten(model, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("x")
    with pytest.raises(ModelFileError, match="is there already and isn't a model"):
        model.save(tmp_path / "photos")
    assert [f.name for f in (tmp_path / "photos").iterdir()] == ["cat.jpg"]


def test_an_unfitted_model_is_not_saved(tmp_path):
    with pytest.raises(NotFittedError):
        ec.Popular().save(tmp_path / "a.model")
    assert not (tmp_path / "a.model").exists()


@pytest.mark.parametrize("fail_at", [1, 2, 3, 4])
def test_a_full_disk_leaves_the_old_model_whole(saved, monkeypatch, fail_at):
    old = ec.load(saved).recommend(k=5)
    calls = []
    fsync = os.fsync

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) == fail_at:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    other = ec.Popular().fit(sparse.random_array((9, 8), density=0.5, rng=2))
    with pytest.raises(StorageError, match=r"a\.model.*: No space left on device; what was there before is unchanged"):
        other.save(saved)
    assert_frame_equal(ec.load(saved).recommend(k=5), old)
    assert len(list(saved.iterdir())) == 4


def test_a_full_disk_leaves_no_half_model(model, tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError):
        model.save(tmp_path / "new.model")
    assert not (tmp_path / "new.model").exists()


FILE_LIMIT = """
import resource, sys
import endcap as ec
from endcap.errors import StorageError
from scipy import sparse
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
try:
    ec.Popular().fit(sparse.random_array((900, 800), density=0.1, rng=2)).save(sys.argv[1])
except StorageError as error:
    print(error)
"""


def test_a_disk_that_really_refuses_leaves_the_old_model_whole(saved):
    """The kernel itself refuses to write more than 3,000 bytes into a file."""
    assert resource.RLIMIT_FSIZE
    old = ec.load(saved).recommend(k=5)
    done = subprocess.run([sys.executable, "-c", FILE_LIMIT, str(saved)], capture_output=True, text=True, check=True)
    assert "what was there before is unchanged" in done.stdout
    assert_frame_equal(ec.load(saved).recommend(k=5), old)


def test_no_permission_is_told(model, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(65534)  # root may write everywhere, "nobody" may not
        with pytest.raises(StorageError, match="Permission denied"):
            model.save(folder / "a.model")
    finally:
        os.seteuid(user)
        folder.chmod(stat.S_IRWXU)


def test_a_file_where_the_folder_should_be_is_told(model, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="Not a directory"):
        model.save(tmp_path / "file" / "a.model")


def test_notes_are_kept(model, tmp_path):
    model.notes_ = ("trained on less",)
    model.save(tmp_path / "a.model")
    assert ec.load(tmp_path / "a.model").notes_ == ("trained on less",)


def test_numbers_survive_to_the_last_bit(model, saved):
    again = ec.load(saved)
    assert np.array_equal(again.interactions_.matrix.data, model.interactions_.matrix.data)
