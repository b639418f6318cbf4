"""ALS against implicit's: epoch time at equal objective, share of the machine's peak, memory of a fit.

    python benchmarks/als.py [--data gowalla,ml1m] [--factors 64,128,256] [--solver cg,cholesky] [--part epoch,memory]

Both minimise the same objective (Hu et al. 2008: confidence 40 for what was observed and 1 for the rest, constant
regularisation 0.01), both on two threads: a fit of ours, one of implicit's, another of ours, and the median epoch of
each; ours with one and with two (the default) of its preconditioned steps of conjugate gradients, implicit's with its
three. The objective is that of the items after 15 epochs, with users solved for exactly in both cases.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from functools import partial

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as implicit asks for

import numpy as np
from common import print_table, read, skip, train_and_test
from scipy import sparse

import endcap as ec
from endcap import native
from endcap.data.interactions import Interactions

THREADS, EPOCHS = 2, 15
CONFIDENCE, REGULARIZATION = 40.0, 0.01


def matrix_of(name):
    if name == "gowalla":
        return train_and_test(name)[0]
    table = read(name)
    users, items = (np.unique(table[c].to_numpy(), return_inverse=True)[1] for c in ("user_id", "item_id"))
    return sparse.csr_array((np.ones(len(users), np.float32), (users, items)))


def ours(factors, solver, epochs, steps=2):
    return ec.ALS(
        factors=factors,
        solver=solver,
        cg_steps=steps,
        epochs=epochs,
        confidence="constant",
        unobserved_weight=1.0,
        alpha=CONFIDENCE - 1,
        regularization=REGULARIZATION,
        frequency_scaling=0.0,
        threads=THREADS,
    )


def peer(factors, solver, epochs):
    try:
        from implicit.cpu.als import AlternatingLeastSquares
    except ImportError:
        skip("needs implicit: pip install implicit==0.7.3")
    return AlternatingLeastSquares(
        factors=factors,
        alpha=CONFIDENCE,
        regularization=REGULARIZATION,
        use_cg=solver == "cg",
        iterations=epochs,
        num_threads=THREADS,
        random_state=0,
    )


def epoch_times(model, data):
    """Fit one of ours; return the model and the seconds of each epoch."""
    told = []
    model.fit(data, progress=lambda _what, _share: told.append(time.perf_counter()))
    return model, np.diff(told[: model.epochs])


def objective(model, data, items):
    """The objective at the best users for given item factors."""
    wide = np.zeros((len(items), -(-items.shape[1] // 16) * 16), np.float32)
    wide[:, : items.shape[1]] = items
    model._turn(wide)
    users = np.zeros((data.shape[0], wide.shape[1]), np.float32)
    entries = data.matrix
    native.als_cholesky(
        wide,
        entries.indptr.astype(np.int64),
        entries.indices.astype(np.int32),
        np.full(data.nnz, CONFIDENCE - 1, np.float32),
        1.0,
        np.full(len(users), REGULARIZATION, np.float32),
        np.einsum("if,if->f", wide, wide),
        None,
        users,
        THREADS,
    )
    rows = np.repeat(np.arange(data.shape[0]), np.diff(entries.indptr))
    total = 0.0
    for part in np.array_split(np.arange(data.nnz), 50):
        s = np.einsum("ef,ef->e", users[rows[part]], wide[entries.indices[part]], dtype=np.float64)
        total += float((CONFIDENCE * (1 - s) ** 2 - s**2).sum())
    x, y = users.astype(np.float64), wide.astype(np.float64)
    return total + float(((x.T @ x) * (y.T @ y)).sum() + REGULARIZATION * ((x**2).sum() + (y**2).sum()))


def useful_flops(model, data):
    """Operations that an epoch can't do without, by the algorithm in use; a multiplication and an addition count 2."""
    f, both = model.factors, sum(data.shape)
    counts = [np.diff(data.matrix.indptr), np.bincount(data.matrix.indices, minlength=data.shape[1])]
    n = np.concatenate(counts).astype(float)
    if model.solver == "cg":
        return both * f * f * (1 + 4) + 4 * n.sum() * f * (model.cg_steps + 1)
    return both * f * f * (1 + 2) + np.where(n < f, n * n * f + n**3 / 3, n * f * f + f**3 / 3).sum()


def note(times, _iteration, seconds, *_loss):
    times.append(seconds)


def compare_epochs(names, factors, solvers):
    header = ["data", "solver", "steps", "factors", "implicit s", "Endcap s", "ratio", "objective", "of peak %"]
    rows: list[list[object]] = []
    for name in names:
        data = Interactions.from_matrix(matrix_of(name))
        theirs_data = sparse.csr_matrix(data.matrix)
        for solver, steps in [(s, n) for s in solvers for n in ((1, 2) if s == "cg" else (2,))]:
            for f in factors:
                peak = native.peak_flops(0.5, THREADS)
                theirs, own = peer(f, solver, EPOCHS), ours(f, solver, EPOCHS, steps)
                their_times = []
                own_times = list(epoch_times(own, data)[1])
                theirs.fit(theirs_data, show_progress=False, callback=partial(note, their_times))
                own_times.extend(epoch_times(own, data)[1])
                a, b = statistics.median(their_times), statistics.median(own_times)
                ratio = objective(own, data, own.item_factors_) / objective(own, data, np.asarray(theirs.item_factors))
                share = 100 * useful_flops(own, data) / b / peak
                rows.append(
                    [
                        name,
                        solver,
                        steps if solver == "cg" else "",
                        f,
                        a,
                        b,
                        a / b,
                        f"{100 * (ratio - 1):+.3f} %",
                        share,
                    ]
                )
                print(*rows[-1], file=sys.stderr)
    print_table(header, rows)


def memory_of(which, name, f):
    """Print by how much a fit's peak exceeds what was in use before, MB."""
    import psutil

    data = Interactions.from_matrix(matrix_of(name))
    theirs_data = sparse.csr_matrix(data.matrix)
    model = ours(f, "cg", 2) if which == "Endcap" else peer(f, "cg", 2)
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak starts anew
    before = psutil.Process().memory_info().rss
    model.fit(data) if which == "Endcap" else model.fit(theirs_data, show_progress=False)
    with open("/proc/self/status") as file:
        peak = next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))
    print((peak - before) / 1e6)


def compare_memory(names, factors):
    rows = []
    for name in names:
        for f in factors:
            used = [
                float(
                    subprocess.run(
                        [sys.executable, __file__, "--memory-of", which, "--data", name, "--factors", str(f)],
                        check=True,
                        capture_output=True,
                        text=True,
                    ).stdout.split()[-1]
                )
                for which in ("implicit", "Endcap")
            ]
            rows.append([name, f, *used, used[1] / used[0]])
    print_table(["data", "factors", "implicit MB", "Endcap MB", "share"], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="gowalla,ml1m")
    parser.add_argument("--factors", default="64,128,256")
    parser.add_argument("--solver", default="cg,cholesky")
    parser.add_argument("--part", default="epoch,memory")
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    names, factors = chosen.data.split(","), [int(f) for f in chosen.factors.split(",")]
    if chosen.memory_of:
        memory_of(chosen.memory_of, names[0], factors[0])
        return
    if "epoch" in chosen.part:
        compare_epochs(names, factors, chosen.solver.split(","))
    if "memory" in chosen.part:
        print()
        compare_memory(names, factors)


if __name__ == "__main__":
    main()
