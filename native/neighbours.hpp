// Which things are most alike, from what they have in common: items from their users, users from their items.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"

namespace endcap {

struct NeighboursArgs {
    std::size_t rows, things;
    // What is asked, as vectors over features (CSR), and the things by feature; without explicit zeros.
    const std::int64_t* row_ptr;
    const std::int32_t* row_features;
    const float* row_values;
    const std::int64_t* feature_ptr;
    const std::int32_t* feature_things;
    const float* feature_values;
    const std::int32_t* own;  // (rows), the thing that a row is itself, which is left out; -1: none
    const float* left;        // (rows)
    const float* right;       // (things)
    bool over_union;
    float shrinkage;
    std::size_t k;
    // Out: (rows, k) with the neighbours of each row in ascending order, and (rows) how many there are.
    std::int32_t* neighbours;
    float* similarities;
    std::int32_t* counts;
    int threads;
};

}  // namespace endcap

// The k things with the highest similarity above zero to each row: the inner product p of their vectors, divided by
// left * right + shrinkage or, over the union, by left + right - p + shrinkage.
ENDCAP_KERNEL(void, neighbours, (const NeighboursArgs& args))
