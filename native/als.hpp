// One half of an epoch of alternating least squares: every row's factors, given the other side's.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"

namespace endcap {

// Row u minimises  sum over its entries i of (base + extra_ui) (1 - x_u . y_i)^2  +  base * sum over all other i of
// (x_u . y_i)^2  +  ridge_u |x_u - prior_u|^2,  which solves  (base Y^T Y + ridge_u I + sum extra_ui y_i y_i^T) x_u =
// ridge_u prior_u + sum (base + extra_ui) y_i  (Hu, Koren and Volinsky 2008). A row without entries becomes its prior.
struct AlsProblem {
    const float* y;  // (m, f): the other side's factors; f a multiple of 16
    std::size_t f;
    const std::int64_t* indptr;  // (rows + 1)
    const std::int32_t* indices;
    const float* extra;  // the confidence of each entry above the base, above zero
    float base;          // the confidence of what wasn't observed
    const float* ridge;  // (rows)
    const float* prior;  // (rows, f), or null for zeros
    std::size_t rows;
};

}  // namespace endcap

// Both take y with orthogonal columns (the axes of its Gram matrix), whose squared norms are spectrum (f).
//
// `steps` steps of conjugate gradients from the factors in x (rows, f).
ENDCAP_KERNEL(void, als_cg,
              (const endcap::AlsProblem& problem, const float* spectrum, int steps, float* x, int threads))

// The exact solution.
ENDCAP_KERNEL(void, als_cholesky, (const endcap::AlsProblem& problem, const float* spectrum, float* x, int threads))
