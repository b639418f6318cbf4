// Products of a tall matrix with itself and with a small square one.
#pragma once

#include "dispatch.hpp"

// out (f, f) = y^T y for y (rows, f); f a multiple of 16. Sums are made in the same order on any number of threads.
ENDCAP_KERNEL(void, gram, (const float* y, std::size_t rows, std::size_t f, float* out, int threads))

// y (rows, f) becomes y q, q being (f, f); f a multiple of 16.
ENDCAP_KERNEL(void, multiply_in_place, (float* y, std::size_t rows, std::size_t f, const float* q, int threads))
