"""MovieLens, of every age: `.csv` with a header, `ratings.dat` with double colons, `u.data` with tabs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from endcap.data.schema import ITEM, RATING, TIME, USER
from endcap.data.sources.base import Source
from endcap.data.sources.exports import Export
from endcap.data.sources.expressions import text

_GENRES: Final = (
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip


class _Layout(NamedTuple):
    """A file without a header: what its first line looks like, and what its fields are."""

    name: str
    line: str
    separator: str
    columns: tuple[str, ...]


_LAYOUTS: Final = (
    _Layout(r".*", r"\d+::\d+::[\d.]+::\d+$", "::", ("userId", "movieId", "rating", "timestamp")),
    _Layout(r".*", r"\d+::[MF]::\d+::\d+::.*$", "::", ("userId", "gender", "age", "occupation", "zip")),
    _Layout(r".*", r"\d+::.*::.*$", "::", ("movieId", "title", "genres")),
    _Layout(r"u.\.(base|test)|u\.data", r"\d+\t\d+\t\d+\t\d+$", "\t", ("userId", "movieId", "rating", "timestamp")),
    _Layout(r"u\.user", r"\d+\|\d+\|[MF]\|", "|", ("userId", "age", "gender", "occupation", "zip")),
    _Layout(
        r"u\.item",
        r"\d+\|.*\|",
        "|",
        ("movieId", "title", "release_date", "video_release_date", "imdb_url", *_GENRES),
    ),
)


def open_movielens(path: Path, start: bytes) -> Source | None:
    """Open a file of MovieLens that has no header; None where the file, whose first bytes are given, is none."""
    line = start.split(b"\n", 1)[0].rstrip(b"\r").decode("latin-1")
    for layout in _LAYOUTS:
        if re.fullmatch(layout.name, path.name) and re.match(layout.line, line):
            columns = tuple(column for column in layout.columns if column not in _GENRES)
            genres = len(columns) < len(layout.columns)

            def read(names: Sequence[str], layout: _Layout = layout) -> pl.DataFrame:
                fields = _lines(path).str.split(layout.separator)
                frame = pl.DataFrame(
                    fields.list.get(place, null_on_oob=True).replace("", None).alias(name)
                    for place, name in enumerate(layout.columns)
                )
                flags = [pl.when(pl.col(one) == "1").then(pl.lit(one)) for one in _GENRES if one in frame.columns]
                if flags:
                    frame = frame.with_columns(genres=pl.concat_str(flags, separator="|", ignore_nulls=True))
                return frame.select(names)

            return Source(str(path), "csv", (*columns, "genres") if genres else columns, read, header_lines=0)
    return None


def _lines(path: Path) -> pl.Series:
    """Return the lines; the older files with titles are Latin-1."""
    raw = path.read_bytes()
    try:
        lines = raw.decode().splitlines()
    except UnicodeDecodeError:
        lines = raw.decode("latin-1").split("\n")
    return pl.Series("line", [line.rstrip("\r") for line in lines if line.strip()], dtype=pl.String)


def _ratings(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.rename({"userId": USER, "movieId": ITEM})


def _movies(frame: pl.DataFrame) -> pl.DataFrame:
    genres = text("genres")
    return frame.with_columns(
        pl.col("movieId").alias(ITEM), pl.when(genres != "(no genres listed)").then(genres).alias("product_type")
    )


def _viewers(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col("userId").alias(USER))


EXPORTS: Final = (
    Export(
        "events",
        "set of MovieLens' ratings",
        frozenset({"userId", "movieId", "rating"}),
        _ratings,
        {USER: "userId", ITEM: "movieId", RATING: "rating", TIME: "timestamp"},
    ),
    Export(
        "items",
        "set of MovieLens' films",
        frozenset({"movieId", "title", "genres"}),
        _movies,
        {ITEM: "movieId", "title": "title", "product_type": "genres"},
        attributes=True,
    ),
    Export(
        "users",
        "set of MovieLens' viewers",
        frozenset({"userId", "age", "gender", "occupation"}),
        _viewers,
        {USER: "userId"},
        attributes=True,
    ),
)
