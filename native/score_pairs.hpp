// The scores of some items for each of many queries, where the best k of all are not what is asked for.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"
#include "integers.hpp"

namespace endcap {

// Which items are to be scored for each query, and where their scores go: a list for each, one after the other.
struct Asked {
    std::size_t queries;
    const std::int64_t* ptr;    // (queries + 1)
    const std::int32_t* items;  // (ptr[queries])
    float* scores;              // (ptr[queries])
};

// Histories (queries x items), CSR.
struct Histories {
    const std::int64_t* ptr;
    const std::int32_t* items;
    const float* values;
};

struct SparseWeights {
    std::size_t items;
    Integers ptr;
    const std::int32_t* columns;
    const float* values;
};

}  // namespace endcap

// users (queries, factors) times items (items, factors).
ENDCAP_KERNEL(void, score_factors,
              (const Asked& asked, const float* users, const float* items, std::size_t factors, int threads))
// histories times weights (items, items), dense.
ENDCAP_KERNEL(void, score_linear,
              (const Asked& asked, const Histories& histories, const float* weights, std::size_t items, int threads))
// histories times weights, CSR.
ENDCAP_KERNEL(void, score_sparse,
              (const Asked& asked, const Histories& histories, const SparseWeights& weights, int threads))
