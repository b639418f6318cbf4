"""Run every benchmark in turn: `make bench`, or `python -m benchmarks`."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
NOT_A_BENCHMARK = {"__main__.py", "__init__.py", "common.py", "faults.py"}


def main() -> None:
    failed = []
    for file in sorted(HERE.glob("*.py")):
        if file.name in NOT_A_BENCHMARK:
            continue
        print(f"\n== {file.stem}\n", flush=True)
        if subprocess.run([sys.executable, str(file)], check=False).returncode != 0:
            failed.append(file.stem)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
