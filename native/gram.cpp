#include "gram.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "panels.hpp"
#include "parallel.hpp"

namespace endcap::ENDCAP_ISA {
namespace {

constexpr std::size_t kBlock = 128;  // rows copied to panels at once: 128 KB at 256 factors
constexpr std::size_t kPartMin = 2048, kPartsMax = 32;

}  // namespace

void gram(const float* y, std::size_t rows, std::size_t f, float* out, int threads) {
    // A partial sum for each of so many parts, whose number depends on the shape only.
    const std::size_t parts = std::clamp<std::size_t>(rows / kPartMin, 1, kPartsMax);
    const std::size_t part = round_up((rows + parts - 1) / parts, kBlock);
    Scratch partial(parts * f * f);
    parallel_for(parts, 1, threads, [&](std::size_t p, std::size_t, unsigned) {
        Scratch w(kBlock * f);
        float* sum = partial + p * f * f;
        std::memset(sum, 0, f * f * sizeof(float));
        const std::size_t end = std::min(rows, (p + 1) * part);
        for (std::size_t row = p * part; row < end; row += kBlock) {
            const std::size_t n = std::min(kBlock, end - row);
            for (std::size_t c = 0; c < f; c += kLanes)
                for (std::size_t k = 0; k < n; ++k) store(w + c * kBlock + k * kLanes, load(y + (row + k) * f + c));
            add_square(w, kBlock * kLanes, n, f, sum);
        }
    });
    for (std::size_t p = 1; p < parts; ++p)
        for (std::size_t i = 0; i < f * f; i += kLanes)
            store(partial + i, load(partial + i) + load(partial + p * f * f + i));
    for (std::size_t i = 0; i < f; ++i)
        for (std::size_t j = i; j < f; ++j)
            out[i * f + j] = out[j * f + i] = partial[j / kLanes * kLanes * f + i * kLanes + j % kLanes];
}

void multiply_in_place(float* y, std::size_t rows, std::size_t f, const float* q, int threads) {
    Scratch panels(f * f);
    to_panels(q, f, panels);
    parallel_for((rows + kBatch - 1) / kBatch, 64, threads, [&](std::size_t begin, std::size_t end, unsigned) {
        Scratch p(kBatch * f), transposed(kBatch * f);
        for (std::size_t b = begin; b < end; ++b) {
            const std::size_t n = std::min<std::size_t>(kBatch, rows - b * kBatch);
            std::memset(p, 0, kBatch * f * sizeof(float));
            std::memcpy(p, y + b * kBatch * f, n * f * sizeof(float));
            transpose_batch(p, f, transposed);
            multiply_batch(transposed, panels, f, p);
            std::memcpy(y + b * kBatch * f, p, n * f * sizeof(float));
        }
    });
}

}  // namespace endcap::ENDCAP_ISA
