// Item-item weights by elastic net, a regression of its own for each item.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"

namespace endcap {

struct SlimArgs {
    std::size_t items;
    // The user x item matrix by user and by item (CSR and CSC).
    const std::int64_t* user_ptr;
    const std::int32_t* user_items;
    const float* user_values;
    const std::int64_t* item_ptr;
    const std::int32_t* item_users;
    const float* item_values;
    // For each item the items that may speak for it, itself not among them.
    const std::int64_t* candidate_ptr;
    const std::int32_t* candidate_items;
    float l1, l2;
    bool positive;
    int rounds;       // through the candidates, at most
    float tolerance;  // stops when no weight changes by more than that
    float* weights;   // out, one for each candidate
    int threads;
};

}  // namespace endcap

// For each item j the weights w of its candidates that minimise 1/2 |x_j - X w|^2 + l2/2 |w|^2 + l1 sum |w|, by
// coordinate descent from zero.
ENDCAP_KERNEL(void, slim, (const SlimArgs& args))
