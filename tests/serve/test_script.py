"""The script for a shop's page: small, served, kept by browsers for a while."""


def test_the_script_is_small_and_served_with_a_tag(client):
    answer = client.get("/endcap.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert len(answer.content) <= 10_000
    assert answer.headers["cache-control"] == "public, max-age=300"
    again = client.get("/endcap.js", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert not again.content


def test_no_markup_is_made_from_data(client):
    assert "innerHTML" not in client.get("/endcap.js").text
