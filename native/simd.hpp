// Vectors of floats as wide as the instruction set this file is compiled for (GCC and Clang vector extensions).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#ifndef ENDCAP_ISA
#error "compile with -DENDCAP_ISA=baseline|avx2|avx512"
#endif

namespace endcap::ENDCAP_ISA {

#if defined(__AVX512F__)
inline constexpr int kLanes = 16;
#elif defined(__AVX2__)
inline constexpr int kLanes = 8;
#else
inline constexpr int kLanes = 4;
#endif

typedef float vfloat __attribute__((vector_size(4 * kLanes)));
typedef std::int32_t vint __attribute__((vector_size(4 * kLanes)));

static inline vfloat load(const float* p) {
    vfloat v;
    std::memcpy(&v, p, sizeof v);
    return v;
}
static inline void store(float* p, vfloat v) { std::memcpy(p, &v, sizeof v); }
static inline vfloat broadcast(float x) { return vfloat{} + x; }
static inline float sum(vfloat v) {
    float s[kLanes];
    store(s, v);
    for (int half = kLanes / 2; half > 0; half /= 2)
        for (int i = 0; i < half; ++i) s[i] += s[i + half];
    return s[0];
}
static inline vfloat max(vfloat a, vfloat b) { return a > b ? a : b; }

// A bit for every lane in which a >= b.
static inline unsigned lanes_ge(vfloat a, vfloat b) {
#if defined(__AVX512F__)
    return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_GE_OQ);
#elif defined(__AVX2__)
    return unsigned(_mm256_movemask_ps(_mm256_cmp_ps((__m256)a, (__m256)b, _CMP_GE_OQ)));
#elif defined(__SSE2__)
    return unsigned(_mm_movemask_ps(_mm_cmpge_ps((__m128)a, (__m128)b)));
#else
    unsigned bits = 0;
    for (int i = 0; i < kLanes; ++i) bits |= unsigned(a[i] >= b[i]) << i;
    return bits;
#endif
}

static inline float dot(const float* a, const float* b, std::size_t n) {
    vfloat s0{}, s1{};
    std::size_t i = 0;
    for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
        s0 += load(a + i) * load(b + i);
        s1 += load(a + i + kLanes) * load(b + i + kLanes);
    }
    if (i + kLanes <= n) {
        s0 += load(a + i) * load(b + i);
        i += kLanes;
    }
    float s = sum(s0 + s1);
    for (; i < n; ++i) s += a[i] * b[i];
    return s;
}

}  // namespace endcap::ENDCAP_ISA
