"""Files that are odd or damaged and still read: the rows they hold, and what is said about it."""

import gzip
from datetime import datetime

import pytest

import endcap as ec
from endcap.data.event_reader import EventReader
from endcap.errors import DataWarning

from .conftest import NOW, parquet, read, rows

HEADER = "user,item\n"
PLAIN = HEADER + "1,a\n2,b\n"
TWO = [(1, "a"), (2, "b")]
A, B = '{"user":1,"item":"a"}\n', '{"user":2,"item":"b"}\n'
UTF_16 = "{} is UTF-16, not UTF-8; it was converted"
LATIN = (
    "{} is not UTF-8: {} read as Windows-1252 (Latin-1); if letters look wrong, save it as UTF-8 and import it again"
)

FILES = {
    "UTF-8 with a mark": ("a.csv", "\ufeff" + PLAIN, TWO, ()),
    "UTF-16 with a mark": ("a.csv", PLAIN.encode("utf-16"), TWO, (UTF_16.format("a.csv"),)),
    "UTF-16 BE with a mark": ("a.csv", ("\ufeff" + PLAIN).encode("utf-16-be"), TWO, (UTF_16.format("a.csv"),)),
    "UTF-16 LE": ("a.csv", PLAIN.encode("utf-16-le"), TWO, (UTF_16.format("a.csv"),)),
    "UTF-16 BE": ("a.csv", PLAIN.encode("utf-16-be"), TWO, (UTF_16.format("a.csv"),)),
    "UTF-16 in gzip": ("a.csv.gz", gzip.compress(PLAIN.encode("utf-16")), TWO, (UTF_16.format("a.csv.gz"),)),
    "UTF-16, tabs and CRLF": (
        "a.txt",
        PLAIN.replace(",", "\t").replace("\n", "\r\n").encode("utf-16"),
        TWO,
        (UTF_16.format("a.txt"),),
    ),
    "Windows-1252": (
        "a.csv",
        (HEADER + "1,café\n2,b\n3,Größe\n4,5€\n").encode("cp1252"),
        [(1, "café"), (2, "b"), (3, "Größe"), (4, "5€")],
        (LATIN.format("a.csv", "3 of its lines, from line 2 on, were"),),
    ),
    "Windows-1252 in gzip": (
        "a.csv.gz",
        gzip.compress((HEADER + "1,a\n2,é\n").encode("cp1252")),
        [(1, "a"), (2, "é")],
        (LATIN.format("a.csv.gz", "line 3 was"),),
    ),
    "a byte that Windows-1252 lacks": (
        "a.csv",
        HEADER.encode() + b"1,a\x81\n2,b\n",
        [(1, "a\x81"), (2, "b")],
        (LATIN.format("a.csv", "line 2 was"),),
    ),
    "two codings": (
        "a.csv",
        HEADER.encode() + "1,café\n".encode() + "2,café\n".encode("latin-1"),
        [(1, "café"), (2, "café")],
        (LATIN.format("a.csv", "line 3 was"),),
    ),
    "a header in Windows-1252": (
        "a.csv",
        "user,item,größe\n1,a,x\n2,b,y\n".encode("cp1252"),
        TWO,
        (),
    ),
    "cut off within a letter": (
        "a.csv",
        (HEADER + "1,a\n2,é").encode()[:-1],
        [(1, "a"), (2, "Ã")],
        (LATIN.format("a.csv", "line 3 was"),),
    ),
    "gzip without saying so": ("a.csv", gzip.compress(PLAIN.encode()), TWO, ()),
    "not gzip but named so": ("a.csv.gz", PLAIN, TWO, ()),
    "JSON in a CSV": ("a.csv", A + B, TWO, ("a.csv holds JSON, whatever its name says, and was read as that",)),
    "a JSON array in a CSV": (
        "a.csv",
        f"[{A},{B}]",
        TWO,
        ("a.csv holds JSON, whatever its name says, and was read as that",),
    ),
    "Parquet in a CSV": (
        "a.csv",
        parquet({"user": [1, 2], "item": ["a", "b"]}),
        TWO,
        ("a.csv holds Parquet, whatever its name says, and was read as that",),
    ),
    "semicolons": ("a.csv", PLAIN.replace(",", ";"), TWO, ()),
    "tabs": ("a.csv", PLAIN.replace(",", "\t"), TWO, ()),
    "bars": ("a.txt", PLAIN.replace(",", "|"), TWO, ()),
    "sep= above the header": ("a.csv", "sep=;\r\nuser;item\r\n1;a\r\n2;b\r\n", TWO, ()),
    "CRLF": ("a.csv", PLAIN.replace("\n", "\r\n"), TWO, ()),
    "both ends of lines": ("a.csv", PLAIN.replace("\n", "\r\n", 1), TWO, ()),
    "no end of the last line": ("a.csv", PLAIN.rstrip("\n"), TWO, ()),
    "blank lines": ("a.csv", "\n\n" + PLAIN.replace("1,a\n", "1,a\n\n\n"), TWO, ()),
    "everything quoted": ("a.csv", '"user","item"\n"1","a"\n"2","b"\n', TWO, ()),
    "blanks in the names": ("a.csv", " user , Item \n1,a\n2,b\n", TWO, ()),
    "separators at the ends of all lines": ("a.csv", "user,item,\n1,a,\n2,b,\n", TWO, ()),
    "separators at the ends of rows": ("a.csv", "user,item\n1,a,\n2,b,\n", TWO, ()),
    "more separators at the ends of rows": (
        "a.csv",
        "user,item\n1,a,\n2,b,,\n",
        TWO,
        ("a.csv: 2 rows end with more separators than the header, with nothing between them, which were left out",),
    ),
    "a column without a name": ("a.csv", ",user,item\n0,1,a\n1,2,b\n", TWO, ()),
    "an unused column twice": ("a.csv", "user,item,x,x\n1,a,b,c\n2,b,,\n", TWO, ()),
    "quoted separators": ("a.csv", 'user,item\n1,"a,b"\n2,"c""d"\n', [(1, "a,b"), (2, 'c"d')], ()),
    "quoted line ends": ("a.csv", 'user,note,item\n1,"x\ny\r\n\nz",a\n2,,b\n', TWO, ()),
    "a mark of inches": ("a.csv", 'user,item,title\n1,a,24" screen\n2,b,cup\n', TWO, ()),
    "escaped by backslashes": ("a.csv", 'user,item,title\n1,a,"24\\" screen, black"\n2,b,"x, y"\n', TWO, ()),
    "a very long line": ("a.csv", f"user,item,note\n1,a,{'x' * 3_000_000}\n2,b,\n", TWO, ()),
    "thousands of columns": (
        "a.csv",
        "user,item," + ",".join(f"c{n}" for n in range(3000)) + "\n1,a" + ",0" * 3000 + "\n2,b" + "," * 3000 + "\n",
        TWO,
        (),
    ),
    "JSON with a mark": ("a.jsonl", "\ufeff" + A + B, TWO, ()),
    "JSON in UTF-16": ("a.jsonl", (A + B).encode("utf-16"), TWO, (UTF_16.format("a.jsonl"),)),
    "JSON in Latin-1": (
        "a.jsonl",
        (A + B.replace("b", "é")).encode("latin-1"),
        [(1, "a"), (2, "é")],
        (LATIN.format("a.jsonl", "line 2 was"),),
    ),
    "JSON over several lines": ("a.json", '{\n  "user": 1,\n  "item": "a"\n}\n', [(1, "a")], ()),
    "a JSON array": ("a.json", f"[\n{A},{B}]", TWO, ()),
    "an answer of an interface": (
        "a.json",
        f'{{"total": 2, "orders": [{A},{B}]}}',
        TWO,
        ("a.json is one JSON object; its rows are those of 'orders'",),
    ),
    "JSON with NaN": ("a.jsonl", A.replace("}", ',"price":NaN}') + B, [(1, "a", None), (2, "b", None)], ()),
    "JSON, ids of two types": ("a.jsonl", A + B.replace("2", '"x"'), [("1", "a"), ("x", "b")], ()),
}


