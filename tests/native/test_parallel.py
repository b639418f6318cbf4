import os
import subprocess
import sys
import threading

import numpy as np
from scipy import sparse

from endcap import native
from endcap.models.als import ALS


def test_threads_that_a_parameter_stands_for():
    assert native.resolve_threads(3) == 3
    assert native.resolve_threads(0) == len(os.sched_getaffinity(0))


def fitted(threads):
    matrix = sparse.random_array((300, 200), density=0.1, rng=np.random.default_rng(1))
    return ALS(factors=16, epochs=3, threads=threads).fit(matrix).item_factors_


def test_more_threads_than_cores_give_the_same():
    assert np.array_equal(fitted(1), fitted(16))


def test_calls_from_several_python_threads_at_once():
    expected, found = fitted(2), []
    threads = [threading.Thread(target=lambda: found.append(fitted(2))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(np.array_equal(one, expected) for one in found)


FORK = """
import os, sys
import numpy as np
from endcap.models.als import ALS
from scipy import sparse

def fit():
    matrix = sparse.random_array((300, 200), density=0.1, rng=np.random.default_rng(1))
    return ALS(factors=16, epochs=3, threads=2).fit(matrix).item_factors_.sum()

before = fit()
child = os.fork()
if child == 0:
    os._exit(0 if fit() == before else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_forked_child_has_a_pool_of_its_own():
    command = [sys.executable, "-W", "ignore", "-c", FORK]
    done = subprocess.run(command, check=False, timeout=60, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
