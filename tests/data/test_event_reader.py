"""Read in batches, a source gives what it gives as a whole."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import endcap as ec
from endcap.data.columns import OPTIONS
from endcap.data.event_reader import EventReader, IdsAreTextError
from endcap.errors import DataError


def reader(source, **options):
    given = {column: options.pop(option, None) for column, option in OPTIONS.items()}
    return EventReader(source, given, **options)


def read(one, rows):
    parts = list(one.batches(rows))
    return pl.concat([frame for frame, _ in parts]), pl.concat([file for _, file in parts]), one.finish()


@pytest.fixture
def orders(tmp_path):
    def write(name, rows, **columns):
        table = {
            "user": [100 + n for n in range(rows)],
            "item": [f"sku-{n % 7}" for n in range(rows)],
            "date": [f"{n % 28 + 1:02}/01/2026 10:00" for n in range(rows)],
            "qty": [str(n % 3 + 1) for n in range(rows)],
        }
        pl.DataFrame({**table, **columns}).write_csv(tmp_path / name)
        return str(tmp_path / name)

    return write


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_batches_are_the_whole(orders, tmp_path, kind):
    file = orders("a.csv", 1000)
    if kind != "csv":
        table = pl.read_csv(file)
        file = str(tmp_path / f"a.{kind}")
        table.write_parquet(file) if kind == "parquet" else table.write_ndjson(file)
    whole = ec.read_events(file)
    frame, numbers, said = read(reader(file), 64)
    assert_frame_equal(frame, whole.frame)
    assert numbers.unique().to_list() == [0]
    assert (said.rows_read, said.mapping) == (1000, whole.mapping)


def test_rows_set_aside_keep_their_lines(orders):
    bad = {"user": ["" if n in (5, 70, 199) else str(n) for n in range(200)]}
    files = [orders("a.csv", 200, **bad), orders("b.csv", 200, **bad)]
    whole = ec.read_events(files)
    frame, numbers, said = read(reader(files), 32)
    assert_frame_equal(said.quarantine, whole.quarantine)
    assert said.quarantine["row"].to_list() == [7, 72, 201] * 2
    assert len(frame) == 394
    assert numbers.to_list() == [0] * 197 + [1] * 197


def test_ids_that_turn_out_to_be_text(orders):
    file = orders("a.csv", 200, user=[*map(str, range(199)), "x-9"])
    one = reader(file)
    with pytest.raises(IdsAreTextError):
        list(one.batches(50))
    frame, _, _ = read(one, 50)
    assert_frame_equal(frame, ec.read_events(file).frame)


def test_text_before_numbers_needs_no_second_reading(orders):
    file = orders("a.csv", 200, user=["x-9", *map(str, range(199))])
    frame, _, _ = read(reader(file), 50)
    assert frame["user_id"].to_list()[:3] == ["x-9", "0", "1"]


def test_day_and_month_may_be_told_apart_by_a_late_row(orders):
    days = [f"{n % 12 + 1:02}/02/2026" for n in range(199)] + ["28/02/2026"]
    frame, _, _ = read(reader(orders("a.csv", 200, date=days)), 50)
    assert frame["timestamp"].dt.month().unique().to_list() == [2]
    doubtful = [f"{n % 12 + 1:02}/02/2026" for n in range(200)]
    with pytest.raises(DataError, match="no row tells"):
        read(reader(orders("b.csv", 200, date=doubtful)), 50)


def test_the_unit_of_times_is_the_first_batchs(orders):
    times = [1_500_000_000_000 + n for n in range(150)] + [1000 + n for n in range(50)]
    frame, _, _ = read(reader(orders("a.csv", 200, date=times)), 50)
    assert frame["timestamp"].dt.year().to_list() == [2017] * 150 + [1970] * 50


def test_the_rating_scale_is_that_of_all_ratings(orders):
    file = orders("a.csv", 200, rating=[3] * 100 + [9] * 100)
    _, _, said = read(reader(file), 50)
    assert said.rating_scale == (0, 10)
    assert said.quarantine.is_empty()


def test_most_rows_bad_is_told_at_the_end(orders):
    file = orders("a.csv", 200, user=["1"] * 90 + [""] * 110)
    with pytest.raises(DataError, match="110 of 200 rows can't be used because user_id is empty; the first is row 92"):
        read(reader(file), 50)


def test_visitors_are_known_before_they_log_in():
    table = pl.DataFrame({"customer_id": [None, "u-1", None], "visitor_id": ["v-1", "v-1", ""], "sku": ["a", "b", "c"]})
    events = ec.read_events(table)
    assert events.frame.select("user_id", "anonymous_id").rows() == [("v-1", "v-1"), ("u-1", "v-1")]
    assert events.counts == {"user_id is empty": 1}
    assert ec.read_events(table.select("visitor_id", "sku")[:2]).frame.columns == ["user_id", "item_id", "event"]


def test_visitors_and_users_have_ids_of_one_type(tmp_path):
    (tmp_path / "a.csv").write_text("user_id,anonymous_id,item\n7,v-1,1\n,v-2,2\n")
    assert ec.read_events(tmp_path / "a.csv").frame["user_id"].to_list() == ["7", "v-2"]
