"""Feeds that are broken or malicious are refused, and large ones need little memory."""

import gzip

import pytest

import endcap as ec
from endcap.errors import DataError

ITEM = (
    "<item><id>{n}</id><title>Cup {n}</title><link>l</link><price>1 EUR</price>"
    "<availability>in stock</availability></item>"
)


def refusal(path):
    with pytest.raises(DataError) as caught:
        ec.read_items(path)
    return str(caught.value)


def test_entity_bombs_are_refused(tmp_path):
    bomb = '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    (tmp_path / "feed.xml").write_text(bomb + "<rss><channel><item><id>&b;</id></item></channel></rss>")
    assert refusal(tmp_path / "feed.xml") == (
        f"{tmp_path}/feed.xml defines entities of its own, which a feed never needs; it is refused"
    )
    outside = '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><item><id>&a;</id></item></rss>'
    (tmp_path / "feed.xml").write_text(outside)
    assert "defines entities of its own" in refusal(tmp_path / "feed.xml")


def test_a_broken_feed_names_the_line(tmp_path):
    (tmp_path / "feed.xml").write_text(f"<rss><channel>\n{ITEM.format(n=1)}\n<item>")
    assert refusal(tmp_path / "feed.xml") == (
        f"{tmp_path}/feed.xml is not well-formed XML: no element found: line 3, column 6; get the file again"
    )


def test_a_page_that_is_no_feed(tmp_path):
    (tmp_path / "feed.xml").write_text("<html><body>Not found</body></html>")
    assert refusal(tmp_path / "feed.xml") == (
        f"{tmp_path}/feed.xml holds no products: neither <item> (RSS) nor <entry> (Atom) is in it"
    )


def test_a_feed_of_several_batches_packed(tmp_path):
    feed = "<rss><channel>" + "".join(ITEM.format(n=n) for n in range(25_000)) + "</channel></rss>"
    (tmp_path / "feed.xml.gz").write_bytes(gzip.compress(feed.encode()))
    items = ec.read_items(tmp_path / "feed.xml.gz")
    assert items["item_id"].to_list() == [str(n) for n in range(25_000)]
    assert set(items["availability"]) == {"in_stock"}
    (tmp_path / "feed.xml.gz").write_bytes(gzip.compress(feed.encode())[:-100])
    assert "can't be read: Compressed file ended" in refusal(tmp_path / "feed.xml.gz")
