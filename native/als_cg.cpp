#include <algorithm>
#include <cstring>

#include "als.hpp"
#include "gather.hpp"
#include "parallel.hpp"

// With the other side's factors in the axes of their Gram matrix, that matrix is a diagonal: a step needs no dense
// product, and the diagonal with the row's ridge is a good preconditioner (two such steps come as far as three plain
// ones). So rows are solved one by one, while what they need is in the nearest cache.
namespace endcap::ENDCAP_ISA {
namespace {

constexpr float kSolved = 1e-20f;  // squared residual below which a row is left as it is

struct Row {
    const AlsProblem& problem;
    const float* spectrum;  // base * squared norm of each column of y
    std::size_t f;
    float *diagonal, *inverse, *residual, *direction, *product;

    // out += sum over the entries of (base + extra * (1 - v . y_i)) y_i for the start, of (extra * (v . y_i)) y_i after
    template <bool Start>
    void add_entries(std::int64_t begin, std::int64_t end, const float* v, float* out) const {
        EntryBlocks blocks(problem.indices, problem.extra, problem.indptr[problem.rows]);
        for (std::int64_t e = begin; e < end; e += kLanes) {
            const Entries entries = blocks.at(e, end);
            const vfloat extra = load(entries.extra), dot = dots(problem.y, f, entries, v);
            float t[kLanes];
            store(t, Start ? problem.base + extra * (1 - dot) : extra * dot);
            add_rows(problem.y, f, entries.indices, entries.count, t, out);
        }
    }

    // Returns the preconditioned square of the residual.
    float start(std::int64_t begin, std::int64_t end, float ridge, const float* prior, const float* x) const {
        for (std::size_t c = 0; c < f; c += kLanes) {
            const vfloat d = load(spectrum + c) + ridge;
            store(diagonal + c, d);
            store(inverse + c, 1 / d);
            store(residual + c, (prior ? ridge * load(prior + c) : vfloat{}) - d * load(x + c));
        }
        add_entries<true>(begin, end, x, residual);
        vfloat s{};
        for (std::size_t c = 0; c < f; c += kLanes) {
            const vfloat r = load(residual + c), z = load(inverse + c) * r;
            store(direction + c, z);
            s += z * r;
        }
        return total(s);
    }

    // Returns the direction's square in the row's matrix.
    float multiply(std::int64_t begin, std::int64_t end) const {
        for (std::size_t c = 0; c < f; c += kLanes) store(product + c, load(diagonal + c) * load(direction + c));
        add_entries<false>(begin, end, direction, product);
        vfloat s{};
        for (std::size_t c = 0; c < f; c += kLanes) s += load(direction + c) * load(product + c);
        return total(s);
    }

    void solve(std::int64_t begin, std::int64_t end, float ridge, const float* prior, int steps, float* x) const {
        float square = start(begin, end, ridge, prior, x);
        for (int step = 0; step < steps && square > kSolved; ++step) {
            const float alpha = square / multiply(begin, end);
            vfloat s{};
            for (std::size_t c = 0; c < f; c += kLanes) {
                store(x + c, load(x + c) + alpha * load(direction + c));
                const vfloat r = load(residual + c) - alpha * load(product + c);
                store(residual + c, r);
                s += r * load(inverse + c) * r;
            }
            const float next = total(s), beta = next / square;
            square = next;
            for (std::size_t c = 0; c < f; c += kLanes)
                store(direction + c, load(inverse + c) * load(residual + c) + beta * load(direction + c));
        }
    }
};

}  // namespace

void als_cg(const AlsProblem& problem, const float* spectrum, int steps, float* x, int threads) {
    const std::size_t f = problem.f;
    Scratch scaled(f);
    for (std::size_t c = 0; c < f; c += kLanes) store(scaled + c, problem.base * load(spectrum + c));
    parallel_for(problem.rows, 32, threads, [&](std::size_t begin, std::size_t end, unsigned) {
        Scratch room(5 * f);
        const Row row{problem, scaled, f, room, room + f, room + 2 * f, room + 3 * f, room + 4 * f};
        for (std::size_t u = begin; u < end; ++u) {
            const float* prior = problem.prior ? problem.prior + u * f : nullptr;
            if (problem.indptr[u] < problem.indptr[u + 1])
                row.solve(problem.indptr[u], problem.indptr[u + 1], problem.ridge[u], prior, steps, x + u * f);
            else
                start_from(prior, f, x + u * f);  // nothing observed: exactly the prior
        }
    });
}

}  // namespace endcap::ENDCAP_ISA
