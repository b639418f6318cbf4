"""Events are read from every format, with their columns recognised."""

import polars as pl
import pytest

import endcap as ec

ROWS = pl.DataFrame(
    {"Customer ID": [1, 2, 2], "SKU": ["a", "b", "b"], "InvoiceDate": ["2024-01-01", "2024-01-02", "2024-02-01"]}
)


def write(path, rows=ROWS):
    suffix = path.suffixes[0]
    if suffix == ".parquet":
        rows.write_parquet(path)
    elif suffix == ".jsonl":
        rows.write_ndjson(path)
    else:
        rows.write_csv(path, separator="\t" if suffix == ".tsv" else ",")
    return path


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.parquet"])
def test_every_format_gives_the_same_events(tmp_path, name):
    events = ec.read_events(write(tmp_path / name))
    assert events.mapping == {"user_id": "Customer ID", "item_id": "SKU", "timestamp": "InvoiceDate"}
    assert events.frame.columns == ["user_id", "item_id", "event", "timestamp"]
    assert events.frame["user_id"].to_list() == [1, 2, 2]
    assert events.frame["timestamp"].dtype == pl.Datetime("us")
    assert events.rows_read == 3
    assert events.quarantine.is_empty()
