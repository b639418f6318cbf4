// Vectors of floats as wide as the instruction set this file is compiled for (GCC and Clang vector extensions).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

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
    float s = 0;
    for (int i = 0; i < kLanes; ++i) s += v[i];
    return s;
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
