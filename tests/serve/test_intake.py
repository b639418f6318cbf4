"""Group commit."""

import asyncio
import threading
import time

import pytest

from endcap.serve.intake import Intake


def test_those_who_come_while_it_writes_share_the_next_transaction():
    written, threads = [], set()

    def write(rows):
        time.sleep(0.02)
        threads.add(threading.current_thread().name)
        written.append(list(rows))
        return [row % 2 == 0 for row in rows]

    async def go():
        intake = Intake(write)
        answers = await asyncio.gather(*(intake.add([n, n + 100]) for n in range(50)))
        await intake.close()
        return answers

    answers = asyncio.run(go())
    assert answers == [[n % 2 == 0] * 2 for n in range(50)]
    assert sorted(row for rows in written for row in rows) == sorted([*range(50), *range(100, 150)])
    assert len(written) <= 4
    assert len(threads) == 1


def test_a_failure_is_told_to_whom_it_concerns():
    def write(rows):
        time.sleep(0.01)
        if 13 in rows:
            raise ValueError("13")
        return [True] * len(rows)

    async def go():
        intake = Intake(write)
        answers = await asyncio.gather(*(intake.add([n]) for n in range(20)), return_exceptions=True)
        await intake.close()
        return answers

    answers = asyncio.run(go())
    assert [n for n, one in enumerate(answers) if isinstance(one, ValueError)] == [13]
    assert sum(one == [True] for one in answers) == 19


def test_who_left_doesnt_hold_up_the_others():
    async def go():
        intake = Intake(lambda rows: [True] * len(rows))
        gone = asyncio.create_task(intake.add([1]))
        await asyncio.sleep(0)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        assert await intake.add([2]) == [True]
        await intake.close()

    asyncio.run(go())