@pytest.mark.parametrize(("name", "content", "expected", "notices"), FILES.values(), ids=FILES)
def test_a_file_that_is_read(write, name, content, expected, notices):
    events = read(write(name, content))
    assert rows(events) == expected
    assert events.notices == notices
    assert events.quarantine.is_empty()
    assert events.rows_read == len(expected)


def day(number, *clock):
    return datetime(2024, 1, number, *clock)


IDS = {
    "leading zeros": (["00123", "5"], ["00123", "5"]),
    "floating point": (["123.0", "124.0"], [123, 124]),
    "more digits than a number has": (["9" * 25, "5"], ["9" * 25, "5"]),
    "blanks around ids": (["A1", " A1", "A1 "], ["A1", " A1", "A1 "]),
    "letters of all kinds": (["😀", "ü", "№ 5"], ["😀", "ü", "№ 5"]),
    "short powers of ten": (["1e3", "5"], ["1e3", "5"]),
}


@pytest.mark.parametrize(("texts", "ids"), IDS.values(), ids=IDS)
def test_ids_stay_what_they_are(write, texts, ids):
    events = read(write("a.csv", HEADER + "".join(f"{text},a\n" for text in texts)))
    assert events.frame["user_id"].to_list() == ids
    assert events.notices == ()


NOTE = "price: numbers such as {!r} were read as {}"
PRICES = {
    "currency signs": (["5 €", "€ 6", "7.50 EUR", "$1.25", "CHF 3", "kr 4"], [5, 6, 7.5, 1.25, 3, 4], ("5 €", "5")),
    "1,234.50": (["1,234.50", "$1,234,567.89", "2.50"], [1234.5, 1234567.89, 2.5], ("1,234.50", "1234.5")),
    "1.234,50": (
        ["1.234,50", "12,50", "1.234", "1.234.567,89 €"],
        [1234.5, 12.5, 1234, 1234567.89],
        ("1.234,50", "1234.5"),
    ),
    "1'234.50": (["1'234.50", "2"], [1234.5, 2], ("1'234.50", "1234.5")),
    "1 234,50": (
        ["1 234,50", "1\u00a0234,50", "1\u202f234,50"],
        [1234.5, 1234.5, 1234.5],
        ("1 234,50", "1234.5"),
    ),
    "1,234 alone is a thousand": (["1,234", "5"], [1234, 5], ("1,234", "1234")),
    "1,234 beside 5,5 is not": (["1,234", "5,5", "0,125"], [1.234, 5.5, 0.125], ("1,234", "1.234")),
    "no value": (["NULL", "N/A", "3", "none"], [None, None, 3, None], None),
}


