"""Work beside a server."""

import json
import subprocess
import sys

import pytest

_LOOK = """
import json, os, threading
from endcap.serve.beside import SHARE, step_aside
before = len(os.sched_getaffinity(0))
step_aside()
found = {}
def thread():
    found["nice"] = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    found["cores"] = len(os.sched_getaffinity(threading.get_native_id()))
one = threading.Thread(target=thread); one.start(); one.join()
from endcap.native import _kernels
found["threads"] = _kernels.resolve_threads(0)
print(json.dumps(found | {"allowed": max(1, int(SHARE * before))}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems know priorities alone")
def test_it_steps_aside_with_all_of_its_threads():
    said = subprocess.run([sys.executable, "-c", _LOOK], check=True, capture_output=True, text=True)
    found = json.loads(said.stdout)
    assert found["nice"] == 19
    assert found["cores"] == found["allowed"]
    assert found["threads"] == found["allowed"]
