import pytest

from endcap.config import Columns, Config, Prepare, set_parameters
from endcap.errors import ShopError


def test_settings_round_trip(tmp_path):
    config = Config(
        name='a "shop" \\ ü',
        columns=Columns(user="Customer ID"),
        prepare=Prepare(half_life="90d", event_weights={"purchase": 2.0}),
        models={"ALS": {"factors": 32}, "Popular": {"window": "4w"}, "ItemKNN": {"half_life": None}},
    )
    config.write(tmp_path)
    assert Config.read(tmp_path) == config


def test_every_setting_is_explained_in_the_file(tmp_path):
    Config().write(tmp_path)
    text = (tmp_path / "endcap.toml").read_text()
    for part in ("half_life", "After how long an event counts half", "[train]", "candidates"):
        assert part in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "endcap.toml is not valid TOML: Invalid value"),
        ("nmae = 'x'", "endcap.toml: nmae = 'x' won't do: Extra inputs"),
        ("[train]\nk = 0", "train.k = 0 won't do: Input should be greater than or equal to 1"),
        ("[prepare]\nhalf_life = '90 moons'", "'90 moons' is not a length of time"),
        ("[train]\ntest = '0d'", "must be above zero"),
        ("[prepare]\nquantity = 'much'", "prepare.quantity = 'much' won't do"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, text, message):
    (tmp_path / "endcap.toml").write_text(text)
    with pytest.raises(ShopError) as error:
        Config.read(tmp_path)
    assert message in str(error.value)
    assert str(tmp_path / "endcap.toml") in str(error.value)


def test_bytes_that_are_no_text_are_told(tmp_path):
    (tmp_path / "endcap.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ShopError, match="not valid TOML"):
        Config.read(tmp_path)


def test_a_folder_without_settings_is_no_shop(tmp_path):
    with pytest.raises(ShopError, match=r"is not a shop: it has no endcap\.toml; make one: endcap init"):
        Config.read(tmp_path)


def test_parameters_are_written_among_comments(tmp_path):
    Config(models={"EASE": {"max_items": 5}}).write(tmp_path)
    file = tmp_path / "endcap.toml"
    file.write_text(file.read_text() + "\n[models.ALS]  # mine\nfactors = 8  # few\nepochs = 3\n")
    set_parameters(tmp_path, "ALS", {"factors": 16, "epochs": None, "alpha": 0.5})
    set_parameters(tmp_path, "ItemKNN", {"neighbours": 7})
    assert Config.read(tmp_path).models == {
        "EASE": {"max_items": 5},
        "ALS": {"factors": 16, "epochs": None, "alpha": 0.5},
        "ItemKNN": {"neighbours": 7},
    }
    assert "# mine" in file.read_text()
    assert "# few" in file.read_text()
