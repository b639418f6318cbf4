// The items of a top-k by inner product in the order of falling norm, so that the rest can be given up early.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <memory>

#include "parallel.hpp"
#include "simd.hpp"

namespace endcap::ENDCAP_ISA {

// Groups of so many items are scored at once; as many as the registers hold beside kUserVectors vectors of users.
#if defined(__AVX512F__) || defined(__aarch64__)
inline constexpr int kGroup = 8;
#else
inline constexpr int kGroup = 4;
#endif
inline constexpr int kUserVectors = 3;
inline constexpr int kTile = kUserVectors * kLanes;  // the users that are scored at once

// 2^-24 is the largest relative error of one rounding; with this margin the norms and bounds that are made of them,
// and not only the inner products, are covered.
static inline float rounding_error(std::size_t factors) { return float(factors + 16) * 0x1p-24f * 1.1f; }

static inline double squared_norm(const float* x, std::size_t n) {
    double s = 0;
    for (std::size_t i = 0; i < n; ++i) s += double(x[i]) * double(x[i]);
    return s;
}
// Rounded up.
static inline float upper_norm(double squared) { return float(std::sqrt(squared) * (1 + 1e-6)); }

struct ItemOrder {
    std::size_t items, groups;  // the last group is filled up with repeats
    std::unique_ptr<std::int32_t[]> row;
    std::unique_ptr<float[]> norm;  // (groups,), the largest of the group, so falling

    ItemOrder(const float* factors, std::size_t width, const std::int32_t* candidates, std::size_t n, int threads)
        : items(n), groups((n + kGroup - 1) / kGroup), row(new std::int32_t[groups * kGroup]), norm(new float[groups]) {
        // Norms are not negative, so their bits are in the order of their values.
        const std::unique_ptr<std::uint64_t[]> keys(new std::uint64_t[n]);
        parallel_for(n, 4096, threads, [&](std::size_t begin, std::size_t end, unsigned) {
            for (std::size_t c = begin; c < end; ++c) {
                const float size = upper_norm(squared_norm(factors + std::size_t(candidates[c]) * width, width));
                keys[c] = std::uint64_t(~std::bit_cast<std::uint32_t>(size)) << 32 | std::uint32_t(candidates[c]);
            }
        });
        std::sort(keys.get(), keys.get() + n);
        for (std::size_t c = 0; c < groups * kGroup; ++c) row[c] = std::int32_t(keys[std::min(c, n - 1)]);
        for (std::size_t g = 0; g < groups; ++g) norm[g] = std::bit_cast<float>(~std::uint32_t(keys[g * kGroup] >> 32));
    }
};

}  // namespace endcap::ENDCAP_ISA
