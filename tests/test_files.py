import pytest

from endcap.errors import StorageError
from endcap.files import write_whole


def test_a_file_is_replaced_at_once(tmp_path):
    write_whole(tmp_path / "new" / "a", b"1")
    write_whole(tmp_path / "new" / "a", b"22")
    assert (tmp_path / "new" / "a").read_bytes() == b"22"
    assert [f.name for f in (tmp_path / "new").iterdir()] == ["a"]


def test_a_failure_leaves_the_old_content(tmp_path, monkeypatch):
    write_whole(tmp_path / "a", b"1")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(
        StorageError, match=r"can't write .*a: No space left on device; what was there before is unchanged"
    ):
        write_whole(tmp_path / "a", b"22")
    assert (tmp_path / "a").read_bytes() == b"1"
    assert [f.name for f in tmp_path.iterdir()] == ["a"]
