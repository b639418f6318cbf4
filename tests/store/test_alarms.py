"""How monitors stand."""

from concurrent.futures import ThreadPoolExecutor


def keep(store, **states):
    store.alarms.keep({name: (state, {"told": state}) for name, state in states.items()})


def test_a_turn_is_taken_once(place):
    stores = [place.open() for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        taken = list(threads.map(lambda store: store.alarms.take_turn(60), stores))
    assert taken.count(True) == 1
    assert not place.open().alarms.take_turn(60)
    stores[0].alarms.keep_turn(-1)
    assert stores[1].alarms.take_turn(60)


def test_news_is_an_alarm_that_began_or_ended(store):
    def news():
        return [one.name for one in store.alarms.all() if one.is_news]

    keep(store, events="warn", coverage="alarm")
    assert news() == ["coverage"]
    store.alarms.posted("coverage", "alarm")
    keep(store, events="warn", coverage="alarm")
    assert news() == []
    keep(store, events="fine", coverage="warn")
    assert news() == ["coverage"]
    store.alarms.posted("coverage", "warn")
    assert news() == []


def test_since_is_when_the_state_began(store):
    keep(store, events="warn")
    [first] = store.alarms.all()
    keep(store, events="warn")
    [second] = store.alarms.all()
    keep(store, events="alarm")
    [third] = store.alarms.all()
    assert first.since == second.since < third.since
    assert third.reading == {"told": "alarm"}


def test_one_that_goes_while_in_alarm_is_told_first(store):
    keep(store, events="alarm", coverage="fine")
    store.alarms.posted("events", "alarm")
    keep(store)
    [left] = store.alarms.all()
    assert (left.name, left.state, left.is_news) == ("events", "off", True)
    store.alarms.posted("events", "off")
    keep(store)
    assert store.alarms.all() == []
