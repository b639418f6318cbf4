// Which items are most alike, from who had to do with them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"

namespace endcap {

struct NeighboursArgs {
    std::size_t items;
    // The user x item matrix by user and by item (CSR and CSC), without explicit zeros.
    const std::int64_t* user_ptr;
    const std::int32_t* user_items;
    const float* user_values;
    const std::int64_t* item_ptr;
    const std::int32_t* item_users;
    const float* item_values;
    const float* norms;  // (items)
    float shrinkage;
    std::size_t k;
    // Out: (items, k) with the neighbours of each item in ascending order, and (items) how many there are.
    std::int32_t* neighbours;
    float* similarities;
    std::int32_t* counts;
    int threads;
};

}  // namespace endcap

// The k items with the highest similarity above zero to each item, itself excluded: the inner product of their
// columns, divided by (the product of their norms + shrinkage).
ENDCAP_KERNEL(void, neighbours, (const NeighboursArgs& args))
