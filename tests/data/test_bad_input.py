"""Input that can't be used is refused, or its rows are set aside, in words that help."""

import gzip
import os
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

import endcap as ec
from endcap.errors import DataError

NOW = datetime(2024, 6, 1)
GOOD = ["1,a,2024-01-01,1,2.5,4", "2,b,2024-01-02,2,1,5", "3,c,2024-01-03,1,1,3", "3,a,2024-01-04,1,1,1"]
HEADER = "user,item,time,quantity,price,rating"


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def to(name, content):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    return to


def refusal(source, **options):
    with pytest.raises(DataError) as caught:
        ec.read_events(source, now=NOW, **options)
    return str(caught.value)


def test_no_such_file(write):
    assert refusal("orders.csv") == "there is no file orders.csv"
    assert refusal("orders-*.csv") == "no file matches 'orders-*.csv'"


def test_a_folder(write, tmp_path):
    (tmp_path / "orders").mkdir()
    assert refusal("orders") == "orders is a folder; name a file in it, or several: 'orders/*.csv'"


def test_no_permission(write, monkeypatch):
    write("orders.csv", HEADER)

    def refuse(*_):  # file modes don't hold for root, who runs tests in containers
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert refusal("orders.csv") == "no permission to read orders.csv"


@pytest.mark.parametrize("content", [b"", b"\n\n", gzip.compress(b"")], ids=["nothing", "lines", "archive"])
def test_empty_file(write, content):
    name = "orders.csv.gz" if content[:1] == b"\x1f" else "orders.csv"
    assert refusal(write(name, content)) == f"{name} is empty"


def test_header_only(write):
    assert refusal(write("orders.csv", HEADER + "\n")) == "orders.csv has a header, but no rows"


def test_line_ends_of_another_age(write):
    assert refusal(write("orders.csv", "user,item\r1,2\r")) == (
        "orders.csv: its lines end with a carriage return alone; save it with line feeds"
    )


def test_a_table_without_rows():
    assert refusal(pl.DataFrame({"user": [], "item": []})) == "Polars table has no rows"


def test_wrong_delimiter(write):
    assert refusal(write("a.csv", "user:item\n1:2\n")) == (
        "a.csv: only one column found, 'user:item'; fields must be separated by comma, semicolon, tab or |, or by the "
        'one character given as separator="..."'
    )
    assert refusal(write("b.csv", "user,item\n1,2\n"), separator=";").endswith("it looks separated by ','")
    for separator in ";|\t":
        events = ec.read_events(write("c.csv", "\n".join([HEADER, *GOOD]).replace(",", separator)))
        assert len(events) == 4


def test_a_column_missing(write):
    assert refusal(write("orders.csv", "buyer name,item\n1,2\n")) == (
        "orders.csv: no column recognised as the users' ids among 'buyer name', 'item'; name it with user=\"...\" "
        "(--user on the command line)"
    )
    assert (
        refusal("orders.csv", user="who")
        == "orders.csv has no column 'who' (given as user); it has 'buyer name', 'item'"
    )


def test_a_column_named_twice(write):
    assert refusal(write("orders.csv", "user,user,item\n1,2,3\n")) == (
        "orders.csv has more than one column 'user'; rename one of them"
    )


def test_columns_that_could_be_either(write):
    assert refusal(write("orders.csv", "customer_id,household_id,sku\n1,2,3\n")) == (
        "orders.csv: 'customer_id', 'household_id' could each be the user_id; choose with user='customer_id' "
        "(--user on the command line)"
    )
    assert ec.read_events("orders.csv", user="household_id").frame["user_id"].to_list() == [2]


def test_a_row_with_too_many_fields(write):
    assert refusal(write("orders.csv", "user,item\n1,2\n1,2,3\n")) == (
        "orders.csv: line 3 has 3 fields, the header 2; put quotes around fields that hold the separator ','"
    )


def test_a_cut_off_archive(write):
    name = write("orders.csv.gz", gzip.compress(("user,item\n" + os.urandom(50_000).hex() + ",1\n").encode())[:-9000])
    assert refusal(name) == "orders.csv.gz is cut off: its compressed data end too early; get the file again"


def test_files_that_are_not_what_their_name_says(write):
    assert refusal(write("orders.parquet", "user,item\n1,2\n")).startswith("orders.parquet can't be read: ")
    assert refusal(write("orders.jsonl", '{"user": 1, "item"\n')).startswith("orders.jsonl can't be read: ")
    assert "can't tell the format from the name" in refusal(write("orders.xlsx", "x"))


