#include <algorithm>
#include <cstring>

#include "als.hpp"
#include "gather.hpp"
#include "parallel.hpp"

// With the other side's factors in the axes of their Gram matrix, that matrix is a diagonal: a step needs no dense
// product, and the diagonal plus the row's ridge preconditions the step (two such steps come as far as three plain
// ones). Rows are solved a few at a time: as many as leave what they need in the nearest cache, and more than one so
// that the processor has something to do while it waits for a row's sums.
namespace endcap::ENDCAP_ISA {
namespace {

constexpr std::size_t kAtOnceMax = 4, kAtOnceFloats = 256;
constexpr float kSolved = 1e-20f;  // squared residual below which a row is left as it is

struct Rows {
    const AlsProblem& problem;
    const float* spectrum;  // base * squared norm of each column of y
    std::size_t f;
    float *room, *x;
    std::size_t first = 0, n = 0;

    float* residual(std::size_t u) const { return room + u * 3 * f; }
    float* direction(std::size_t u) const { return residual(u) + f; }
    float* product(std::size_t u) const { return residual(u) + 2 * f; }
    float* solution(std::size_t u) const { return x + (first + u) * f; }
    vfloat diagonal(std::size_t u, std::size_t c) const { return load(spectrum + c) + problem.ridge[first + u]; }

    // out += sum over u's entries of (add + extra * (one + sign * (v . y_i))) y_i
    void add_entries(std::size_t u, float add, float one, float sign, const float* v, float* out) const {
        const std::int64_t end = problem.indptr[first + u + 1];
        for (std::int64_t e = problem.indptr[first + u]; e < end; e += kLanes) {
            const float* row[kLanes];
            const int count = row_addresses(problem.y, f, problem.indices + e, end - e, row);
            float extra[kLanes] = {}, t[kLanes];
            std::memcpy(extra, problem.extra + e, count * sizeof(float));
            store(t, add + load(extra) * (one + sign * dots(row, count, v, f)));
            add_rows(row, count, t, f, out);
        }
    }

    // Returns the preconditioned square of the residual.
    float start(std::size_t u) const {
        const float* x = solution(u);
        float *r = residual(u), *p = direction(u);
        for (std::size_t c = 0; c < f; c += kLanes) store(r + c, -diagonal(u, c) * load(x + c));
        add_entries(u, problem.base, 1, -1, x, r);
        vfloat s{};
        for (std::size_t c = 0; c < f; c += kLanes) {
            const vfloat z = load(r + c) / diagonal(u, c);
            store(p + c, z);
            s += z * load(r + c);
        }
        return total(s);
    }

    // Returns the direction's square in the matrix.
    float multiply(std::size_t u) const {
        const float* p = direction(u);
        float* ap = product(u);
        for (std::size_t c = 0; c < f; c += kLanes) store(ap + c, diagonal(u, c) * load(p + c));
        add_entries(u, 0, 0, 1, p, ap);
        vfloat s{};
        for (std::size_t c = 0; c < f; c += kLanes) s += load(p + c) * load(ap + c);
        return total(s);
    }

    // Goes alpha along the direction; returns the new residual's square.
    float step(std::size_t u, float alpha) const {
        float *x = solution(u), *r = residual(u), *p = direction(u), *ap = product(u);
        vfloat s{};
        for (std::size_t c = 0; c < f; c += kLanes) {
            store(x + c, load(x + c) + alpha * load(p + c));
            const vfloat v = load(r + c) - alpha * load(ap + c), z = v / diagonal(u, c);
            store(r + c, v);
            store(ap + c, z);
            s += v * z;
        }
        return total(s);
    }

    void turn(std::size_t u, float beta) const {
        float *p = direction(u), *z = product(u);
        for (std::size_t c = 0; c < f; c += kLanes) store(p + c, load(z + c) + beta * load(p + c));
    }

    void solve(int steps) const {
        float square[kAtOnceMax], curvature[kAtOnceMax];
        for (std::size_t u = 0; u < n; ++u) square[u] = start(u);
        for (int s = 1;; ++s) {
            for (std::size_t u = 0; u < n; ++u) curvature[u] = multiply(u);
            for (std::size_t u = 0; u < n; ++u) {
                const bool going = square[u] > kSolved;
                const float next = step(u, going ? square[u] / curvature[u] : 0);
                if (s < steps) turn(u, going ? next / square[u] : 0);
                square[u] = next;
            }
            if (s == steps) return;
        }
    }
};

}  // namespace

void als_cg(const AlsProblem& problem, const float* spectrum, int steps, float* x, int threads) {
    const std::size_t f = problem.f, at_once = std::clamp<std::size_t>(kAtOnceFloats / f, 1, kAtOnceMax);
    Scratch scaled(f);
    for (std::size_t c = 0; c < f; c += kLanes) store(scaled + c, problem.base * load(spectrum + c));
    parallel_for(problem.rows, 32, threads, [&](std::size_t begin, std::size_t end, unsigned) {
        Scratch room(3 * f * at_once);
        Rows rows{problem, scaled, f, room, x};
        for (std::size_t u = begin; u < end; u += at_once) {
            rows.first = u;
            rows.n = std::min(at_once, end - u);
            for (std::size_t v = 0; v < rows.n; ++v)
                if (problem.indptr[u + v] == problem.indptr[u + v + 1])
                    std::memset(rows.solution(v), 0, f * sizeof(float));  // nothing observed: exactly zero
            rows.solve(steps);
        }
    });
}

}  // namespace endcap::ENDCAP_ISA