@pytest.mark.parametrize(("texts", "numbers", "note"), PRICES.values(), ids=PRICES)
def test_numbers_as_people_write_them(write, texts, numbers, note):
    events = read(write("a.csv", "user,item,price\n" + "".join(f'1,a,"{text}"\n' for text in texts)))
    assert events.frame["price"].to_list() == numbers
    assert events.notices == (() if note is None else (NOTE.format(*note),))
    assert events.quarantine.is_empty()


def test_a_decimal_comma_between_semicolons(write):
    events = read(write("a.csv", "user;item;price\n1;a;3,50\n1;b;1.234\n1;c;4\n"))
    assert events.frame["price"].to_list() == [3.5, 1234, 4]
    assert events.notices == (NOTE.format("3,50", "3.5"),)
    assert read(write("b.csv", "user;item;price\n1;a;1,234\n1;b;2\n")).frame["price"].to_list() == [1.234, 2]


SHEET = ("time: numbers were read as a spreadsheet's days, since 1899-12-30",)
TIMES = {
    "seconds": (["1704067200", "1704110400"], [day(1), day(1, 12)], ()),
    "milliseconds": (["1704067200000"], [day(1)], ()),
    "microseconds": (["1704067200000000"], [day(1)], ()),
    "nanoseconds": (["1704067200000000000"], [day(1)], ()),
    "fractions of seconds": (["1704067200.5"], [day(1, 0, 0, 0, 500_000)], ()),
    "a spreadsheet's days": (["45292", "45292.5", "45293.25"], [day(1), day(1, 12), day(2, 6)], SHEET),
    "days and times of ISO": (
        ["2024-01-01", "2024-01-02 10:00:00", "2024-01-03T11:00", "2024/01/04"],
        [day(1), day(2, 10), day(3, 11), day(4)],
        (),
    ),
    "day first, some ISO": (["13/01/2024", "14/01/2024", "2024-01-15"], [day(13), day(14), day(15)], ()),
    "day first, told by one row": (["01/02/2024", "13/01/2024"], [datetime(2024, 2, 1), day(13)], ()),
    "time zones": (["2024-01-01T10:00:00Z", "2024-01-01T10:00:00+02:00"], [day(1, 10), day(1, 8)], ()),
    "a time zone here and there": (["2024-01-01T10:00:00Z", "2024-01-01T10:00:00"], [day(1, 10)] * 2, ()),
    "UTC by name": (["2024-01-01 10:00:00 UTC"], [day(1, 10)], ()),
    "AM and PM": (["1/13/2024 3:05 PM"], [day(13, 15, 5)], ()),
    "years of two digits": (["13.01.24", "14.01.24"], [day(13), day(14)], ()),
    "digits alone": (["20240131", "20240101"], [day(31), day(1)], ()),
    "all of it long ago": (["1985-01-01", "1990-05-05"], [datetime(1985, 1, 1), datetime(1990, 5, 5)], ()),
}


