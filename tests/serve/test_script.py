"""The script for a shop's page: small, served, kept by browsers for a while."""

from pathlib import Path

import endcap.serve


def test_the_script_is_small_and_served_with_a_tag(client):
    answer = client.get("/endcap.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert len(answer.content) <= 10_000
    assert answer.headers["cache-control"] == "public, max-age=300"
    again = client.get("/endcap.js", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert not again.content


def test_only_comments_and_spaces_are_left_out(client):
    source = (Path(endcap.serve.__file__).parent / "static" / "endcap.js").read_text("utf-8")
    served = client.get("/endcap.js").text
    assert "/*" in source
    assert "/*" not in served
    for piece in ('"events:batch"', "sendBeacon", '"endcap.visitor"', "aria-disabled", "18e5"):
        assert piece in served


def test_no_markup_is_made_from_data(client):
    script = client.get("/endcap.js").text
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "cookie"):
        assert way not in script
