def test_a_report_and_a_table(endcap, trained, tmp_path):
    done = endcap("evaluate", "--shop", trained, "--report", tmp_path / "r.html", "--json")
    assert done.code == 0, done.err
    assert done.json["report"] == str(tmp_path / "r.html")
    assert "ndcg" in done.json["table"][0]
    assert (tmp_path / "r.html").read_text().lower().startswith("<!doctype html>")
    text = endcap("evaluate", "--shop", trained, "--report", tmp_path / "r.html").out
    assert "NDCG@10" in text
