// Factors in 8-bit integers, and how much an inner product of them can be off.
//
// A user's vector x is about s q with q in [-127, 127], an item's y about t p; then
//     <x, y>  =  s t <q, p>  +  <x - s q, y>  +  <s q, y - t p>
//            <=  s t <q, p>  +  |x - s q| |y|  +  |s q| |y - t p|
// by Cauchy and Schwarz, with norms that are known. Solved for <q, p>, a whole number, this is what an item must
// reach to have a chance. Items are stored as p + 128, because the instruction multiplies unsigned by signed bytes;
// 128 times the sum of q is added to the demand.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>

#include "item_order.hpp"
#include "parallel.hpp"
#include "simd.hpp"

#if defined(__AVX512F__)
#define ENDCAP_INT8 __attribute__((target("avx512vnni")))
#endif

namespace endcap::ENDCAP_ISA {

static inline bool has_int8() {
#if defined(ENDCAP_INT8)
    return __builtin_cpu_supports("avx512vnni");
#else
    return false;
#endif
}

static inline float largest(const float* x, std::size_t n) {
    float most = 1e-15f;  // so that the scale of a vector of zeros, and what is divided by it, stays finite
    for (std::size_t i = 0; i < n; ++i) most = std::max(most, std::fabs(x[i]));
    return most;
}
static inline std::int32_t quantised(float x, float inverse_scale) {
    return std::clamp(std::int32_t(std::lrintf(x * inverse_scale)), -127, 127);
}

struct Int8Items {
    std::unique_ptr<std::int32_t[]> quads;   // (groups, kGroup, ceil(factors / 4)), 4 bytes each
    std::unique_ptr<float[]> inverse_scale;  // (groups,), 1 / t
    std::unique_ptr<float[]> residual;       // (groups,), the largest |y - t p| of the group

    Int8Items(const ItemOrder& order, const float* factors, std::size_t width, int threads) {
        if (width == 0) return;
        const std::size_t n = (width + 3) / 4;
        quads.reset(new std::int32_t[order.groups * kGroup * n]);
        inverse_scale.reset(new float[order.groups]);
        residual.reset(new float[order.groups]);
        parallel_for(order.groups, 256, threads, [&](std::size_t begin, std::size_t end, unsigned) {
            for (std::size_t g = begin; g < end; ++g) {
                float most = 0;
                for (int j = 0; j < kGroup; ++j)
                    most = std::max(most, largest(factors + std::size_t(order.row[g * kGroup + j]) * width, width));
                const float scale = most / 127, inverse = 1 / scale;
                double worst = 0;
                for (int j = 0; j < kGroup; ++j) {
                    const float* y = factors + std::size_t(order.row[g * kGroup + j]) * width;
                    auto* bytes = reinterpret_cast<std::uint8_t*>(quads.get() + (g * kGroup + j) * n);
                    double squared = 0;
                    for (std::size_t f = 0; f < width; ++f) {
                        const std::int32_t p = quantised(y[f], inverse);
                        const double off = double(y[f]) - double(scale) * p;
                        squared += off * off;
                        bytes[f] = std::uint8_t(p + 128);
                    }
                    for (std::size_t f = width; f < 4 * n; ++f) bytes[f] = 128;
                    worst = std::max(worst, squared);
                }
                inverse_scale[g] = inverse;
                residual[g] = upper_norm(worst);
            }
        });
    }
};

// Users, kTile a tile; all bounds are in units of the user's scale s.
struct Int8Users {
    std::size_t quads;
    std::unique_ptr<std::int32_t[]> lanes;  // (tiles, quads, kTile), 4 bytes each
    std::unique_ptr<float[]> inverse_scale, needed, by_norm, by_residual;
    std::unique_ptr<std::int32_t[]> offset;

    Int8Users(std::size_t users, std::size_t factors)
        : quads((factors + 3) / 4),
          lanes(new std::int32_t[users * quads]),
          inverse_scale(new float[users]),
          needed(new float[users]),
          by_norm(new float[users]),
          by_residual(new float[users]),
          offset(new std::int32_t[users]) {}

    void take(std::size_t u, const float* x, std::size_t factors, float norm, float threshold) {
        const float scale = x ? largest(x, factors) / 127 : 1;
        const float inverse = 1 / scale;
        double off2 = 0, whole2 = 0;
        std::int32_t sum = 0;
        for (std::size_t q = 0; q < quads; ++q) {
            std::int8_t four[4] = {};
            for (std::size_t f = 4 * q; x && f < std::min(4 * q + 4, factors); ++f) {
                const std::int32_t p = quantised(x[f], inverse);
                const double off = double(x[f]) - double(scale) * p;
                off2 += off * off;
                whole2 += double(p) * p;
                sum += p;
                four[f % 4] = std::int8_t(p);
            }
            std::memcpy(&lanes[(u / kTile * quads + q) * kTile + u % kTile], four, 4);
        }
        inverse_scale[u] = inverse;
        // The final score's own rounding error counts too; 1.00001 covers the rounding of the bounds.
        by_norm[u] = (upper_norm(off2) + rounding_error(factors) * norm) * inverse * 1.00001f;
        by_residual[u] = upper_norm(whole2) * 1.00001f;
        offset[u] = 128 * sum;
        set_threshold(u, threshold);
    }

    void set_threshold(std::size_t u, float threshold) {
        const float x = threshold * inverse_scale[u];
        needed[u] = x - std::min(std::fabs(x), 1e30f) * 1e-5f;  // an infinite one stays so
    }

#ifdef ENDCAP_INT8
    // What <q, p + 128> must reach for 16 users from `u`.
    __m512i demand(std::size_t u, float item_norm, float item_residual, float item_inverse_scale) const {
        __m512 x = _mm512_loadu_ps(&needed[u]);
        x = _mm512_fnmadd_ps(_mm512_loadu_ps(&by_norm[u]), _mm512_set1_ps(item_norm), x);
        x = _mm512_fnmadd_ps(_mm512_loadu_ps(&by_residual[u]), _mm512_set1_ps(item_residual), x);
        // One less, so that truncation rounds down; within what fits an integer beside the offset.
        x = _mm512_fmsub_ps(x, _mm512_set1_ps(item_inverse_scale), _mm512_set1_ps(1));
        x = _mm512_min_ps(_mm512_max_ps(x, _mm512_set1_ps(-1e9f)), _mm512_set1_ps(1e9f));
        return _mm512_add_epi32(_mm512_cvttps_epi32(x), _mm512_loadu_si512(&offset[u]));
    }
#endif
};

}  // namespace endcap::ENDCAP_ISA
