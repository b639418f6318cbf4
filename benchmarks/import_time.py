"""How long `import endcap` takes, against a bare import of what it stands on.

    python benchmarks/import_time.py

Each import runs in a fresh interpreter, in turn; the time of an empty interpreter is taken off. The second line imports
all that Endcap's library offers, which happens name by name when it is first used.
"""

import statistics
import subprocess
import sys
import time

RUNS = 9
BARE = "import numpy, scipy.sparse, polars"
CASES = {
    "import endcap": "import endcap",
    "import endcap, and every name in it": "import endcap as ec\nfor name in dir(ec): getattr(ec, name)",
}


def seconds(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def main() -> None:
    times: dict[str, list[float]] = {code: [] for code in ("pass", BARE, *CASES.values())}
    for code in times:
        seconds(code)  # the first reads the files from disk
    for _ in range(RUNS):
        for code, measured in times.items():
            measured.append(seconds(code))
    nothing = statistics.median(times["pass"])
    bare = statistics.median(times[BARE]) - nothing
    print(f"{'what':<40} {'seconds':>8} {'ratio':>6}   (medians of {RUNS})")
    print(f"{BARE:<40} {bare:>8.3f} {1:>6.2f}")
    for what, code in CASES.items():
        own = statistics.median(times[code]) - nothing
        print(f"{what:<40} {own:>8.3f} {own / bare:>6.2f}")


if __name__ == "__main__":
    main()
