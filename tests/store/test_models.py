import pytest
from scipy import sparse

import endcap as ec
from endcap.errors import ModelFileError, ShopError
from endcap.store.models import ModelRegistry


@pytest.fixture
def registry(tmp_path):
    return ModelRegistry(tmp_path / "models")


@pytest.fixture
def model():
    return ec.Popular().fit(sparse.random_array((9, 8), density=0.5, rng=2))


def test_the_newest_version_is_in_use(registry, model):
    first = registry.add(model, metrics={})
    second = registry.add(ec.Popular(window=None).fit(sparse.eye_array(4)), metrics={"ndcg": 0.5})
    assert first != second
    assert registry.versions() == sorted([first, second])
    assert registry.champion() == second
    assert registry.load().interactions_.shape == (4, 4)
    assert registry.load(first).interactions_.shape == (9, 8)


def test_no_model_yet_says_what_to_do(registry):
    assert registry.versions() == []
    with pytest.raises(ShopError, match="endcap train"):
        registry.load()


def test_a_failed_save_leaves_the_champion(registry, model, monkeypatch):
    first = registry.add(model, metrics={})
    monkeypatch.setattr("endcap.store.models.save", lambda *a, **k: (_ for _ in ()).throw(ModelFileError("no")))
    with pytest.raises(ModelFileError):
        registry.add(model, metrics={})
    assert registry.champion() == first
