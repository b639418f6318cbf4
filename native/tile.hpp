// Square tiles of floats in registers: products, transposition, sums. What the dense kernels are made of.
#pragma once

#include <new>

#include "simd.hpp"

namespace endcap::ENDCAP_ISA {

// Floats on a cache line's boundary, so that no vector straddles two lines.
class Scratch {
  public:
    explicit Scratch(std::size_t n)
        : data_(static_cast<float*>(::operator new((n + 1) * sizeof(float), std::align_val_t{64}))) {}
    ~Scratch() { ::operator delete(data_, std::align_val_t{64}); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    operator float*() { return data_; }

  private:
    float* data_;
};

static inline std::size_t round_up(std::size_t n, std::size_t step) { return (n + step - 1) / step * step; }

// acc[r][v] += sum over k < n of a[k * a_step + r] * b[v * panel + k * kLanes ...]: a small matrix product whose
// right factor is stored as panels of kLanes columns.
template <int R, int V>
static inline void multiply_add(std::size_t n, const float* a, std::size_t a_step, const float* b, std::size_t panel,
                                vfloat (&acc)[R][V]) {
    for (std::size_t k = 0; k < n; ++k, a += a_step, b += kLanes) {
        vfloat column[V];
#pragma GCC unroll 4
        for (int v = 0; v < V; ++v) column[v] = load(b + v * panel);
#pragma GCC unroll 16
        for (int r = 0; r < R; ++r) {
            const vfloat x = broadcast(a[r]);
#pragma GCC unroll 4
            for (int v = 0; v < V; ++v) acc[r][v] += x * column[v];
        }
    }
}

// Of two vectors, the lanes whose number lacks (low) or has (high) the bit D; those of b follow D lanes later (low), or
// those of a come D lanes earlier (high).
#define ENDCAP_LOW(j, D) (((j) & (D)) ? (j) - (D) + kLanes : (j))
#define ENDCAP_HIGH(j, D) (((j) & (D)) ? (j) + kLanes : (j) + (D))
#define ENDCAP_4(f, j, D) f(j, D), f(j + 1, D), f(j + 2, D), f(j + 3, D)
#if defined(__AVX512F__)
#define ENDCAP_ALL(f, D) ENDCAP_4(f, 0, D), ENDCAP_4(f, 4, D), ENDCAP_4(f, 8, D), ENDCAP_4(f, 12, D)
#elif defined(__AVX2__)
#define ENDCAP_ALL(f, D) ENDCAP_4(f, 0, D), ENDCAP_4(f, 4, D)
#else
#define ENDCAP_ALL(f, D) ENDCAP_4(f, 0, D)
#endif
template <int D>
static inline vfloat zip_low(vfloat a, vfloat b) {
    return __builtin_shufflevector(a, b, ENDCAP_ALL(ENDCAP_LOW, D));
}
template <int D>
static inline vfloat zip_high(vfloat a, vfloat b) {
    return __builtin_shufflevector(a, b, ENDCAP_ALL(ENDCAP_HIGH, D));
}

// The sum of a vector's lanes.
template <int D = kLanes / 2>
static inline float total(vfloat v) {
    v = zip_low<D>(v, v) + zip_high<D>(v, v);
    if constexpr (D > 1) return total<D / 2>(v);
    return v[0];
}

#undef ENDCAP_ALL
#undef ENDCAP_4
#undef ENDCAP_HIGH
#undef ENDCAP_LOW

// Lane j of the result is the sum of v[j]; v is used up.
template <int D = kLanes / 2>
static inline vfloat sums(vfloat (&v)[kLanes]) {
#pragma GCC unroll 8
    for (int i = 0; i < D; ++i) v[i] = zip_low<D>(v[i], v[i + D]) + zip_high<D>(v[i], v[i + D]);
    if constexpr (D > 1) return sums<D / 2>(v);
    return v[0];
}

template <int D = kLanes / 2>
static inline void transpose(vfloat (&v)[kLanes]) {
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) {
        if (i & D) continue;
        const vfloat a = v[i], b = v[i + D];
        v[i] = zip_low<D>(a, b);
        v[i + D] = zip_high<D>(a, b);
    }
    if constexpr (D > 1) transpose<D / 2>(v);
}

}  // namespace endcap::ENDCAP_ISA
