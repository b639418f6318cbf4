import re
from html.parser import HTMLParser

import polars as pl
import pytest

import endcap as ec
from endcap.report.page import Example, write_report

VOID = {"meta", "link", "br", "img", "input"}


class Outline(HTMLParser):
    """Checks that tags are closed in order, and keeps headings, ids and words."""

    def __init__(self):
        super().__init__()
        self.open, self.headings, self.ids, self.words, self.links = [], [], [], [], []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.links += [value for name, value in attributes if name in ("src", "href")]
        if "id" in given:
            self.ids.append(given["id"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.words.append(data)


@pytest.fixture(scope="module")
def shop():
    users = [u for u in range(30) for _ in range(8)]
    items = [(u * 3 + n * (1 + u % 3)) % 17 for u in range(30) for n in range(8)]
    days = pl.datetime_range(pl.datetime(2026, 1, 1), pl.datetime(2026, 5, 30), "12h", eager=True)[: len(users)]
    frame = pl.DataFrame({"user_id": users, "item_id": items, "timestamp": days.shuffle(seed=1)})
    return ec.Events(frame)


def read(file):
    outline = Outline()
    outline.feed(file.read_text("utf-8"))
    assert not outline.open
    assert len(outline.ids) == len(set(outline.ids))
    return outline


def test_the_whole_page(shop, tmp_path):
    comparison = ec.compare([ec.ItemKNN()], shop)
    items = pl.DataFrame({"item_id": range(17), "title": [f"<script>alert({n})</script>" for n in range(17)]})
    example = Example("Shopper </script>", [("Tea & milk", 3)], [("<b>Bread</b>", "because you bought 'Tea'")])
    file = write_report(
        tmp_path / "r.html", title="Jam & <Co>", events=shop, items=items, comparison=comparison, examples=[example]
    )
    outline = read(file)
    text = " ".join(outline.words)
    assert text.count("<script>alert(") == 10  # as words, not as elements
    for words in ("Jam & <Co>", "<b>Bread</b>", "Shopper </script>", "because you bought 'Tea'", *comparison.verdict):
        assert words in text
    assert outline.headings.count("h1") == 1
    assert {"models", "differences", "examples", "data", "method"} <= set(outline.ids)
    assert [link for link in outline.links if not link.startswith("#")] == []  # works offline


def test_events_alone_make_a_page(shop, tmp_path):
    outline = read(write_report(tmp_path / "r.html", title="Shop", events=shop))
    assert "models" not in outline.ids
    assert outline.headings[0] == "h1"
    untimed = ec.Events(shop.frame.drop("timestamp"))
    assert "chart-time" not in read(write_report(tmp_path / "r.html", title="Shop", events=untimed)).ids


def test_a_model_that_was_not_run_has_a_row(shop, tmp_path):
    class TooBig(ec.Popular):
        def _fit(self, data, progress):
            raise MemoryError("needs 99 GiB")

    comparison = ec.compare([TooBig()], shop)
    text = " ".join(read(write_report(tmp_path / "r.html", title="S", events=shop, comparison=comparison)).words)
    assert "TooBig: not run: not enough memory: needs 99 GiB" in text