@pytest.mark.parametrize(("texts", "times", "notices"), TIMES.values(), ids=TIMES)
def test_times_of_all_kinds(write, texts, times, notices):
    events = read(write("a.csv", "user,item,time\n" + "".join(f'1,a,"{text}"\n' for text in texts)))
    assert events.frame["timestamp"].to_list() == times
    assert events.notices == notices
    assert events.quarantine.is_empty()


def test_unknown_kinds_of_events_are_kept_and_counted(write):
    events = read(write("a.csv", "user,item,event\n1,a,buy\n1,b,teleport\n2,a,pv\n2,b,BUY\n"))
    assert events.frame["event"].to_list() == ["purchase", "teleport", "view_item", "purchase"]
    assert events.unknown_events == {"teleport": 1}


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_batches_go_on_where_the_damage_was(write, size):
    good = [f"{n},i{n}" for n in range(5000)]
    lines = [*good[:4000], '7,"x', *good[4000:4500], "8,y,z,z", *good[4500:], "9,café"]
    name = write("a.csv", (HEADER + "\n".join(lines)).encode("latin-1"))
    reader = EventReader(name, {}, now=NOW)
    frames = [frame for frame, _ in reader.batches(size)] if size > 3 else [f for f, _ in reader.batches(size * 500)]
    taken = [row for frame in frames for row in frame.select("user_id", "item_id").rows()]
    assert taken == [*((n, f"i{n}") for n in range(5000)), (9, "café")]
    summary = reader.finish()
    assert summary.quarantine["row"].to_list() == [4002, 4503]
    assert summary.quarantine["line"].to_list() == ['7,"x', "8,y,z,z"]
    assert summary.rows_read == 5003


def test_a_late_type_in_json(write):
    events = read(write("a.jsonl", A * 10_001 + B.replace("2", '"x"')))
    assert len(events) == 10_002
    assert rows(events)[-1] == ("x", "b")


def test_a_damaged_catalogue_warns(write):
    name = write("items.csv", "sku,title\na,Cup\nb,Pot, blue\nc,Pan\nd,Lid\n")
    with pytest.warns(DataWarning) as said:
        items = ec.read_items(name)
    assert items.rows() == [("a", "Cup"), ("c", "Pan"), ("d", "Lid")]
    assert [str(one.message) for one in said] == [
        "items.csv: line 3 is left out: the row has 3 fields, the header 2; put quotes around fields that hold the "
        "separator ','"
    ]
    with pytest.warns(DataWarning, match=r"users\.csv is not UTF-8: line 2 was read as Windows-1252"):
        users = ec.read_users(write("users.csv", "user,city\n1,Málaga\n2,Oslo\n".encode("latin-1")))
    assert users["city"].to_list() == ["Málaga", "Oslo"]
