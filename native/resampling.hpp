// How far figures could be off by chance: means over users drawn anew, and differences with their signs drawn anew.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"

namespace endcap {

struct ResampledMeansArgs {
    const double* values;  // (columns, users)
    std::size_t columns, users;
    std::uint64_t seed;
    std::size_t resamples;
    double* means;  // out: (resamples, columns)
    int threads;
};

struct SignFlipsArgs {
    const double* differences;  // (rows, users)
    std::size_t rows, users;
    std::uint64_t seed;
    std::size_t flips;
    std::int64_t* as_extreme;  // (rows), zeros; out
    int threads;
};

}  // namespace endcap

// Draw r takes `users` users with replacement, the same for all columns, and whatever the number of threads.
ENDCAP_KERNEL(void, resampled_means, (const endcap::ResampledMeansArgs& args))
// How many times of `flips` a row's sum is as far from zero as it is, or farther, where each difference changes its
// sign with probability 1/2.
ENDCAP_KERNEL(void, sign_flips, (const endcap::SignFlipsArgs& args))
