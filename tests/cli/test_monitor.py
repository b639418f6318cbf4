"""`endcap monitor`."""

import shutil

from endcap.cli import EXIT_ALARM
from endcap.shop import Shop
from endcap.store.answers import Given
from endcap.store.clock import now


def test_a_table_json_and_an_exit_code_for_cron(endcap, trained, tmp_path):
    shop = shutil.copytree(trained, tmp_path / "shop")
    quiet = shutil.copytree(shop, tmp_path / "quiet")
    done = endcap("monitor", "--shop", quiet)
    assert done.code == 0
    assert "too little to say" in done.out
    model = Shop(shop).models.champion()
    ago = now() - 3_600_000_000
    Shop(shop).store.answers.add(
        [Given(f"r{n}", ago, "cart", model, None, None, False, {}, [], short=True) for n in range(200)]
    )
    done = endcap("monitor", "--shop", shop, "--json")
    assert done.code == EXIT_ALARM == 7
    first = done.json[0]
    assert (first["name"], first["state"], first["figure"]) == ("short_answers", "alarm", 1.0)
    assert "cart" in first["told"]
