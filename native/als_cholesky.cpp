#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "als.hpp"
#include "cholesky.hpp"
#include "gather.hpp"
#include "panels.hpp"
#include "parallel.hpp"

// With the other side's factors in the axes of their Gram matrix, the part of a row's equations that all rows share is
// a diagonal M, whatever the row's ridge. So the smaller of two systems can be solved exactly: with W = sqrt(extra) y_i
// as rows, (M + W^T W) x = b of size f, or, for a row with n < f entries, by the identity
//   (M + W^T W)^-1 W^T = M^-1 W^T (I + W M^-1 W^T)^-1,
// one of size n whose eigenvalues are 1 and above.
namespace endcap::ENDCAP_ISA {
namespace {

constexpr std::size_t kBlock = 128;  // entries gathered at once into panels

struct Row {
    const AlsProblem& problem;
    const float* spectrum;  // base * squared norm of each column of y
    float *w, *a, *diagonal, *b, *t;

    void primal(const std::int32_t* indices, const float* extra, std::int64_t n, float ridge, const float* prior,
                float* x) {
        const std::size_t f = problem.f;
        std::memset(a, 0, f * f * sizeof(float));
        for (std::size_t c = 0; c < f; ++c) a[c / kLanes * kLanes * f + c * kLanes + c % kLanes] = spectrum[c] + ridge;
        start_from(prior, f, b);
        for (std::size_t c = 0; c < f; ++c) b[c] *= ridge;
        for (std::int64_t e = 0; e < n; e += kBlock) {
            const std::size_t block = std::min<std::int64_t>(kBlock, n - e);
            for (std::size_t k = 0; k < block; ++k) {
                const float* y = problem.y + std::size_t(indices[e + k]) * f;
                const float scale = std::sqrt(extra[e + k]);
                t[k] = problem.base + extra[e + k];
                for (std::size_t c = 0; c < f; c += kLanes) store(w + c * kBlock + k * kLanes, scale * load(y + c));
            }
            add_rows(problem.y, f, indices + e, int(block), t, b);
            add_square(w, kBlock * kLanes, block, f, a);
        }
        factorize(a, f, diagonal);
        solve(a, f, diagonal, b);
        std::memcpy(x, b, f * sizeof(float));
    }

    void dual(const std::int32_t* indices, const float* extra, std::int64_t n, float ridge, const float* prior,
              float* x) {
        const std::size_t f = problem.f, size = round_up(n, kLanes);
        float* scale = t;
        for (std::size_t k = 0; k < size; ++k) scale[k] = k < std::size_t(n) ? std::sqrt(extra[k]) : 0;
        float* root = diagonal;  // of M^-1, only needed before the factorisation
        for (std::size_t c = 0; c < f; ++c) root[c] = 1 / std::sqrt(spectrum[c] + ridge);
        for (std::size_t i = 0; i < size; i += kLanes) {
            const float* row[kLanes];  // beyond the n-th: any, as their scale is zero
            for (std::size_t j = 0; j < kLanes; ++j)
                row[j] = problem.y + std::size_t(indices[i + j < std::size_t(n) ? i + j : 0]) * f;
            for (std::size_t c = 0; c < f; c += kLanes) {
                vfloat v[kLanes];
                const vfloat m = load(root + c);
#pragma GCC unroll 16
                for (int j = 0; j < kLanes; ++j) v[j] = (scale[i + j] * m) * load(row[j] + c);
                transpose(v);
#pragma GCC unroll 16
                for (int j = 0; j < kLanes; ++j) store(w + i * f + (c + j) * kLanes, v[j]);
            }
        }
        std::memset(a, 0, size * size * sizeof(float));
        for (std::size_t k = 0; k < size; ++k) a[k / kLanes * kLanes * size + k * kLanes + k % kLanes] = 1;
        add_square(w, f * kLanes, f, size, a);
        for (std::size_t k = 0; k < size; ++k) b[k] = k < std::size_t(n) ? (problem.base + extra[k]) / scale[k] : 0;
        if (prior) {
            for (std::size_t c = 0; c < f; ++c) x[c] = ridge * prior[c] / (spectrum[c] + ridge);
            for (std::int64_t k = 0; k < n; ++k) b[k] -= scale[k] * dot(problem.y + std::size_t(indices[k]) * f, x, f);
        }
        factorize(a, size, diagonal);
        solve(a, size, diagonal, b);
        for (std::int64_t k = 0; k < n; ++k) b[k] *= scale[k];
        start_from(prior, f, x);
        for (std::size_t c = 0; c < f; ++c) x[c] *= ridge;
        add_rows(problem.y, f, indices, int(n), b, x);
        for (std::size_t c = 0; c < f; c += kLanes) store(x + c, load(x + c) / (load(spectrum + c) + ridge));
    }
};

}  // namespace

void als_cholesky(const AlsProblem& problem, const float* spectrum, float* x, int threads) {
    const std::size_t f = problem.f, longest = std::max(f, kBlock);
    Scratch scaled(f);
    for (std::size_t c = 0; c < f; c += kLanes) store(scaled + c, problem.base * load(spectrum + c));
    parallel_for(problem.rows, 16, threads, [&](std::size_t begin, std::size_t end, unsigned) {
        Scratch room(longest * f + f * f + 3 * longest);
        float* a = room + longest * f;
        float* vectors = a + f * f;
        Row row{problem, scaled, room, a, vectors, vectors + longest, vectors + 2 * longest};
        for (std::size_t u = begin; u < end; ++u) {
            const std::int64_t e = problem.indptr[u], n = problem.indptr[u + 1] - e;
            float* xu = x + u * f;
            const float* prior = problem.prior ? problem.prior + u * f : nullptr;
            if (n == 0)
                start_from(prior, f, xu);
            else if (round_up(n, kLanes) <= f)
                row.dual(problem.indices + e, problem.extra + e, n, problem.ridge[u], prior, xu);
            else
                row.primal(problem.indices + e, problem.extra + e, n, problem.ridge[u], prior, xu);
        }
    });
}

}  // namespace endcap::ENDCAP_ISA
