"""The description of the interface."""


def test_it_needs_nothing_from_elsewhere(client):
    page = client.get("/docs")
    assert page.status_code == 200
    assert "http" not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "docs.js"):
        assert f'"/assets/{name}"' in page.text
        file = client.get(f"/assets/{name}")
        assert file.status_code == 200
        assert len(file.content) > 50
    assert client.get("/openapi.json").json()["paths"]["/api/v1/recommend"]
