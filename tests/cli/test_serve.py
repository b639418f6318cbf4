"""`endcap serve`: where it won't start."""

import pytest

from endcap.cli.serve import _is_this_machine
from endcap.shop import Shop

pytest.importorskip("fastapi")


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True),
        ("0.0.0.0", False), ("::", False), ("", False), ("192.168.1.5", False), ("shop.example", False),
        ("localhost.evil.example", False), ("::ffff:10.0.0.1", False),
    ],
)  # fmt: skip
def test_which_addresses_are_this_machines(host, own):
    assert _is_this_machine(host) == own


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "shop.example"])
def test_a_public_address_needs_a_key_for_the_admin(endcap, trained, host):
    refused = endcap("serve", "--shop", trained, "--host", host)
    assert refused.code == 4
    assert "without a key they could do everything" in refused.err
    keys = Shop(trained).store.keys
    keys.create("web", ("recommend",))
    try:
        assert endcap("serve", "--shop", trained, "--host", host).code == 4, "a key for pages is not enough"
    finally:
        keys.revoke("web")
