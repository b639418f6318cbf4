"""Bad rows in good files: each is set aside with its file, its line and the reason; the others are read."""

import gzip

import pytest

from .conftest import read

GOOD = [
    "1,a,view,2024-01-01,1,2.50,4",
    "2,b,buy,2024-01-02,2,1,5",
    "3,c,buy,2024-01-03,1,1,3",
    "3,a,buy,2024-01-04,1,1,1",
]
HEADER = "user,item,event,time,quantity,price,rating"
UNREADABLE = "timestamp can't be read, or isn't written as most others are"
OLD = "timestamp is before 1995, unlike most: a missing date is often written as 1970-01-01"
NO_VALUE = "is a word for no value, such as NULL or None"
ROUNDED = "is rounded, as spreadsheets do to long numbers; export again and format the column as text"
NUL = "holds NUL bytes: the file was damaged on its way; get it again"
RETURN = 'quantity is below 0 (a return? give such rows the event "refund" and a quantity above 0)'
NOTHING = "quantity is 0: nothing was bought (a coupon, a correction or a voided line?)"
QUOTE = 'a quotation mark is out of place or never closed; inside a quoted field it is written twice ("")'
FIELDS = "the row has {} fields, the header 7; put quotes around fields that hold the separator ','"

ROWS = [
    (",a,buy,2024-01-01,1,1,1", "user_id is empty"),
    ('"  ",a,buy,2024-01-01,1,1,1', "user_id is empty"),
    ("NULL,a,buy,2024-01-01,1,1,1", f"user_id {NO_VALUE}"),
    ("None,a,buy,2024-01-01,1,1,1", f"user_id {NO_VALUE}"),
    ("NaN,a,buy,2024-01-01,1,1,1", f"user_id {NO_VALUE}"),
    ("\\N,a,buy,2024-01-01,1,1,1", f"user_id {NO_VALUE}"),
    ("1,undefined,buy,2024-01-01,1,1,1", f"item_id {NO_VALUE}"),
    ("1,#N/A,buy,2024-01-01,1,1,1", f"item_id {NO_VALUE}"),
    ("1.2E+12,a,buy,2024-01-01,1,1,1", f"user_id {ROUNDED}"),
    ("1,4.00638E+12,buy,2024-01-01,1,1,1", f"item_id {ROUNDED}"),
    ("1\0,a,buy,2024-01-01,1,1,1", f"user_id {NUL}"),
    ("\0\0\0\0\0\0\0\0", f"user_id {NUL}"),
    ("1,,buy,2024-01-01,1,1,1", "item_id is empty"),
    ("1,a,,2024-01-01,1,1,1", "event is empty"),
    ("1,a,buy,,1,1,1", "timestamp is empty"),
    ("1,a,buy,NULL,1,1,1", "timestamp is empty"),
    ("1,a,buy,0000-00-00 00:00:00,1,1,1", "timestamp is empty"),
    ("1,a,buy,yesterday,1,1,1", UNREADABLE),
    ("1,a,buy,2024-02-30,1,1,1", UNREADABLE),
    ("1,a,buy,2024-13-01,1,1,1", UNREADABLE),
    ("1,a,buy,2024-01-01 25:00,1,1,1", UNREADABLE),
    ("1,a,buy,01/13/2024,1,1,1", UNREADABLE),
    ("1,a,buy,1704067200,1,1,1", UNREADABLE),
    ("1,a,buy,45292,1,1,1", UNREADABLE),
    ("1,a,buy,2024-06-03,1,1,1", "timestamp is in the future"),
    ("1,a,buy,9999-12-31,1,1,1", "timestamp is in the future"),
    ("1,a,buy,1900-01-01,1,1,1", "timestamp is before 1970"),
    ("1,a,buy,1970-01-01,1,1,1", OLD),
    ("1,a,buy,1994-12-31,1,1,1", OLD),
    ("1,a,buy,2024-01-01,two,1,1", "quantity is not a number"),
    ("1,a,buy,2024-01-01,2 pieces,1,1", "quantity is not a number"),
    ("1,a,buy,2024-01-01,NaN,1,1", "quantity is NaN"),
    ("1,a,buy,2024-01-01,inf,1,1", "quantity is infinite"),
    ("1,a,buy,2024-01-01,1e400,1,1", "quantity is infinite"),
    ("1,a,buy,2024-01-01,1e30,1,1", "quantity is above 1,000,000,000,000"),
    ("1,a,buy,2024-01-01,9223372036854775808,1,1", "quantity is above 1,000,000,000,000"),
    ("1,a,buy,2024-01-01,-1,1,1", RETURN),
    ("1,a,buy,2024-01-01,0,1,1", NOTHING),
    ("1,a,buy,2024-01-01,1,free,1", "price is not a number"),
    ("1,a,buy,2024-01-01,1,(5.00),1", "price is not a number"),
    ("1,a,buy,2024-01-01,1,5%,1", "price is not a number"),
    ("1,a,buy,2024-01-01,1,-inf,1", "price is infinite"),
    ("1,a,buy,2024-01-01,1,-0.01,1", "price is below 0"),
    ("1,a,buy,2024-01-01,1,1e13,1", "price is above 1,000,000,000,000"),
    ("1,a,buy,2024-01-01,1,1,good", "rating is not a number"),
    ("1,a,buy,2024-01-01,1,1,4/5", "rating is not a number"),
    ("1,a,buy,2024-01-01,1,1,nan", "rating is NaN"),
    ("1,a,buy,2024-01-01,1,1,6", "rating is outside its scale of 1 to 5 (see rating_scale)"),
    ("1", "item_id is empty"),
    ("1,a", "event is empty"),
]
LINES = [
    ("1,a,buy,2024-01-01,1,1,1,9", FIELDS.format(8)),
    ("1,Mug, blue,a,buy,2024-01-01,1,1,1", FIELDS.format(9)),
    ("1,a,buy,2024-01-01,1,3,50,4", FIELDS.format(8)),
    ('1,"a,buy,2024-01-01,1,1,1', QUOTE),
    ('1,"a"x,buy,2024-01-01,1,1,1', QUOTE),
    ('1,"24" screen",buy,2024-01-01,1,1,1', QUOTE),
]


