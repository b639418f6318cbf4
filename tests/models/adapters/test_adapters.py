import pytest

import endcap as ec
from endcap.errors import ModelFileError, NotFittedError, ParameterError


class Foreign:
    pass


@pytest.mark.parametrize("model", [Foreign(), Foreign, None, 7])
def test_what_is_unknown_is_refused_by_name(model):
    name = "Foreign" if model in (Foreign,) or isinstance(model, Foreign) else type(model).__name__
    with pytest.raises(ParameterError, match=f"can't adapt .*{name}.*implicit"):
        ec.adapt(model)


def test_saving_is_refused(tmp_path):
    implicit = pytest.importorskip("implicit.nearest_neighbours")
    model = ec.adapt(implicit.CosineRecommender())
    with pytest.raises(ModelFileError, match=r"implicit\.CosineRecommender .*can't be saved here safely"):
        model.save(tmp_path / "x")
    with pytest.raises(NotFittedError):
        model.recommend("ann")
