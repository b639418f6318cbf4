#include "score_pairs.hpp"

#include <algorithm>
#include <vector>

#include "parallel.hpp"
#include "simd.hpp"

namespace endcap::ENDCAP_ISA {
namespace {

constexpr std::size_t kGrain = 32;
constexpr std::size_t kScanShare = 8;  // rows of which more than 1 / 8 was written are cleared as a whole

}  // namespace

void score_factors(const Asked& asked, const float* users, const float* items, std::size_t factors, int threads) {
    parallel_for(asked.queries, kGrain, threads, [&](std::size_t begin, std::size_t end, unsigned) {
        for (std::size_t q = begin; q < end; ++q)
            for (auto p = asked.ptr[q]; p < asked.ptr[q + 1]; ++p)
                asked.scores[p] = dot(users + q * factors, items + std::size_t(asked.items[p]) * factors, factors);
    });
}

void score_linear(const Asked& asked, const Histories& own, const float* weights, std::size_t items, int threads) {
    parallel_for(asked.queries, kGrain, threads, [&](std::size_t begin, std::size_t end, unsigned) {
        for (std::size_t q = begin; q < end; ++q) {
            std::fill(asked.scores + asked.ptr[q], asked.scores + asked.ptr[q + 1], 0.0f);
            for (auto t = own.ptr[q]; t < own.ptr[q + 1]; ++t) {
                const float* row = weights + std::size_t(own.items[t]) * items;
                const float value = own.values[t];
                for (auto p = asked.ptr[q]; p < asked.ptr[q + 1]; ++p) asked.scores[p] += value * row[asked.items[p]];
            }
        }
    });
}

void score_sparse(const Asked& asked, const Histories& own, const SparseWeights& weights, int threads) {
    std::vector<std::vector<float>> scratch(resolve_threads(threads));
    parallel_for(asked.queries, kGrain, threads, [&](std::size_t begin, std::size_t end, unsigned worker) {
        std::vector<float>& sums = scratch[worker];
        sums.resize(weights.items);
        for (std::size_t q = begin; q < end; ++q) {
            if (asked.ptr[q] == asked.ptr[q + 1]) continue;
            std::size_t additions = 0;
            for (auto t = own.ptr[q]; t < own.ptr[q + 1]; ++t) {
                const std::size_t i = std::size_t(own.items[t]);
                const std::int64_t first = weights.ptr[i], last = weights.ptr[i + 1];
                for (auto w = first; w < last; ++w) sums[weights.columns[w]] += own.values[t] * weights.values[w];
                additions += std::size_t(last - first);
            }
            for (auto p = asked.ptr[q]; p < asked.ptr[q + 1]; ++p) asked.scores[p] = sums[asked.items[p]];
            if (additions > weights.items / kScanShare) {
                std::fill(sums.begin(), sums.end(), 0.0f);
                continue;
            }
            for (auto t = own.ptr[q]; t < own.ptr[q + 1]; ++t) {
                const std::size_t i = std::size_t(own.items[t]);
                for (auto w = weights.ptr[i]; w < weights.ptr[i + 1]; ++w) sums[weights.columns[w]] = 0;
            }
        }
    });
}

}  // namespace endcap::ENDCAP_ISA
