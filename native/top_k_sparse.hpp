// The best items for histories, by sparse item-item weights.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"
#include "integers.hpp"

namespace endcap {

struct TopKSparseArgs {
    std::size_t queries, items;
    // Histories (queries x items) and weights (items x items), CSR.
    const std::int64_t* history_ptr;
    const std::int32_t* history_items;
    const float* history_values;
    Integers weight_ptr;
    const std::int32_t* weight_items;
    const float* weight_values;
    // A list of items that may not be answered for each query.
    const std::int64_t* exclude_ptr;
    const std::int32_t* exclude_items;
    const std::uint8_t* allowed;  // (items) whether an item may be answered, or null: all may
    std::size_t k;
    // Out: (queries, k), best first, -1 and 0 after the last item with a score above zero.
    std::int32_t* top_items;
    float* top_scores;
    int threads;
};

}  // namespace endcap

// The k columns of histories x weights with the highest score above zero; ties to the lower position.
ENDCAP_KERNEL(void, top_k_sparse, (const TopKSparseArgs& args))
