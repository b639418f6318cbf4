import re
import shutil
import subprocess

import polars as pl
import pytest

import endcap as ec
from endcap.report.page import write_report

from .test_exploration import make_shop

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=8000",
    "--dump-dom",
]

# The page in a frame as narrow as a phone; it reports what is wider than the frame.
FRAME = """<!doctype html><iframe src="report.html" style="width:{width}px;height:900px;border:0"></iframe><script>
onload = () => setTimeout(() => {{
  const page = document.querySelector("iframe").contentDocument;
  document.title = "wide by " + (page.documentElement.scrollWidth - {width});
  document.body.append("charts " + page.querySelectorAll("[data-chart] svg.main-svg").length);
}}, 3000);
</script>"""


def comparison_report(tmp_path):
    users = [u for u in range(30) for _ in range(8)]
    items = [(u * 3 + n * (1 + u % 3)) % 17 for u in range(30) for n in range(8)]
    days = pl.datetime_range(pl.datetime(2026, 1, 1), pl.datetime(2026, 5, 30), "12h", eager=True)[: len(users)]
    events = ec.Events(pl.DataFrame({"user_id": users, "item_id": items, "timestamp": days.shuffle(seed=1)}))
    comparison = ec.compare([ec.ItemKNN()], events, test="4w", k=3)
    return write_report(tmp_path / "report.html", title="A shop", events=events, comparison=comparison)


def exploration_page(tmp_path):
    return ec.explore(*make_shop()).write(tmp_path / "report.html")


@pytest.mark.heavy
@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser: install Chromium")
@pytest.mark.parametrize(
    ("page", "width"),
    [*((comparison_report, width) for width in (1280, 768, 390)), (exploration_page, 800), (exploration_page, 360)],
)
def test_every_chart_is_drawn_and_the_page_is_no_wider_than_the_window(page, width, tmp_path):
    report = page(tmp_path)
    (tmp_path / "frame.html").write_text(FRAME.format(width=width))
    command = [CHROMIUM, *FLAGS, "--allow-file-access-from-files", f"--user-data-dir={tmp_path / 'profile'}"]
    done = subprocess.run(
        [*command, (tmp_path / "frame.html").as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    charts = len(re.findall("data-chart=", report.read_text("utf-8")))
    drawn = int(re.search(r"charts (\d+)", done.stdout)[1])
    assert charts > 5
    assert drawn >= charts
    assert int(re.search(r"<title>wide by (-?\d+)</title>", done.stdout)[1]) <= 0
