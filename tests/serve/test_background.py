"""Parts of pages that take a while."""

import asyncio
import threading

import pytest

from endcap.serve.dashboard import background
from endcap.serve.dashboard.background import Background


def test_it_is_made_once_for_all_who_look():
    made = []

    async def look():
        part = Background(lambda: made.append(1) or len(made), keep=60)
        assert await asyncio.gather(*(part.get() for _ in range(5))) == [1] * 5
        assert await part.get() == 1

    asyncio.run(look())


def test_what_takes_long_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(background, "PATIENCE", 0.01)
    free = threading.Event()

    async def look():
        part = Background(lambda: free.wait(30), keep=60)
        assert await part.get() is None
        free.set()
        while await part.get() is None:
            await asyncio.sleep(0.01)

    asyncio.run(look())


def test_what_fails_at_first_is_raised_later_the_old_stays():
    answers = [ValueError("first"), "there", ValueError("later")]

    def make():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def look():
        part = Background(make, keep=0)
        with pytest.raises(ValueError, match="first"):
            await part.get()
        assert await part.get() == "there"
        assert await part.get() == "there"
        await asyncio.sleep(0.05)
        assert await part.get() == "there"

    asyncio.run(look())
