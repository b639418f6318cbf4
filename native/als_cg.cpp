#include <algorithm>
#include <cstring>
#include <vector>

#include "als.hpp"
#include "gather.hpp"
#include "panels.hpp"
#include "parallel.hpp"

// Conjugate gradients for kBatch rows at once: the product with the Gram matrix, which all share, is then a product of
// two matrices (bound by arithmetic) and not of a matrix and a vector (bound by memory).
namespace endcap::ENDCAP_ISA {
namespace {

constexpr float kSolved = 1e-20f;  // squared residual below which a row is left as it is

struct Batch {
    const AlsProblem& problem;
    const float* panels;  // base * gram
    std::size_t first;
    int n;  // rows in use
    float *x, *r, *p, *ap, *transposed;

    std::size_t f() const { return problem.f; }

    // out_u += sum over u's entries of (add + extra * (one - sign * (v_u . y_i))) y_i
    void add_entries(int u, float add, float one, float sign, const float* v, float* out) const {
        const AlsProblem& a = problem;
        for (std::int64_t e = a.indptr[first + u], end = a.indptr[first + u + 1]; e < end; e += kLanes) {
            const float* row[kLanes];
            const int count = row_addresses(a.y, a.f, a.indices + e, end - e, row);
            float extra[kLanes] = {}, t[kLanes];
            std::memcpy(extra, a.extra + e, count * sizeof(float));
            store(t, add + load(extra) * (one - sign * dots(row, count, v, a.f)));
            add_rows(row, count, t, a.f, out);
        }
    }

    // out = (base * gram + ridge) v for all rows, by the matrix product.
    void multiply(const float* v, float* out) const {
        transpose_batch(v, f(), transposed);
        multiply_batch(transposed, panels, f(), out);
        for (int u = 0; u < n; ++u) {
            const float ridge = problem.ridge[first + u];
            for (std::size_t c = u * f(); c < (u + 1) * f(); c += kLanes)
                store(out + c, load(out + c) + ridge * load(v + c));
        }
    }

    // out[u] = a_u . b_u
    void inner(const float* a, const float* b, float* out) const {
        for (int u = 0; u < kBatch; u += kLanes) {
            vfloat acc[kLanes] = {};
            for (std::size_t c = 0; c < f(); c += kLanes)
#pragma GCC unroll 16
                for (int j = 0; j < kLanes; ++j) acc[j] += load(a + (u + j) * f() + c) * load(b + (u + j) * f() + c);
            store(out + u, sums(acc));
        }
    }

    void solve(int steps) {
        float rr[kBatch], next[kBatch], pap[kBatch];
        multiply(x, r);
        for (int u = 0; u < n; ++u) {
            float* ru = r + u * f();
            for (std::size_t c = 0; c < f(); c += kLanes) store(ru + c, -load(ru + c));
            add_entries(u, problem.base, 1, 1, x + u * f(), ru);
        }
        std::memcpy(p, r, kBatch * f() * sizeof(float));
        inner(r, r, rr);
        for (int step = 0; step < steps; ++step) {
            multiply(p, ap);
            for (int u = 0; u < n; ++u) add_entries(u, 0, 0, -1, p + u * f(), ap + u * f());
            inner(p, ap, pap);
            for (int u = 0; u < n; ++u) {
                const float alpha = rr[u] > kSolved ? rr[u] / pap[u] : 0;
                for (std::size_t c = u * f(); c < (u + 1) * f(); c += kLanes) {
                    store(x + c, load(x + c) + alpha * load(p + c));
                    store(r + c, load(r + c) - alpha * load(ap + c));
                }
            }
            if (step + 1 == steps) break;
            inner(r, r, next);
            for (int u = 0; u < n; ++u) {
                const float beta = rr[u] > kSolved ? next[u] / rr[u] : 0;
                rr[u] = next[u];
                for (std::size_t c = u * f(); c < (u + 1) * f(); c += kLanes)
                    store(p + c, load(r + c) + beta * load(p + c));
            }
        }
    }
};

}  // namespace

void als_cg(const AlsProblem& problem, const float* gram, int steps, float* x, int threads) {
    const std::size_t f = problem.f, size = kBatch * f;
    Scratch scaled(f * f), panels(f * f);
    for (std::size_t i = 0; i < f * f; i += kLanes) store(scaled + i, problem.base * load(gram + i));
    to_panels(scaled, f, panels);
    const std::size_t batches = (problem.rows + kBatch - 1) / kBatch;
    parallel_for(batches, 4, threads, [&](std::size_t begin, std::size_t end, unsigned) {
        Scratch room(5 * size);
        for (std::size_t b = begin; b < end; ++b) {
            const std::size_t first = b * kBatch, n = std::min<std::size_t>(kBatch, problem.rows - first);
            std::memset(room, 0, 5 * size * sizeof(float));
            Batch batch{problem,     panels,          first,           int(n),         room,
                        room + size, room + 2 * size, room + 3 * size, room + 4 * size};
            std::memcpy(batch.x, x + first * f, n * f * sizeof(float));
            for (std::size_t u = 0; u < n; ++u)
                if (problem.indptr[first + u] == problem.indptr[first + u + 1])
                    std::memset(batch.x + u * f, 0, f * sizeof(float));  // nothing observed: exactly zero
            batch.solve(steps);
            std::memcpy(x + first * f, batch.x, n * f * sizeof(float));
        }
    });
}

}  // namespace endcap::ENDCAP_ISA
