"""The best 20 items for every user, seen ones excluded, against implicit's `recommend`; and for one user.

    python benchmarks/top_k.py

Gowalla (29,858 users, 40,981 items), factors learned by ALS, 2 threads, the runs of all in turn. "single precision":
the screen in 8-bit integers switched off. Operations are those of the whole matrix product, 2 x users x items x
factors, so 8-bit integers and pruning may exceed the peak, which is that of single precision in registers.
"""

import time

import numpy as np
from common import alternate, print_table, skip, train_and_test
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

import endcap as ec
from endcap import native
from endcap.data.arrays import IndexLists, TopK
from endcap.data.interactions import Interactions

THREADS, K, FACTORS = 2, 20, (64, 128, 256)


def top_k(users, items, allowed, seen, *, threads=THREADS, int8=True):
    top = TopK(np.empty((len(users), K), np.int32), np.empty((len(users), K), np.float32))
    native.top_k_dense(users, items, allowed, *seen, *top, threads, int8)
    return top


def product(users, items):
    """Only the matrix product, by blocks that don't stay in any cache longer than needed."""
    out = np.empty((512, len(items)), np.float32)
    for start in range(0, len(users) - 511, 512):
        np.matmul(users[start : start + 512], items.T, out=out)


def main() -> None:
    try:
        from implicit.als import AlternatingLeastSquares
    except ImportError:
        skip("needs implicit: pip install implicit==0.7.3")
    train, _ = train_and_test("gowalla")
    for_peer, seen = csr_matrix(train), IndexLists.from_matrix(train)
    everyone, allowed = np.arange(train.shape[0]), np.arange(train.shape[1], dtype=np.int32)
    peak = native.peak_flops(0.5, THREADS)
    rows = []
    for factors in FACTORS:
        model = ec.ALS(factors=factors, epochs=4, threads=THREADS).fit(Interactions.from_matrix(train))
        users, items = np.ascontiguousarray(model.user_factors_), np.ascontiguousarray(model.item_factors_)
        peer = AlternatingLeastSquares(factors=factors, num_threads=THREADS)
        peer.user_factors, peer.item_factors = users, items
        answers = {}

        def keep(name, found, answers=answers):
            answers[name] = found

        def implicit(peer=peer, keep=keep):
            with threadpool_limits(1, "blas"):  # as implicit asks for
                keep("implicit", peer.recommend(everyone, for_peer, N=K)[0])

        times = alternate(
            {
                "implicit": implicit,
                "Endcap": lambda u=users, i=items, keep=keep: keep("Endcap", top_k(u, i, allowed, seen)),
                "Endcap, single precision": lambda u=users, i=items: top_k(u, i, allowed, seen, int8=False),
                "matrix product alone": lambda u=users, i=items: product(u, i),
            }
        )
        same = (answers["implicit"] == answers["Endcap"].items).mean()
        operations = 2.0 * users.shape[0] * items.shape[0] * factors
        base = times["implicit"]
        for name, (wall, cpu) in times.items():
            agreement = f"{same:.2%}" if name == "Endcap" else ""
            share = f"{operations / wall / peak:.0%}"
            rows.append([f"{factors}: {name}", wall, cpu, base[0] / wall, base[1] / cpu, share, agreement])
        one, own = users[:1].copy(), seen.take(np.array([0]))
        start = time.perf_counter()
        for _ in range(100):
            top_k(one, items, allowed, own, threads=1)
        rows.append([f"{factors}: Endcap, one user", (time.perf_counter() - start) / 100, "", "", "", "", ""])
    print(f"peak in single precision, {THREADS} threads: {peak / 1e9:.0f} GFLOP/s")
    print_table(["factors", "seconds", "CPU s", "faster", "CPU less", "of peak", "same items"], rows)


if __name__ == "__main__":
    main()
