// Item-item weights by ridge regression on a few other items, a regression of its own for each item.
#pragma once

#include "columns.hpp"
#include "dispatch.hpp"

namespace endcap {

struct LocalRidgeArgs {
    Columns columns;
    // For each item the items that may speak for it, ascending, itself not among them.
    const std::int64_t* candidate_ptr;
    const std::int32_t* candidate_items;
    float ridge;
    float* weights;  // out, one for each candidate
    int threads;
};

}  // namespace endcap

// For each item j the weights w of its candidates that minimise |x_j - X w|^2 + ridge |w|^2.
ENDCAP_KERNEL(void, local_ridge, (const LocalRidgeArgs& args))
