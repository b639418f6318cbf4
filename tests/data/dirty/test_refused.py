"""Files that are no table of events: refused, in words that name the file, what is wrong and what to do."""

import gzip
import os
from pathlib import Path

import polars as pl
import pytest

from .conftest import archive, parquet, refusal

HEADER = "user,item,time\n"
ROWS = "1,a,2024-01-01\n2,b,2024-01-02\n3,c,2024-01-03\n"
SHEET = 'save it as "CSV UTF-8" there (File > Save As)'
PAGE = (
    "is a web page (HTML), not a table: often the page that asks to log in, or an error; open it in a browser to see, "
    "then export again as CSV"
)
NO_PARQUET = "can't be read: it doesn't end as a Parquet file does; it was cut off, or is none; get it again"
CUT_OFF = "is cut off: its compressed data end too early; get the file again"
ONE_COLUMN = (
    "only one column found, {!r}; fields must be separated by comma, semicolon, tab or |, or by the "
    "one character given "
    'as separator="..."'
)
ENDINGS = (
    "can't tell the format from the name; it must end in one of .csv, .tsv, .tab, .txt, .dat, .jsonl, .ndjson, .json, "
    ".xml, .rss, .atom, .parquet, .pq (.gz, .zst)"
)
QUOTE = 'a quotation mark is out of place or never closed; inside a quoted field it is written twice ("")'

