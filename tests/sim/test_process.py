"""Child processes: they answer, and none outlives whoever started it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.process import Child, ChildError

ECHO = """
import json, sys
for line in sys.stdin:
    told = json.loads(line)
    if told.get("die"):
        sys.exit("had enough")
    if told.get("fail"):
        told = {"error": "cannot do that"}
    print(json.dumps(told), flush=True)
"""


def child(tmp_path):
    return Child("echo", [sys.executable, "-c", ECHO], tmp_path / "echo.log")


def test_it_answers_each_line(tmp_path):
    async def body():
        echo = child(tmp_path)
        await echo.start()
        answers = await asyncio.gather(*(echo.tell(number=number) for number in range(20)))
        assert [answer["number"] for answer in answers] == list(range(20))
        await echo.stop()
        assert not echo.running

    asyncio.run(body())


def test_one_that_ends_is_told_with_its_last_words(tmp_path):
    async def body():
        echo = child(tmp_path)
        await echo.start()
        with pytest.raises(ChildError, match=r"echo ended or hangs\. It said last: had enough"):
            await echo.tell(die=True)
        await echo.wait()
        with pytest.raises(ChildError, match="echo is not running"):
            await echo.tell(number=1)

    asyncio.run(body())


def test_what_it_could_not_do_is_an_error(tmp_path):
    async def body():
        echo = child(tmp_path)
        await echo.start()
        with pytest.raises(ChildError, match="echo: cannot do that"):
            await echo.tell(fail=True)
        await echo.kill()
        assert await echo.wait() == -signal.SIGKILL

    asyncio.run(body())


def test_no_child_outlives_a_parent_that_is_killed(tmp_path):
    parent = subprocess.Popen([sys.executable, "-c", f"""
import asyncio, sys
from pathlib import Path
from sim.process import Child
async def body():
    child = Child("echo", [sys.executable, "-c", {ECHO!r}], Path({str(tmp_path / 'echo.log')!r}))
    await child.start()
    print(child._process.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(body())
"""], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and alive(pid):
        time.sleep(0.02)
    assert not alive(pid)


def alive(pid):
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