def check(name, line, reason, whole):
    events = read(name, rating_scale=(1, 5))
    assert events.quarantine.select("file", "row", "reason").rows() == [(name, 4, reason)]
    assert ("line" in events.quarantine.columns) == whole
    if whole:
        assert events.quarantine["line"].to_list() == [line]
    assert events.frame["item_id"].to_list() == ["a", "b", "c", "a"]
    assert events.frame["user_id"].to_list() == [1, 2, 3, 3]
    assert events.frame["price"].to_list() == [2.5, 1, 1, 1]
    assert events.rows_read == 5


def case_id(case):
    return case[0].replace("\0", "NUL")


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(("line", "reason"), ROWS, ids=map(case_id, ROWS))
def test_a_bad_row(write, line, reason, end):
    name = write("orders.csv", end.join([HEADER, *GOOD[:2], line, *GOOD[2:]]) + end)
    check(name, line, reason, whole=False)


@pytest.mark.parametrize("name", ["orders.csv", "orders.csv.gz"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(("line", "reason"), LINES, ids=map(case_id, LINES))
def test_a_line_that_is_no_row(write, name, line, reason, end):
    content = (end.join([HEADER, *GOOD[:2], line, *GOOD[2:]]) + end).encode()
    write(name, gzip.compress(content) if name.endswith(".gz") else content)
    check(name, line, reason, whole=True)


def test_a_broken_quote_where_nobody_looks(write):
    name = write("a.csv", 'user,item,note\n1,a,x\n2,b,"y\n3,c,z\n4,d,z\n')
    events = read(name)
    assert events.frame["user_id"].to_list() == [1, 3, 4]
    assert events.quarantine.select("row", "reason", "line").rows() == [(3, QUOTE, '2,b,"y')]


def test_lines_are_counted_over_fields_of_several(write):
    name = write(
        "a.csv", 'note,user,item\n"two\nlines",1,a\nx,2,b\nx,3,c,9\n"a\n\nb",4,d\nz,,e\n"never,5,f\nx,6,f\nx,7,f'
    )
    events = read(name)
    assert events.frame.select("user_id", "item_id").rows() == [(1, "a"), (2, "b"), (4, "d"), (6, "f"), (7, "f")]
    assert events.quarantine["row"].to_list() == [5, 9, 10]
    assert events.quarantine["reason"].to_list()[1] == "user_id is empty"
    assert events.quarantine["line"].to_list() == ["x,3,c,9", None, '"never,5,f']
    assert events.rows_read == 8


NO_OBJECT = "the line is no JSON object; export it again, an object a line"


@pytest.mark.parametrize("line", ['{"user":3,"item":', "5", "[1, 2]", "null", "oops", '{"user":3} {"user":4}'])
def test_a_broken_line_of_json(write, line):
    a, b = '{"user":1,"item":"a"}', '{"user":2,"item":"b"}'
    events = read(write("a.jsonl", "\n".join([a, "", b, line, a]) + "\n"))
    assert events.frame.select("user_id", "item_id").rows() == [(1, "a"), (2, "b"), (1, "a")]
    assert events.quarantine.select("file", "row", "reason", "line").rows() == [("a.jsonl", 4, NO_OBJECT, line)]
    assert events.rows_read == 4


def test_a_bad_value_in_json_is_named_by_its_line(write):
    a, b = '{"user":1,"item":"a"}', '{"user":null,"item":"b"}'
    events = read(write("a.jsonl", "\n".join(["", a, "", b, a]) + "\n"))
    assert events.quarantine.select("row", "reason").rows() == [(4, "user_id is empty")]


def test_seconds_and_milliseconds_in_one_column(write):
    times = ["1704067200", "1704067200", "1704067200000", "0"]
    events = read(write("a.csv", "user,item,time\n" + "".join(f"1,a,{time}\n" for time in times)))
    assert events.quarantine.select("row", "reason").rows() == [(4, "timestamp is in the future"), (5, OLD)]


def test_rounded_orders_are_left_out_and_said(write):
    events = read(write("a.csv", "user,item,order_id\n1,a,1.2E+12\n1,b,1.2E+12\n2,a,77\n"))
    assert events.frame["transaction_id"].to_list() == [None, None, 77]
    assert events.notices == ("order_id: ids such as '1.2E+12' are rounded, as spreadsheets do, and were left out",)


def test_a_line_of_totals_makes_ids_text(write):
    events = read(write("a.csv", "user,item,price\n1,a,2\n2,b,3\nTotal,,5\n"))
    assert events.quarantine.select("row", "reason").rows() == [(4, "item_id is empty")]
    assert events.frame["user_id"].to_list() == ["1", "2"]


def test_what_is_set_aside_is_written_whole(write, tmp_path):
    events = read(write("a.csv", 'user,item\n1,a\n2,b,c\n,d\n3,"e"\n'))
    events.write_quarantine(tmp_path / "bad.csv")
    assert (tmp_path / "bad.csv").read_text().splitlines() == [
        "user,item,file,row,reason,line",
        f',,a.csv,3,"{FIELDS.replace("{}", "3").replace("7", "2")}","2,b,c"',
        ",d,a.csv,4,user_id is empty,",
    ]