REFUSED = {
    "empty": ("a.csv", b"", "a.csv is empty"),
    "blank lines": ("a.csv", "\n\r\n  \n", "a.csv is empty"),
    "empty gzip": ("a.csv.gz", gzip.compress(b""), "a.csv.gz is empty"),
    "empty JSON": ("a.jsonl", b"", "a.jsonl is empty"),
    "empty Parquet": ("a.parquet", b"", "a.parquet is empty"),
    "only a header": ("a.csv", HEADER, "a.csv has a header, but no rows"),
    "a header and blank lines": ("a.csv", HEADER + "\n\n\n", "a.csv has a header, but no rows"),
    "only separators": (
        "a.csv",
        HEADER + ",,\n,,\n",
        "a.csv: 2 of 2 rows can't be used because user_id is empty; the first is row 2, where column "
        "'user' holds None. "
        'Was that column meant? Name another with user="..." (--user on the command line)',
    ),
    "no header": (
        "a.csv",
        ROWS,
        "a.csv: no column recognised as the users' ids among '1', 'a', '2024-01-01'; name it with "
        'user="..." (--user on '
        "the command line); its first line seems to hold data: put a line with the columns' names above it",
    ),
    "Excel": (
        "a.csv",
        archive("[Content_Types].xml", "xl/workbook.xml"),
        f"a.csv is an Excel workbook (.xlsx), whatever its name says; {SHEET}",
    ),
    "Excel by its own name": (
        "a.xlsx",
        archive("[Content_Types].xml", "xl/workbook.xml"),
        f"a.xlsx is an Excel workbook (.xlsx), whatever its name says; {SHEET}",
    ),
    "Excel 97": (
        "a.csv",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        f"a.csv is a workbook of Excel 97 (.xls), whatever its name says; {SHEET}",
    ),
    "OpenDocument": (
        "a.csv",
        archive("mimetype-application/vnd.oasis.opendocument.spreadsheet"),
        f"a.csv is an OpenDocument workbook (.ods), whatever its name says; {SHEET}",
    ),
    "zip": (
        "a.csv",
        archive("orders.csv"),
        "a.csv is a zip archive, whatever its name says; unpack it first, or compress the file with gzip or zstd",
    ),
    "7-Zip": ("a.csv", b"7z\xbc\xaf\x27\x1c\0\4", "a.csv is a 7-Zip archive, whatever its name says; unpack it first"),
    "RAR": ("a.csv", b"Rar!\x1a\x07", "a.csv is a RAR archive, whatever its name says; unpack it first"),
    "bzip2": (
        "a.csv.bz2",
        b"BZh91AY&SY",
        "a.csv.bz2 is compressed with bzip2, whatever its name says; unpack it (bunzip2), or "
        "compress it with gzip or zstd",
    ),
    "xz": (
        "a.csv",
        b"\xfd7zXZ\0\0\4",
        "a.csv is compressed with xz, whatever its name says; unpack it (unxz), or compress it with gzip or zstd",
    ),
    "PDF": (
        "a.csv",
        b"%PDF-1.7\n%\xe2\xe3",
        "a.csv is a PDF document, whatever its name says; export the table itself, as CSV",
    ),
    "picture": (
        "a.csv",
        b"\x89PNG\r\n\x1a\n",
        "a.csv is a picture (PNG), whatever its name says; export the table itself, as CSV",
    ),
    "SQLite": (
        "a.csv",
        b"SQLite format 3\0\x10\0",
        'a.csv is an SQLite database, whatever its name says; give it as "sqlite:///PATH" with a query',
    ),
    "web page": ("a.csv", "<!DOCTYPE html>\n<html><body>Log in</body></html>", f"a.csv {PAGE}"),
    "web page with a table": ("a.xls.csv", "\n <table><tr><td>user</td></tr></table>", f"a.xls.csv {PAGE}"),
    "web page as JSON": ("a.json", "<html><head></head></html>", f"a.json {PAGE}"),
    "gzip, cut off": (
        "a.csv.gz",
        gzip.compress((HEADER + os.urandom(9999).hex()).encode())[:-999],
        f"a.csv.gz {CUT_OFF}",
    ),
    "gzip, cut off early": ("a.csv.gz", gzip.compress((HEADER + ROWS).encode())[:15], f"a.csv.gz {CUT_OFF}"),
    "Parquet, cut off": ("a.parquet", parquet({"user": [1], "item": [2]})[:-30], f"a.parquet {NO_PARQUET}"),
    "CSV as Parquet": ("a.parquet", HEADER + ROWS, f"a.parquet {NO_PARQUET}"),
    "Parquet without rows": (
        "a.parquet",
        parquet({"user": pl.Series([], dtype=pl.Int64), "item": pl.Series([], dtype=pl.String)}),
        "a.parquet has no rows",
    ),
    "Parquet, nested ids": (
        "a.parquet",
        parquet({"user": [{"id": 1}], "item": [2]}),
        "a.parquet: column 'user' holds nested objects; ids must be text or whole numbers",
    ),
    "Parquet, true and false": (
        "a.parquet",
        parquet({"user": [True], "item": [2]}),
        "a.parquet: column 'user' holds true and false; ids must be text or whole numbers",
    ),
    "Parquet, bytes": (
        "a.parquet",
        parquet({"user": [1], "item": [b"x"]}),
        "a.parquet: column 'item' holds raw bytes; ids must be text or whole numbers",
    ),
    "Parquet, fractions": (
        "a.parquet",
        parquet({"user": [1.5], "item": [2]}),
        "a.parquet: column 'user' holds numbers with fractions, which can't be ids",
    ),
    "Parquet, rounded ids": (
        "a.parquet",
        parquet({"user": [2.0**60], "item": [2]}),
        "a.parquet: column 'user' holds ids above 2**53 as floating point, which has lost their last "
        "digits; read it as "
        "text",
    ),
    "Parquet, lists": (
        "a.parquet",
        parquet({"user": [1], "item": [2], "quantity": [[1]]}),
        "a.parquet: column 'quantity' holds lists, not numbers",
    ),
    "Parquet, no times": (
        "a.parquet",
        parquet({"user": [1], "item": [2], "time": [True]}),
        "a.parquet: column 'time' holds true and false, not times",
    ),
    "separated by blanks": ("a.csv", "user item\n1 2\n", "a.csv: " + ONE_COLUMN.format("user item")),
    "commas in a TSV": (
        "a.tsv",
        HEADER + ROWS,
        "a.tsv: " + ONE_COLUMN.format("user,item,time") + "; it looks separated by ','",
    ),
    "a title above": (
        "a.csv",
        "Report of orders\n\n" + HEADER + ROWS,
        "a.csv: "
        + ONE_COLUMN.format("Report of orders")
        + "; 'user,item,time' looks like the header: delete what is above it",
    ),
    "carriage returns": (
        "a.csv",
        (HEADER + ROWS).replace("\n", "\r"),
        "a.csv: its lines end with a carriage return alone; save it with line feeds",
    ),
    "most rows too long": (
        "a.csv",
        "user,item,price\n1,a,3,50\n2,b,4,50\n",
        "a.csv: line 2 has 4 fields, the header 3; put quotes around fields that hold the separator ','",
    ),
    "most quotes broken": ("a.csv", 'user,item\n1,"a\n2,"b"x\n3,c\n', f"a.csv: line 2: {QUOTE}"),
    "a column twice": ("a.csv", "user,item,item\n1,a,b\n", "a.csv has more than one column 'item'; rename one of them"),
    "no items": (
        "a.csv",
        "user,colour\n1,red\n",
        "a.csv: no column recognised as the items' ids among 'user', 'colour'; name it with "
        'item="..." (--item on the '
        "command line)",
    ),
    "two columns of users": (
        "a.csv",
        "customer_id,household_id,sku\n1,2,3\n",
        "a.csv: 'customer_id', 'household_id' could each be the user_id; choose with user='customer_id' (--user on the "
        "command line)",
    ),
    "day or month": (
        "a.csv",
        "user,item,date\n1,a,01/02/2024\n1,b,03/02/2024\n",
        "a.csv: column 'date': '01/02/2024' could be %d/%m/%Y or %m/%d/%Y, and no row tells; give "
        'time_format="%d/%m/%Y"',
    ),
    "times of day": (
        "a.csv",
        "user,item,time\n1,a,10:00\n2,b,11:00\n",
        "a.csv: 2 of 2 rows can't be used because timestamp can't be read, or isn't written as most others are; the "
        "first is row 2, where column 'time' holds '10:00'. Was that column meant? Name another with "
        'time="..." (--time '
        'on the command line), or use none with time="none"',
    ),
    "no ids but words for none": (
        "a.csv",
        "user,item\nNULL,a\nNone,b\n3,c\n",
        "a.csv: 2 of 3 rows can't be used because user_id is a word for no value, such as NULL or "
        "None; the first is row "
        "2, where column 'user' holds 'NULL'. Was that column meant? Name another with user=\"...\" (--user on the "
        "command line)",
    ),
    "CSV as JSON": (
        "a.jsonl",
        HEADER + ROWS,
        "a.jsonl can't be read: line 1 is no JSON object; export it again, an object a line",
    ),
    "JSON, cut off array": (
        "a.json",
        '[{"user":1,"item":"a"},\n{"user":',
        "a.json can't be read: its JSON is broken in line 2, column 9 (expecting value); get the "
        "file again, or export it "
        "as an object a line",
    ),
    "JSON, empty array": ("a.json", "[]", "a.json has no rows"),
    "JSON, numbers": (
        "a.json",
        "[1, 2]",
        "a.json holds no JSON objects; it must be one a line, or an array of them",
    ),
    "JSON, nested ids": (
        "a.jsonl",
        '{"user":{"id":1},"item":"a"}\n{"user":{"id":2},"item":"b"}\n',
        "a.jsonl: column 'user' holds nested objects; ids must be text or whole numbers",
    ),
    "unknown ending": ("a.foo", HEADER + ROWS, f"a.foo: {ENDINGS}"),
    "no ending": ("orders", HEADER + ROWS, f"orders: {ENDINGS}"),
}


