// A score is summed in the order of the history. For few queries, rows of the weights are streamed through, block by
// block. For many, the weights are taken in panels of a few columns, copied so that a row of the panel is contiguous
// and the panel stays in the cache while it serves all queries; a query's sums stay in registers.
#include "top_k_linear.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "best_k.hpp"
#include "parallel.hpp"
#include "simd.hpp"

namespace endcap::ENDCAP_ISA {
namespace {

constexpr std::size_t kBlock = 2048;            // columns at once for few queries: sums in the first-level cache
constexpr std::size_t kVectors = 128 / kLanes;  // of a panel's row
constexpr std::size_t kPanel = kVectors * kLanes;
constexpr std::size_t kFewQueries = 32;        // for fewer, copying panels costs more than it saves
constexpr std::size_t kManyQueries = 1 << 16;  // at once, for the memory of their lists

void offer(const TopKLinearArgs& a, std::size_t query, Scored x, BestK& best) {
    if (best.admits(x) &&
        !contains(a.exclude_items + a.exclude_ptr[query], a.exclude_items + a.exclude_ptr[query + 1], x.item))
        best.add(x);
}

void add_scaled(float* sums, const float* row, float weight, std::size_t n) {
    std::size_t j = 0;
    for (; j + kLanes <= n; j += kLanes) store(sums + j, load(sums + j) + load(row + j) * broadcast(weight));
    for (; j < n; ++j) sums[j] += row[j] * weight;
}

void one_query(const TopKLinearArgs& a, std::size_t query, float* sums, BestK& best) {
    const std::int64_t begin = a.history_ptr[query], end = a.history_ptr[query + 1];
    for (std::size_t c = 0; c < a.candidates && begin < end;) {
        const std::size_t first = std::size_t(a.candidate_items[c]), width = std::min(kBlock, a.items - first);
        std::fill(sums, sums + width, 0.0f);
        for (std::int64_t t = begin; t < end; ++t)
            add_scaled(sums, a.weights + std::size_t(a.history_items[t]) * a.items + first, a.history_values[t], width);
        for (; c < a.candidates && std::size_t(a.candidate_items[c]) < first + width; ++c) {
            const Scored x{sums[std::size_t(a.candidate_items[c]) - first], a.candidate_items[c]};
            if (x.score >= best.threshold()) offer(a, query, x, best);
        }
    }
}

void few_queries(const TopKLinearArgs& a) {
    struct Scratch {
        std::unique_ptr<float[]> sums;
        std::unique_ptr<Scored[]> places;
    };
    std::vector<Scratch> scratch(resolve_threads(a.threads));
    parallel_for(a.queries, 1, a.threads, [&](std::size_t query, std::size_t, unsigned worker) {
        Scratch& mine = scratch[worker];
        if (!mine.sums)
            mine = {std::unique_ptr<float[]>(new float[kBlock]), std::unique_ptr<Scored[]>(new Scored[a.k])};
        BestK best(mine.places.get(), a.k);
        best.clear();
        one_query(a, query, mine.sums.get(), best);
        best.write(a.top_items + query * a.k, a.top_scores + query * a.k);
    });
}

void one_panel(const TopKLinearArgs& a, std::size_t query, const float* panel, std::size_t first, BestK best) {
    vfloat sums[kVectors] = {};
    for (std::int64_t t = a.history_ptr[query]; t < a.history_ptr[query + 1]; ++t) {
        const float* row = panel + std::size_t(a.history_items[t]) * kPanel;
        const vfloat weight = broadcast(a.history_values[t]);
        for (std::size_t v = 0; v < kVectors; ++v) sums[v] += load(row + v * kLanes) * weight;
    }
    const vfloat threshold = broadcast(best.threshold());
    for (std::size_t v = 0; v < kVectors; ++v)
        for (unsigned passed = lanes_ge(sums[v], threshold); passed; passed &= passed - 1) {
            const std::size_t lane = std::size_t(__builtin_ctz(passed)), c = first + v * kLanes + lane;
            if (c < a.candidates) offer(a, query, {sums[v][lane], a.candidate_items[c]}, best);
        }
}

void many_queries(const TopKLinearArgs& a, std::size_t begin, std::size_t end, float* panel, Scored* places) {
    for (std::size_t q = begin; q < end; ++q) BestK(places + (q - begin) * a.k, a.k).clear();
    for (std::size_t first = 0; first < a.candidates; first += kPanel) {
        const std::size_t width = std::min(kPanel, a.candidates - first);
        const std::int32_t* columns = a.candidate_items + first;
        const bool together = std::size_t(columns[width - 1] - columns[0]) == width - 1;
        parallel_for(a.items, 512, a.threads, [&](std::size_t from, std::size_t to, unsigned) {
            for (std::size_t i = from; i < to; ++i) {
                const float* row = a.weights + i * a.items;
                float* to_row = panel + i * kPanel;
                if (together)
                    std::memcpy(to_row, row + columns[0], width * sizeof(float));
                else
                    for (std::size_t c = 0; c < width; ++c) to_row[c] = row[columns[c]];
                std::fill(to_row + width, to_row + kPanel, 0.0f);
            }
        });
        parallel_for(end - begin, 256, a.threads, [&](std::size_t from, std::size_t to, unsigned) {
            for (std::size_t q = begin + from; q < begin + to; ++q)
                if (a.history_ptr[q] < a.history_ptr[q + 1])
                    one_panel(a, q, panel, first, BestK(places + (q - begin) * a.k, a.k));
        });
    }
    for (std::size_t q = begin; q < end; ++q)
        BestK(places + (q - begin) * a.k, a.k).write(a.top_items + q * a.k, a.top_scores + q * a.k);
}

}  // namespace

void top_k_linear(const TopKLinearArgs& a) {
    if (a.queries <= kFewQueries) return few_queries(a);
    const std::unique_ptr<float[]> panel(new float[a.items * kPanel]);
    const std::unique_ptr<Scored[]> places(new Scored[std::min(a.queries, kManyQueries) * a.k]);
    for (std::size_t q = 0; q < a.queries; q += kManyQueries)
        many_queries(a, q, std::min(a.queries, q + kManyQueries), panel.get(), places.get());
}

}  // namespace endcap::ENDCAP_ISA
