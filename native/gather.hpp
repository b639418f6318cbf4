// Sums over the factors of a row's own entries.
#pragma once

#include "tile.hpp"

namespace endcap::ENDCAP_ISA {

inline constexpr int kAtOnce = kLanes < 8 ? kLanes : 8;  // rows read side by side

// The inner products of p with the kLanes rows at y[0], y[1], ...; those at `count` and after are left out (0).
static inline vfloat dots(const float* const* y, int count, const float* p, std::size_t f) {
    vfloat acc[kLanes] = {};
#pragma GCC unroll 2
    for (int g = 0; g < kLanes; g += kAtOnce) {
        if (g >= count) break;
        vfloat s[kAtOnce] = {};
        const float* row[kAtOnce];
#pragma GCC unroll 8
        for (int j = 0; j < kAtOnce; ++j) row[j] = y[g + j];
        for (std::size_t c = 0; c < f; c += kLanes) {
            const vfloat v = load(p + c);
#pragma GCC unroll 8
            for (int j = 0; j < kAtOnce; ++j) s[j] += v * load(row[j] + c);
        }
#pragma GCC unroll 8
        for (int j = 0; j < kAtOnce; ++j) acc[g + j] = s[j];
    }
    return sums(acc);
}

// out += sum over j < count of t[j] * (row at y[j]), for V vectors of columns.
template <int V>
static inline void add_columns(const float* const* y, int count, const float* t, std::size_t c, float* out) {
    vfloat even[V], odd[V] = {};
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) even[v] = load(out + c + v * kLanes);
    int j = 0;
    for (; j + 1 < count; j += 2) {
        const vfloat s = broadcast(t[j]), u = broadcast(t[j + 1]);
        const float *a = y[j] + c, *b = y[j + 1] + c;
#pragma GCC unroll 4
        for (int v = 0; v < V; ++v) {
            even[v] += s * load(a + v * kLanes);
            odd[v] += u * load(b + v * kLanes);
        }
    }
    if (j < count) {
        const vfloat s = broadcast(t[j]);
#pragma GCC unroll 4
        for (int v = 0; v < V; ++v) even[v] += s * load(y[j] + c + v * kLanes);
    }
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) store(out + c + v * kLanes, even[v] + odd[v]);
}

static inline void add_rows(const float* const* y, int count, const float* t, std::size_t f, float* out) {
    std::size_t c = 0;
    for (; c + 4 * kLanes <= f; c += 4 * kLanes) add_columns<4>(y, count, t, c, out);
    for (; c < f; c += kLanes) add_columns<1>(y, count, t, c, out);
}

// The addresses of up to kLanes rows; where there are fewer, the first is repeated. Returns how many there are.
static inline int row_addresses(const float* y, std::size_t f, const std::int32_t* indices, std::int64_t left,
                                const float** row) {
    const int count = left < kLanes ? int(left) : kLanes;
    for (int j = 0; j < kLanes; ++j) row[j] = y + std::size_t(indices[j < count ? j : 0]) * f;
    return count;
}

}  // namespace endcap::ENDCAP_ISA