@pytest.mark.parametrize(("name", "content", "message"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_refused(write, name, content, message):
    assert refusal(write(name, content)) == message


def test_a_damaged_parquet_file_says_so(write):
    content = parquet({"user": list(range(1000)), "item": [f"i{n}" for n in range(1000)]})
    message = refusal(write("a.parquet", content[:30] + bytes(200) + content[230:]))
    assert message.startswith("a.parquet can't be read: it is damaged (parquet: ")
    assert message.endswith("; get the file again")


def test_a_file_that_is_not_there(write):
    write("orders.csv", HEADER + ROWS)
    assert refusal("oders.csv") == "there is no file oders.csv; is 'orders.csv' meant?"
    assert refusal("products.csv") == "there is no file products.csv"
    assert refusal("exports/orders.csv") == "there is no file exports/orders.csv; there is no folder exports either"
    assert refusal("2024-*.csv") == "no file matches '2024-*.csv'"
    assert refusal(".") == ". is a folder; name a file in it, or several: './*.csv'"


@pytest.mark.skipif(os.geteuid() == 0, reason="file modes don't hold for root")
def test_a_file_that_may_not_be_read(write):
    Path(write("orders.csv", HEADER + ROWS)).chmod(0)
    assert refusal("orders.csv") == "no permission to read orders.csv"


def test_a_separator_that_is_not_there(write):
    name = write("a.csv", HEADER + ROWS)
    assert refusal(name, separator=";") == f"a.csv: {ONE_COLUMN.format('user,item,time')}; it looks separated by ','"
