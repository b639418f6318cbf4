import json


def test_a_report_and_a_table(endcap, trained, tmp_path):
    done = endcap("evaluate", "--shop", trained, "--report", tmp_path / "r.html", "--json")
    assert done.code == 0, done.err
    assert done.json["report"] == str(tmp_path / "r.html")
    assert "ndcg" in done.json["table"][0]
    page = (tmp_path / "r.html").read_text()
    assert page.lower().startswith("<!doctype html>")
    for part in ("For whom, and for what?", "Beyond accuracy", "NDCG by the number of products", "personalisation"):
        assert part in page
    figures = json.loads((tmp_path / "r.json").read_text())
    assert done.json["figures"] == str(tmp_path / "r.json")
    assert figures["table"] == done.json["table"]
    assert {row["k"] for row in figures["by_k"]} == {5, 10, 20}
    assert {row["model"] for row in figures["segments"]} >= {"Popular", "BuyAgain", "Random"}
    text = endcap("evaluate", "--shop", trained, "--report", tmp_path / "r.html").out
    assert "NDCG@10" in text


def test_by_default_into_the_shop(endcap, trained):
    assert endcap("evaluate", "--shop", trained).code == 0
    assert (trained / "evaluation.html").is_file()
    assert (trained / "evaluation.json").is_file()
