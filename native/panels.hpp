// Matrices stored as panels of kLanes columns, each panel's rows one after the other, and products on them.
#pragma once

#include "tile.hpp"

namespace endcap::ENDCAP_ISA {

inline constexpr int kBatch = 16;                     // rows that are multiplied by a square matrix at once
inline constexpr int kStripe = kLanes == 16 ? 8 : 4;  // of these, in registers at once

// Panels (f / kLanes of them, each f x kLanes) of a row-major f x f matrix.
static inline void to_panels(const float* q, std::size_t f, float* panels) {
    for (std::size_t c = 0; c < f; c += kLanes)
        for (std::size_t k = 0; k < f; ++k) store(panels + c * f + k * kLanes, load(q + k * f + c));
}

// Columns [c, c + V * kLanes) of p q, for kBatch rows p given transposed.
template <int V>
static inline void multiply_columns(const float* p_transposed, const float* panels, std::size_t f, std::size_t c,
                                    float* out) {
    for (int r0 = 0; r0 < kBatch; r0 += kStripe) {
        vfloat acc[kStripe][V] = {};
        multiply_add<kStripe, V>(f, p_transposed + r0, kBatch, panels + c * f, f * kLanes, acc);
#pragma GCC unroll 16
        for (int r = 0; r < kStripe; ++r)
#pragma GCC unroll 4
            for (int v = 0; v < V; ++v) store(out + (r0 + r) * f + c + v * kLanes, acc[r][v]);
    }
}

// out (kBatch, f) = p q, where q is in panels and p transposed, shape (f, kBatch).
static inline void multiply_batch(const float* p_transposed, const float* panels, std::size_t f, float* out) {
    std::size_t c = 0;
    for (; c + 2 * kLanes <= f; c += 2 * kLanes) multiply_columns<2>(p_transposed, panels, f, c, out);
    for (; c < f; c += kLanes) multiply_columns<1>(p_transposed, panels, f, c, out);
}

// out (f, kBatch) = p^T for p (kBatch, f).
static inline void transpose_batch(const float* p, std::size_t f, float* out) {
    for (int r = 0; r < kBatch; r += kLanes)
        for (std::size_t c = 0; c < f; c += kLanes) {
            vfloat v[kLanes];
#pragma GCC unroll 16
            for (int i = 0; i < kLanes; ++i) v[i] = load(p + (r + i) * f + c);
            transpose(v);
#pragma GCC unroll 16
            for (int i = 0; i < kLanes; ++i) store(out + (c + i) * kBatch + r, v[i]);
        }
}

// The kStripe rows from row i of the V panels from column j: a += w^T w there.
template <int V>
static inline void add_square_part(const float* w, std::size_t panel, std::size_t n, std::size_t size, std::size_t i,
                                   std::size_t j, float* a) {
    float* tile = a + j * size + i * kLanes;
    vfloat acc[kStripe][V];
#pragma GCC unroll 16
    for (int r = 0; r < kStripe; ++r)
#pragma GCC unroll 4
        for (int v = 0; v < V; ++v) acc[r][v] = load(tile + v * kLanes * size + r * kLanes);
    multiply_add<kStripe, V>(n, w + i / kLanes * panel + i % kLanes, kLanes, w + j / kLanes * panel, panel, acc);
#pragma GCC unroll 16
    for (int r = 0; r < kStripe; ++r)
#pragma GCC unroll 4
        for (int v = 0; v < V; ++v) store(tile + v * kLanes * size + r * kLanes, acc[r][v]);
}

// a += w^T w where tiles are on or above the diagonal. w: `size` columns in panels of `panel` floats, of which n rows
// are used; a: panels of size x kLanes.
static inline void add_square(const float* w, std::size_t panel, std::size_t n, std::size_t size, float* a) {
    for (std::size_t j = 0; j < size; j += 2 * kLanes) {
        const bool pair = j + kLanes < size;
        for (std::size_t i = 0; i < j + kLanes; i += kStripe)
            pair ? add_square_part<2>(w, panel, n, size, i, j, a) : add_square_part<1>(w, panel, n, size, i, j, a);
        if (pair)
            for (std::size_t i = j + kLanes; i < j + 2 * kLanes; i += kStripe)
                add_square_part<1>(w, panel, n, size, i, j + kLanes, a);
    }
}

}  // namespace endcap::ENDCAP_ISA
