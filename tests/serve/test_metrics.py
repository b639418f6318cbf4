"""What Prometheus is told."""

import os
import subprocess
import sys


def value(text, name):
    return next(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name))


def test_what_happened_is_counted(client):
    for user in ("u1", "u2", "stranger"):
        client.post("/api/v1/recommend", json={"user_id": user})
    client.post("/api/v1/recommend", json={"filter": "price < 4", "k": 30})
    client.post("/api/v1/recommend", json={"surface": "attic"})
    event = {"event": "view_item", "user_id": "u1", "item_id": "i01", "event_id": "e"}
    client.post("/api/v1/events", json=event)
    client.post("/api/v1/events:batch", json={"events": [event, {**event, "event_id": "f"}]})
    text = client.get("/metrics").text
    assert value(text, 'endcap_answers_total{surface="recommended-for-you"}') == 4
    assert value(text, 'endcap_fallback_answers_total{surface="recommended-for-you"}') == 2
    assert value(text, 'endcap_short_answers_total{surface="recommended-for-you"}') == 1
    assert value(text, "endcap_unknown_shoppers_total") == 1
    assert value(text, 'endcap_events_total{event="view_item",status="stored"}') == 2
    assert value(text, 'endcap_events_total{event="view_item",status="known"}') == 1
    assert value(text, 'endcap_requests_total{status="404"}') == 1
    assert value(text, 'endcap_request_seconds_count{scope="recommend"}') == 5
    assert value(text, "endcap_model_newest_event_timestamp_seconds") > 1.7e9


def test_workers_are_added_up(tmp_path):
    count = "from endcap.serve.metrics import Metrics; Metrics().answers.labels('cart').inc({})"
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for n in (2, 5):
        subprocess.run([sys.executable, "-c", count.format(n)], env=environment, check=True)
    show = "from endcap.serve.metrics import Metrics; print(Metrics().text().decode())"
    said = subprocess.run([sys.executable, "-c", show], env=environment, check=True, capture_output=True, text=True)
    assert value(said.stdout, 'endcap_answers_total{surface="cart"}') == 7
