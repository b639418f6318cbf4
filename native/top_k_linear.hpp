// The best items for histories, by dense item-item weights.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"

namespace endcap {

struct TopKLinearArgs {
    std::size_t queries, items;
    // Histories (queries x items), CSR.
    const std::int64_t* history_ptr;
    const std::int32_t* history_items;
    const float* history_values;
    const float* weights;  // (items, items)
    // The items that may be answered, ascending.
    std::size_t candidates;
    const std::int32_t* candidate_items;
    // A list of items that may not be answered for each query, ascending.
    const std::int64_t* exclude_ptr;
    const std::int32_t* exclude_items;
    std::size_t k;
    // Out: (queries, k), best first, -1 and 0 after the last; nothing for an empty history.
    std::int32_t* top_items;
    float* top_scores;
    int threads;
};

}  // namespace endcap

// The k columns of histories x weights with the highest score, for each history; ties to the lower position. A score is
// the same to the last bit whatever the batch and the threads.
ENDCAP_KERNEL(void, top_k_linear, (const TopKLinearArgs& args))
