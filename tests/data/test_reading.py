"""Events are read from every format, with their ids and times as they were meant."""

import gzip
from datetime import UTC, datetime

import polars as pl
import pytest

import endcap as ec
from endcap.errors import DataError

ROWS = pl.DataFrame(
    {"Customer ID": [1, 2, 2], "SKU": ["a", "b", "b"], "InvoiceDate": ["2024-01-01", "2024-01-02", "2024-02-01"]}
)


def write(path, rows=ROWS):
    kind = path.suffixes[0]
    if kind == ".parquet":
        rows.write_parquet(path)
        return path
    text = rows.write_ndjson() if kind == ".jsonl" else rows.write_csv(separator="\t" if kind == ".tsv" else ",")
    content = text.encode()
    if path.suffix == ".gz":
        content = gzip.compress(content)
    if path.suffix == ".zst":
        pyarrow = pytest.importorskip("pyarrow")
        with pyarrow.CompressedOutputStream(str(path), "zstd") as file:
            file.write(content)
        return path
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "name",
    ["a.csv", "a.csv.gz", "a.csv.zst", "a.tsv", "a.tsv.gz", "a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.parquet"],
)
def test_every_format_gives_the_same_events(tmp_path, name):
    events = ec.read_events(write(tmp_path / name))
    assert events.mapping == {"user_id": "Customer ID", "item_id": "SKU", "timestamp": "InvoiceDate"}
    assert events.frame.columns == ["user_id", "item_id", "event", "timestamp"]
    assert events.frame["user_id"].to_list() == [1, 2, 2]
    assert events.frame["timestamp"].dtype == pl.Datetime("us")
    assert events.rows_read == 3
    assert events.quarantine.is_empty()


def test_patterns_and_lists(tmp_path):
    for name in ("a.csv", "b.csv"):
        write(tmp_path / name)
    assert len(ec.read_events(tmp_path / "*.csv")) == 6
    assert (
        len(ec.read_events([tmp_path / "a.csv", tmp_path / "b.csv", ROWS.with_columns(pl.all().cast(pl.String))])) == 9
    )
    (tmp_path / "c.csv").write_text("user,item\n1,2\n")
    with pytest.raises(DataError, match=r"c\.csv has no column 'Customer ID', which .*a\.csv has"):
        ec.read_events(tmp_path / "*.csv")


@pytest.mark.parametrize("make", [lambda t: t, lambda t: t.lazy(), lambda t: t.to_arrow(), lambda t: t.to_pandas()])
def test_tables(make):
    pytest.importorskip("pyarrow")
    pytest.importorskip("pandas")
    events = ec.read_events(make(ROWS))
    assert events.frame.select("user_id", "item_id").rows() == [(1, "a"), (2, "b"), (2, "b")]
    assert list(events.to_pandas().columns) == events.frame.columns


@pytest.mark.parametrize(
    ("texts", "ids"),
    [
        (["1", "22"], [1, 22]),
        (["00123", "5"], ["00123", "5"]),
        (["+5", "6"], ["+5", "6"]),
        (["17850.0", "3.0"], [17850, 3]),
        (["17850.0", "3.5"], ["17850.0", "3.5"]),
        (["1e3", "5"], ["1e3", "5"]),
        ([" 5", "6"], [" 5", "6"]),
        (["-4", "0"], [-4, 0]),
    ],
)
def test_ids_of_text_files(tmp_path, texts, ids):
    table = pl.DataFrame({"user": texts, "item": ["a", "b"]})
    assert ec.read_events(write(tmp_path / "a.csv", table)).frame["user_id"].to_list() == ids


@pytest.mark.parametrize("dtype", [pl.Int8, pl.Int32, pl.UInt64, pl.String])
def test_ids_of_typed_files_keep_their_type(tmp_path, dtype):
    table = pl.DataFrame({"user": [1, 2], "item": [3, 4]}).cast(dtype)
    assert ec.read_events(write(tmp_path / "a.parquet", table)).frame["user_id"].dtype == dtype


MOMENT = datetime(2019, 11, 1, 20, 30, 5)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2019-11-01T20:30:05Z", MOMENT),
        ("2019-11-01 20:30:05 UTC", MOMENT),
        ("2019-11-01T22:30:05+02:00", MOMENT),
        ("2019-11-01 20:30:05.000", MOMENT),
        ("1572640205", MOMENT),
        ("1572640205000", MOMENT),
        ("1572640205.0", MOMENT),
        ("13/11/2019 20:30", datetime(2019, 11, 13, 20, 30)),
        ("11/13/19 8:30", datetime(2019, 11, 13, 8, 30)),
        ("13.11.2019", datetime(2019, 11, 13)),
        ("20191113", datetime(2019, 11, 13)),
        ("1 Nov 2019", datetime(2019, 11, 1)),
    ],
)
def test_times_of_text_files(tmp_path, written, moment):
    table = pl.DataFrame({"user": [1], "item": [1], "time": [written]})
    assert ec.read_events(write(tmp_path / "a.csv", table)).frame["timestamp"].to_list() == [moment]


def test_times_of_tables():
    for time in (1572640205, 1572640205000, 1572640205000000, MOMENT, MOMENT.replace(tzinfo=UTC)):
        events = ec.read_events(pl.DataFrame({"user": [1], "item": [1], "time": [time]}))
        assert events.frame["timestamp"].to_list() == [MOMENT]


def test_events_and_ratings():
    table = pl.DataFrame({"user": [1, 2, 3], "item": [1, 2, 3], "action": ["pv", "buy", "share"]})
    events = ec.read_events(table)
    assert events.frame["event"].to_list() == ["view_item", "purchase", "share"]
    assert events.unknown_events == {"share": 1}
    ratings = ec.read_events(pl.DataFrame({"user": [1] * 200, "item": [1] * 200, "stars": [4] * 199 + [99]}))
    assert set(ratings.frame["event"]) == {"rate"}
    assert ratings.rating_scale == (0, 5)
    assert ratings.quarantine["row"].to_list() == [200]
    assert set(ec.read_events(table.drop("action"), default_event="view").frame["event"]) == {"view_item"}
