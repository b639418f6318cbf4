// Cholesky factorisation of a small symmetric positive definite matrix, tile by tile in registers.
#pragma once

#include <cmath>

#include "panels.hpp"

namespace endcap::ENDCAP_ISA {

// U of the tile's U^T U, in place (its lower half is left undefined but finite); inverse gets 1 / diagonal.
static inline void factorize_tile(float* tile, float* inverse) {
    for (int r = 0; r < kLanes; ++r) {
        float* row = tile + r * kLanes;
        // Rounding may take a pivot of a nearly singular matrix below zero; such a direction is then left at zero.
        const float pivot = row[r];
        const float inv = pivot > 1e-30f ? 1 / std::sqrt(pivot) : 0;
        inverse[r] = inv;
        const vfloat scaled = inv * load(row);
        store(row, scaled);
        for (int q = r + 1; q < kLanes; ++q) store(tile + q * kLanes, load(tile + q * kLanes) - row[q] * scaled);
    }
}

// Upper triangular U with U^T U = a, in place: a of `size` columns in panels of size x kLanes, of which only the tiles
// on and above the diagonal are read and written.
static inline void factorize(float* a, std::size_t size, float* inverse) {
    for (std::size_t i = 0; i < size; i += kLanes) {
        const float* above = a + i * size;  // the panel that holds the diagonal tile
        float* diagonal = a + i * size + i * kLanes;
        for (std::size_t j = i; j < size; j += kLanes) {
            float* tile = a + j * size + i * kLanes;
            vfloat acc[kLanes][1] = {};
            multiply_add<kLanes, 1>(i, above, kLanes, a + j * size, 0, acc);
#pragma GCC unroll 16
            for (int r = 0; r < kLanes; ++r) acc[r][0] = load(tile + r * kLanes) - acc[r][0];
            if (j > i) {
#pragma GCC unroll 16
                for (int r = 0; r < kLanes; ++r) {
                    acc[r][0] *= inverse[i + r];
#pragma GCC unroll 16
                    for (int q = r + 1; q < kLanes; ++q) acc[q][0] -= diagonal[r * kLanes + q] * acc[r][0];
                }
            }
#pragma GCC unroll 16
            for (int r = 0; r < kLanes; ++r) store(tile + r * kLanes, acc[r][0]);
            if (j == i) factorize_tile(tile, inverse + i);
        }
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
