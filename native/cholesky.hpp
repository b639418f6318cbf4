// Cholesky factorisation of a small symmetric positive definite matrix, tile by tile in registers.
#pragma once

#include <cmath>

#include "panels.hpp"

namespace endcap::ENDCAP_ISA {

// The kStripe rows from row i of U, in the V panels from column j, given the rows above. Where j's panel holds the
// diagonal, its block there is factorised first and inverse gets 1 / diagonal.
template <int V, bool Diagonal>
static inline void factorize_part(float* a, std::size_t size, std::size_t i, std::size_t j, float* inverse) {
    const float* above = a + i / kLanes * kLanes * size + i % kLanes;
    const float* block = above + i * kLanes;  // element (i, i); its rows are kLanes apart
    float* tile = a + j * size + i * kLanes;
    vfloat acc[kStripe][V] = {};
    multiply_add<kStripe, V>(i, above, kLanes, a + j * size, kLanes * size, acc);
#pragma GCC unroll 16
    for (int r = 0; r < kStripe; ++r)
#pragma GCC unroll 4
        for (int v = 0; v < V; ++v) acc[r][v] = load(tile + v * kLanes * size + r * kLanes) - acc[r][v];
#pragma GCC unroll 16
    for (int r = 0; r < kStripe; ++r) {
        if (Diagonal) {
            store(tile + r * kLanes, acc[r][0]);
            // Rounding may take a pivot of a nearly singular matrix below zero; that direction is then left at zero.
            const float pivot = block[r * kLanes + r];
            inverse[i + r] = pivot > 1e-30f ? 1 / std::sqrt(pivot) : 0;
        }
#pragma GCC unroll 4
        for (int v = 0; v < V; ++v) {
            acc[r][v] *= inverse[i + r];
            store(tile + v * kLanes * size + r * kLanes, acc[r][v]);
        }
#pragma GCC unroll 16
        for (int q = r + 1; q < kStripe; ++q)
#pragma GCC unroll 4
            for (int v = 0; v < V; ++v) acc[q][v] -= block[r * kLanes + q] * acc[r][v];
    }
}

// Upper triangular U with U^T U = a, in place: a of `size` columns in panels of size x kLanes, of which only the tiles
// on and above the diagonal are read and written; what is below the diagonal in its tiles is left undefined.
static inline void factorize(float* a, std::size_t size, float* inverse) {
    for (std::size_t i = 0; i < size; i += kStripe) {
        std::size_t j = i / kLanes * kLanes;
        factorize_part<1, true>(a, size, i, j, inverse);
        for (j += kLanes; j + kLanes < size; j += 2 * kLanes) factorize_part<2, false>(a, size, i, j, inverse);
        if (j < size) factorize_part<1, false>(a, size, i, j, inverse);
    }
}

// b becomes the solution of U^T U x = b.
static inline void solve(const float* u, std::size_t size, const float* inverse, float* b) {
    for (std::size_t i = 0; i < size; i += kLanes) {
        const float* panel = u + i * size;
        vfloat acc[4] = {};
        for (std::size_t k = 0; k < i; k += 4)
#pragma GCC unroll 4
            for (int q = 0; q < 4; ++q) acc[q] += b[k + q] * load(panel + (k + q) * kLanes);
        vfloat rest = load(b + i) - ((acc[0] + acc[1]) + (acc[2] + acc[3]));
        for (int r = 0; r < kLanes; ++r) {
            const float w = rest[r] * inverse[i + r];
            b[i + r] = w;
            rest -= w * load(panel + (i + r) * kLanes);
        }
    }
    for (std::size_t i = size; i > 0;) {
        i -= kLanes;
        vfloat acc[kLanes] = {};
        for (std::size_t j = i + kLanes; j < size; j += kLanes) {
            const float* tile = u + j * size + i * kLanes;
            const vfloat x = load(b + j);
#pragma GCC unroll 16
            for (int r = 0; r < kLanes; ++r) acc[r] += load(tile + r * kLanes) * x;
        }
        const float* tile = u + i * size + i * kLanes;
        float rest[kLanes];
        store(rest, load(b + i) - sums(acc));
        for (int r = kLanes - 1; r >= 0; --r) {
            const float x = rest[r] * inverse[i + r];
            b[i + r] = x;
            for (int q = 0; q < r; ++q) rest[q] -= tile[q * kLanes + r] * x;
        }
    }
}

}  // namespace endcap::ENDCAP_ISA
