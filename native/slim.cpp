// Only products of columns are needed: those of the candidates with the item at the start, and a candidate's with all
// the others when its weight first becomes other than zero, which few ever do.
#include "slim.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "parallel.hpp"
#include "simd.hpp"

namespace endcap::ENDCAP_ISA {
namespace {

struct Problem {
    Problem(std::size_t items, std::size_t most)
        : place(new std::int32_t[items]), ahead(new float[most]), square(new float[most]), rows(most) {
        std::fill(place.get(), place.get() + items, -1);
    }
    std::unique_ptr<std::int32_t[]> place;       // of an item among the candidates, or -1
    std::unique_ptr<float[]> ahead;              // x_i . (x_j - X w) for each candidate i
    std::unique_ptr<float[]> square;             // x_i . x_i
    std::vector<std::unique_ptr<float[]>> rows;  // x_i . x_h for all candidates h, where it was needed
};

// out[h] = x_i . x_h for all candidates h.
void products(const SlimArgs& a, std::size_t i, const std::int32_t* place, float* out, std::size_t n) {
    std::fill(out, out + n, 0.0f);
    for (auto t = a.item_ptr[i]; t < a.item_ptr[i + 1]; ++t) {
        const float value = a.item_values[t];
        const std::int32_t u = a.item_users[t];
        for (auto s = a.user_ptr[u]; s < a.user_ptr[u + 1]; ++s) {
            const std::int32_t h = place[a.user_items[s]];
            if (h >= 0) out[h] += value * a.user_values[s];
        }
    }
}

float shrunk(float x, float by, bool positive) {
    if (x > by) return x - by;
    return x < -by && !positive ? x + by : 0;
}

void descend(const SlimArgs& a, const std::int32_t* candidates, std::size_t n, Problem& p, float* w) {
    std::fill(w, w + n, 0.0f);
    for (int round = 0; round < a.rounds; ++round) {
        float most = 0;
        for (std::size_t i = 0; i < n; ++i) {
            const float next = shrunk(p.ahead[i] + p.square[i] * w[i], a.l1, a.positive) / (p.square[i] + a.l2);
            const float change = next - w[i];
            if (change == 0) continue;
            if (!p.rows[i]) {
                p.rows[i].reset(new float[n]);
                products(a, std::size_t(candidates[i]), p.place.get(), p.rows[i].get(), n);
            }
            w[i] = next;
            const float* row = p.rows[i].get();
            float* ahead = p.ahead.get();
            for (std::size_t h = 0; h < n; ++h) ahead[h] -= change * row[h];
            most = std::max(most, change < 0 ? -change : change);
        }
        if (most <= a.tolerance) break;
    }
}

}  // namespace

void slim(const SlimArgs& a) {
    std::size_t most = 0;
    for (std::size_t j = 0; j < a.items; ++j)
        most = std::max(most, std::size_t(a.candidate_ptr[j + 1] - a.candidate_ptr[j]));
    std::vector<std::unique_ptr<Problem>> problems(resolve_threads(a.threads));
    parallel_for(a.items, 1, a.threads, [&](std::size_t begin, std::size_t end, unsigned worker) {
        auto& mine = problems[worker];
        if (!mine) mine.reset(new Problem(a.items, most));
        for (std::size_t j = begin; j < end; ++j) {
            const std::int32_t* candidates = a.candidate_items + a.candidate_ptr[j];
            const std::size_t n = std::size_t(a.candidate_ptr[j + 1] - a.candidate_ptr[j]);
            for (std::size_t i = 0; i < n; ++i) {
                mine->place[candidates[i]] = std::int32_t(i);
                const auto first = a.item_ptr[candidates[i]], last = a.item_ptr[candidates[i] + 1];
                mine->square[i] = dot(a.item_values + first, a.item_values + first, std::size_t(last - first));
            }
            products(a, j, mine->place.get(), mine->ahead.get(), n);
            descend(a, candidates, n, *mine, a.weights + a.candidate_ptr[j]);
            for (std::size_t i = 0; i < n; ++i) {
                mine->place[candidates[i]] = -1;
                mine->rows[i].reset();
            }
        }
    });
}

}  // namespace endcap::ENDCAP_ISA
