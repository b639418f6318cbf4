import polars as pl


def with_a_bot(orders, tmp_path):
    """Add a shopper who looks at 200 products in 20 seconds."""
    frame = pl.read_csv(orders)
    user, item, time = frame.columns[:3]
    clicks = pl.DataFrame(
        {
            user: [9999] * 200,
            item: [f"sku-{n % 40:02}" for n in range(200)],
            time: [f"2026-02-01T00:00:{n % 20:02}.{n:06}" for n in range(200)],
            "event": ["view_item"] * 200,
        }
    )
    frame = frame.with_columns(event=pl.lit("purchase")).select(user, item, time, "event")
    file = tmp_path / "with-bot.csv"
    pl.concat([frame.cast({user: pl.Int64}), clicks]).write_csv(file)
    return file


def test_a_healthy_shop(endcap, trained):
    done = endcap("doctor", "--shop", trained)
    assert done.code == 0, done.err
    assert "Nothing wrong was found." in done.out
    assert "best-sellers: ready" in done.out
    assert "reliable from about" in done.out


def test_cleaning_is_written_down_and_touches_nothing(endcap, orders_csv, tmp_path):
    shop = tmp_path / "cleaned"
    made = endcap("init", shop, with_a_bot(orders_csv, tmp_path))
    assert made.code == 0, made.err
    before = endcap("doctor", "--shop", shop, "--json").json
    assert [finding["check"] for finding in before["findings"]] == ["bots"]
    assert before["findings"][0]["count"] == 200
    assert before["rules_written"] == []

    done = endcap("doctor", "--shop", shop, "--clean")
    assert done.code == 0, done.err
    assert "1 rules written" in done.out
    settings = (shop / "endcap.toml").read_text()
    assert "[[clean]]" in settings
    assert "9999" in settings
    assert "# " in settings  # the comments are still there

    after = endcap("doctor", "--shop", shop, "--json").json
    assert after["findings"] == []
    assert after["set_aside"] == [200]
    assert "Set aside by the rule without_users: 200 events" in endcap("doctor", "--shop", shop).out
    assert endcap("doctor", "--shop", shop, "--clean", "--json").json["rules_written"] == []

    (shop / "endcap.toml").write_text(settings[: settings.index("[[clean]]")])
    again = endcap("doctor", "--shop", shop, "--json").json
    assert again["findings"] == before["findings"]


def test_import_ends_with_what_the_doctor_says(endcap, orders_csv, tmp_path):
    shop = tmp_path / "shop"
    endcap("init", shop, orders_csv)
    done = endcap("import", with_a_bot(orders_csv, tmp_path), "--shop", shop)
    assert "bots: 1 shoppers" in done.out
    assert "endcap doctor --clean" in done.out
    assert "\nNext: endcap train" in done.out


def test_a_rule_that_can_not_be_is_named(endcap, trained):
    file = trained / "endcap.toml"
    text = file.read_text()
    file.write_text(text + '\n[[clean]]\nrule = "without_users"\n')
    done = endcap("doctor", "--shop", trained)
    file.write_text(text)
    assert done.code == 4
    assert "needs ids" in done.err


def test_every_command_that_learns_says_what_cleaning_set_aside(endcap, orders_csv, tmp_path):
    shop = tmp_path / "cleaned"
    endcap("init", shop, with_a_bot(orders_csv, tmp_path))
    assert "Set aside" not in endcap("explore", "--shop", shop).out  # there is no rule yet
    assert len(endcap("doctor", "--shop", shop, "--clean", "--json").json["rules_written"]) == 1
    for command in ("explore", "train", "evaluate"):
        done = endcap(command, "--shop", shop)
        assert done.code == 0, done.err
        assert "Set aside by the rule without_users: 200 events (bots" in done.out, command
        assert endcap(command, "--shop", shop, "--json").json["set_aside"] == [200], command
