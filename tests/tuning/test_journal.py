import json

import pytest

from endcap.errors import DataError, StorageError
from endcap.tuning.journal import Journal

TRIAL = {"parameters": {"factors": 8}, "steps": [0.1, 0.2], "seconds": 1.0, "note": ""}


def test_what_was_kept_is_there_again(tmp_path):
    Journal(tmp_path / "deep" / "a.jsonl", "mark").add([TRIAL, TRIAL])
    again = Journal(tmp_path / "deep" / "a.jsonl", "mark")
    assert again.trials == [TRIAL, TRIAL]
    again.add([TRIAL])
    assert len(Journal(tmp_path / "deep" / "a.jsonl", "mark").trials) == 3


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_line_that_was_cut_off_is_dropped_and_the_next_one_is_whole(tmp_path, cut):
    file = tmp_path / "a.jsonl"
    Journal(file, "mark").add([TRIAL, TRIAL])
    file.write_bytes(file.read_bytes()[:-cut])
    again = Journal(file, "mark")
    assert again.trials == [TRIAL]
    again.add([TRIAL])
    assert all(json.loads(line) for line in file.read_text().splitlines())
    assert Journal(file, "mark").trials == [TRIAL, TRIAL]


def test_a_head_that_was_cut_off_is_an_empty_search(tmp_path):
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"format": "endc')
    assert Journal(file, "mark").trials == []
    assert Journal(file, "mark").trials == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"format": "endcap-search-1", "search": "other"}\n', "is of another search"),
        (b"not json\n", "is damaged, or not the file of a search"),
        (b"[1]\n", "is not the file of a search"),
        (b"\xff\xfe\n", "is damaged, or not the file of a search"),
    ],
)
def test_other_files_are_refused_and_left_alone(tmp_path, content, message):
    file = tmp_path / "a.jsonl"
    file.write_bytes(content)
    with pytest.raises(DataError, match=message):
        Journal(file, "mark")
    assert file.read_bytes() == content


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(StorageError, match="can't use"):
        Journal(tmp_path, "mark")
