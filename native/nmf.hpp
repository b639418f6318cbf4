// Non-negative factors of ratings, by multiplicative updates.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"

namespace endcap {

struct NmfArgs {
    const std::int64_t* indptr;  // (rows + 1)
    const std::int32_t* columns;
    const float* ratings;
    const float* estimates;  // of each rating; null: the inner product of the factors
    std::size_t rows;
    const float* x;       // (rows, factors): the factors of the rows before
    const float* y;       // (columns, factors)
    std::size_t factors;  // a multiple of 16
    float regularization;
    float* updated;  // (rows, factors): after
    int threads;
};

}  // namespace endcap

// Row u becomes  x_u * (sum of r_ui y_i) / (sum of estimate_ui y_i + regularization n_u x_u), element by element, the
// sums going over its n_u entries.
ENDCAP_KERNEL(void, nmf_update, (const endcap::NmfArgs& args))
