// The best items for users by inner product of dense factors: exact, with exclusions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"

namespace endcap {

struct TopKDenseArgs {
    std::size_t users, factors;
    const float* user_factors;  // (users, factors), finite
    const float* item_factors;  // (any, factors), finite
    // The rows of item_factors that may be answered, ascending.
    std::size_t candidates;
    const std::int32_t* candidate_items;
    // A list of items that may not be answered for each user, ascending.
    const std::int64_t* exclude_ptr;
    const std::int32_t* exclude_items;
    std::size_t k;
    // Out: (users, k), best first, -1 and 0 after the last.
    std::int32_t* top_items;
    float* top_scores;
    bool int8_screen;  // whether 8-bit integers may sort out hopeless items, where the CPU has instructions for it
    int threads;
};

}  // namespace endcap

// The k candidates with the highest inner product, for each user; ties to the lower position. A score is the same
// to the last bit whatever the batch, the threads and the screen.
ENDCAP_KERNEL(void, top_k_dense, (const TopKDenseArgs& args))