REASONS = [
    (",a,2024-01-01,1,1,1", "user_id is empty"),
    ('"  ",a,2024-01-01,1,1,1', "user_id is empty"),
    ("1,,2024-01-01,1,1,1", "item_id is empty"),
    ("1,a,,1,1,1", "timestamp is empty"),
    ("1,a,yesterday,1,1,1", "timestamp can't be read, or isn't written as most others are"),
    ("1,a,01/13/2024,1,1,1", "timestamp can't be read, or isn't written as most others are"),
    ("1,a,2024-06-03,1,1,1", "timestamp is in the future"),
    ("1,a,1969-12-31,1,1,1", "timestamp is before 1970"),
    ("1,a,2024-01-01,many,1,1", "quantity is not a number"),
    ("1,a,2024-01-01,NaN,1,1", "quantity is NaN"),
    ("1,a,2024-01-01,inf,1,1", "quantity is infinite"),
    ("1,a,2024-01-01,1e400,1,1", "quantity is infinite"),
    ("1,a,2024-01-01,1e30,1,1", "quantity is above 1,000,000,000,000"),
    (
        "1,a,2024-01-01,-1,1,1",
        'quantity is below 0 (a return? give such rows the event "refund" and a quantity above 0)',
    ),
    ("1,a,2024-01-01,1,NaN,1", "price is NaN"),
    ("1,a,2024-01-01,1,-inf,1", "price is infinite"),
    ("1,a,2024-01-01,1,-0.01,1", "price is below 0"),
    ("1,a,2024-01-01,1,1,NaN", "rating is NaN"),
    ("1,a,2024-01-01,1,1,6", "rating is outside its scale of 1 to 5 (see rating_scale)"),
]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(("line", "reason"), REASONS, ids=[line for line, _ in REASONS])
def test_a_bad_row_is_set_aside(write, line, reason, end):
    name = write("orders.csv", "\ufeff" + end.join([HEADER, *GOOD[:3], line, GOOD[3]]) + end)
    events = ec.read_events(name, rating_scale=(1, 5), now=NOW)
    assert events.quarantine.select("file", "row", "reason").rows() == [("orders.csv", 5, reason)]
    assert events.counts == {reason: 1}
    assert events.frame["item_id"].to_list() == ["a", "b", "c", "a"]
    assert events.rows_read == 5


def test_a_quantity_of_0_is_no_purchase_but_may_be_a_view(write):
    name = write("a.csv", "user,item,event,quantity\n1,a,view,0\n1,a,buy,0\n1,a,buy,1\n")
    events = ec.read_events(name)
    assert events.quarantine["row"].to_list() == [3]
    assert events.frame["event"].to_list() == ["view_item", "purchase"]


def test_row_numbers_are_lines_where_fields_hold_line_ends(write):
    text = 'note,user,item\n"two\nlines",1,a\n"three ""quoted""\n\nlines",2,b\n\nx,,c\ny,3,d\n'
    events = ec.read_events(write("orders.csv", text))
    assert events.quarantine.select("row", "reason").rows() == [(8, "user_id is empty")]
    assert len(events) == 3


def test_row_numbers_are_the_files_own(write):
    files = [write(f"{n}.csv", "user,item\n1,a\n,b\n3,c\n") for n in "ab"]
    events = ec.read_events(files)
    assert events.quarantine.select("file", "row").rows() == [("a.csv", 3), ("b.csv", 3)]


def test_most_rows_bad_means_a_mistaken_column(write):
    name = write("orders.csv", "user,item,quantity\n1,a,1\n1,b,-1\n1,c,-1\n")
    assert refusal(name) == (
        "orders.csv: 2 of 3 rows can't be used because quantity is below 0 (a return? give such rows the event "
        "\"refund\" and a quantity above 0); the first is row 3, where column 'quantity' holds '-1'. Was that column "
        'meant? Name another with quantity="..." (--quantity on the command line), or use none with quantity="none"'
    )
    assert len(ec.read_events(name, quantity="none")) == 3


def test_equal_lines_are_kept_and_deduplicated_by_event_id(write):
    name = write("orders.csv", "event_id,user,item\ne1,1,a\ne1,1,a\ne2,1,a\n,1,a\n,1,a\n")
    assert len(ec.read_events(name)) == 5
    events = ec.read_events(name, deduplicate=True)
    assert events.counts == {"event_id was there before": 1}
    assert events.quarantine["row"].to_list() == [3]
    assert refusal(write("b.csv", "user,item\n1,a\n"), deduplicate=True) == (
        'b.csv: deduplicate needs a column of event ids, and none is recognised; name it with event_id="..." '
        "(--event-id on the command line)"
    )


def test_a_date_that_could_be_either_is_asked_for(write):
    name = write("orders.csv", "user,item,date\n1,a,01/02/2024\n1,b,03/02/2024\n")
    assert refusal(name) == (
        "orders.csv: column 'date': '01/02/2024' could be %d/%m/%Y or %m/%d/%Y, and no row tells; give "
        'time_format="%d/%m/%Y"'
    )
    assert ec.read_events(name, time_format="%m/%d/%Y").frame["timestamp"][0] == datetime(2024, 1, 2)


def test_few_events_are_enough(write):
    events = ec.read_events(write("a.csv", "user,item\n1,a\n"))
    assert ec.Interactions.from_events(events).shape == (1, 1)


def test_huge_ids_stay_text(write):
    name = write("a.csv", f"user,item\n{10**30},00123\n5,7\n")
    assert ec.read_events(name).frame.select("user_id", "item_id").rows() == [(str(10**30), "00123"), ("5", "7")]


def test_the_quarantine_is_written(write, tmp_path):
    events = ec.read_events(write("a.csv", "user,item\n1,a\n,b\n2,c\n"))
    events.write_quarantine(tmp_path / "bad.csv")
    assert (tmp_path / "bad.csv").read_text() == "user,item,file,row,reason\n,b,a.csv,3,user_id is empty\n"
    with pytest.raises(ec.EndcapError, match="can't write"):
        events.write_quarantine(tmp_path / "no" / "bad.csv")


def test_tables_too(write):
    frame = pl.DataFrame({"user": [1.0, None, 3.0, 4.0], "item": ["a", "b", "", "d"]})
    events = ec.read_events(frame)
    assert events.frame["user_id"].dtype == pl.Int64
    assert events.quarantine.select("file", "row", "reason").rows() == [
        ("Polars table", 2, "user_id is empty"),
        ("Polars table", 3, "item_id is empty"),
    ]
    assert "fractions" in refusal(pl.DataFrame({"user": [1.5], "item": [1]}))
    assert "2**53" in refusal(pl.DataFrame({"user": [2.0**60], "item": [1]}))
