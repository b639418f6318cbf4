// Item-item weights by elastic net, a regression of its own for each item.
#pragma once

#include "columns.hpp"
#include "dispatch.hpp"

namespace endcap {

struct SlimArgs {
    Columns columns;
    // For each item the items that may speak for it, ascending, itself not among them.
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
