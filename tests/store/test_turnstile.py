import threading

from endcap.store.turnstile import Turnstile


def test_who_is_alone_waits_for_those_inside_and_keeps_others_out():
    turnstile, told = Turnstile(), []
    entered, leave = threading.Event(), threading.Event()

    def first():
        with turnstile.inside():
            entered.set()
            leave.wait(10)
            told.append("first leaves")

    def second():
        with turnstile.inside():
            told.append("second is in")

    one = threading.Thread(target=first)
    one.start()
    entered.wait(10)
    threading.Timer(0.05, leave.set).start()
    with turnstile.alone(10) as is_alone:
        assert is_alone
        two = threading.Thread(target=second)
        two.start()
        two.join(0.1)
        told.append("alone")
    two.join(10)
    one.join(10)
    assert told == ["first leaves", "alone", "second is in"]


def test_who_does_not_leave_is_not_waited_for_any_longer():
    turnstile, entered, leave = Turnstile(), threading.Event(), threading.Event()

    def stay():
        with turnstile.inside():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=stay)
    thread.start()
    entered.wait(10)
    with turnstile.alone(0.05) as is_alone:
        assert not is_alone
    leave.set()
    thread.join(10)
    with turnstile.alone(10) as is_alone:
        assert is_alone


def test_a_thread_goes_in_again_while_another_waits_and_never_waits_for_itself():
    turnstile = Turnstile()
    waiting = threading.Event()

    def wait_to_be_alone():
        waiting.set()
        with turnstile.alone(10) as is_alone:
            assert is_alone

    with turnstile.inside():
        with turnstile.alone(10) as is_alone:
            assert not is_alone
        thread = threading.Thread(target=wait_to_be_alone)
        thread.start()
        waiting.wait(10)
        with turnstile.inside():
            pass
    thread.join(10)
    assert not thread.is_alive()
