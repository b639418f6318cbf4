import json


def test_a_page_figures_and_ten_lines(endcap, trained, tmp_path):
    done = endcap("explore", "--shop", trained, "--html", tmp_path / "e.html", "--json-file", tmp_path / "e.json")
    assert done.code == 0, done.err
    assert "1,440 events of 60 shoppers on 40 products" in done.out
    assert done.out.count("\n- ") >= 6
    assert (tmp_path / "e.html").read_text().startswith("<!doctype html>")
    assert json.loads((tmp_path / "e.json").read_text())["size"]["users"] == 60


def test_json_alone(endcap, trained):
    done = endcap("explore", "--shop", trained, "--json")
    assert done.code == 0, done.err
    assert done.json["size"]["users"] == 60
    assert (trained / "explore.html").is_file()
    assert (trained / "explore.json").is_file()


def test_no_shop(endcap, tmp_path):
    done = endcap("explore", "--shop", tmp_path)
    assert done.code == 4
    assert "not a shop" in done.err


def test_a_page_that_can_not_be_written(endcap, trained, tmp_path):
    (tmp_path / "file").write_text("")
    assert endcap("explore", "--shop", trained, "--html", tmp_path / "file" / "e.html").code == 6
