"""Keys, and the log of what was done with them."""

import pytest

from endcap.errors import ParameterError, UnknownIdError
from endcap.store.keys import digest


def test_a_key_is_shown_once_and_kept_as_a_digest(store, place):
    secret = store.keys.create("web shop", ("events", "recommend"))
    [(kept, key)] = place.open().keys.all().items()
    assert kept == digest(secret) != secret
    assert (key.name, key.scopes) == ("web shop", {"events", "recommend"})
    files = [file.read_bytes() for file in place.folder.glob("store.sqlite*")]
    assert all(secret.encode() not in content for content in files)


def test_no_two_keys_are_equal(store):
    assert len({store.keys.create(f"k{n}", ("events",)) for n in range(5)}) == 5


def test_a_key_is_revoked(store):
    store.keys.create("old", ("admin",))
    store.keys.revoke("old")
    assert store.keys.all() == {}
    with pytest.raises(UnknownIdError, match="no key 'old'"):
        store.keys.revoke("old")


def test_what_cant_be_is_refused(store):
    with pytest.raises(ParameterError, match="not root"):
        store.keys.create("x", ("root",))
    with pytest.raises(ParameterError, match="not none"):
        store.keys.create("x", ())
    store.keys.create("x", ("events",))
    with pytest.raises(ParameterError, match="there is a key 'x' already"):
        store.keys.create("x", ("events",))


def test_the_audit_log_is_newest_first(store):
    for n in range(3):
        store.keys.note("ops", "forget", f"user {n}")
    assert [one["what"] for one in store.keys.audit(2)] == ["user 2", "user 1"]
