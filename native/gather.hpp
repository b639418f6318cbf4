// Sums over the factors of a row's own entries.
#pragma once

#include "tile.hpp"

namespace endcap::ENDCAP_ISA {

inline constexpr int kAtOnce = kLanes < 8 ? kLanes : 8;  // rows of y read side by side

// kLanes entries of a row of which `count` are its own; the others are there to be read, and count for nothing.
struct Entries {
    const std::int32_t* indices;
    const float* extra;
    int count;
};

// Walks through the entries [begin, end) out of n, kLanes at a time.
class EntryBlocks {
  public:
    EntryBlocks(const std::int32_t* indices, const float* extra, std::int64_t n)
        : indices_(indices), extra_(extra), n_(n) {}

    Entries at(std::int64_t e, std::int64_t end) {
        const int count = end - e < kLanes ? int(end - e) : kLanes;
        if (e + kLanes <= n_) [[likely]]
            return {indices_ + e, extra_ + e, count};
        for (int j = 0; j < kLanes; ++j) {
            last_indices_[j] = j < count ? indices_[e + j] : indices_[e];
            last_extra_[j] = j < count ? extra_[e + j] : 0;
        }
        return {last_indices_, last_extra_, count};
    }

  private:
    const std::int32_t* indices_;
    const float* extra_;
    std::int64_t n_;
    std::int32_t last_indices_[kLanes];
    float last_extra_[kLanes];
};

// The inner products of p with the entries' rows of y; beyond `count` they may be missing.
static inline vfloat dots(const float* y, std::size_t f, const Entries& entries, const float* p) {
    vfloat acc[kLanes];
#pragma GCC unroll 2
    for (int g = 0; g < kLanes; g += kAtOnce) {
        vfloat s[kAtOnce] = {};
        if (g < entries.count) {
            const float* row[kAtOnce];
#pragma GCC unroll 8
            for (int j = 0; j < kAtOnce; ++j) row[j] = y + std::size_t(entries.indices[g + j]) * f;
            for (std::size_t c = 0; c < f; c += kLanes) {
                const vfloat v = load(p + c);
#pragma GCC unroll 8
                for (int j = 0; j < kAtOnce; ++j) s[j] += v * load(row[j] + c);
            }
        }
#pragma GCC unroll 8
        for (int j = 0; j < kAtOnce; ++j) acc[g + j] = s[j];
    }
    return sums(acc);
}

// V vectors of columns from c of  out += sum over j < count of t[j] * (row indices[j] of y).
template <int V>
static inline void add_columns(const float* y, std::size_t f, const std::int32_t* indices, int count, const float* t,
                               std::size_t c, float* out) {
    vfloat even[V], odd[V] = {};  // two sums where one has too few vectors to keep the multipliers busy
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) even[v] = load(out + c + v * kLanes);
    int j = 0;
    for (; j + 1 < count; j += 2) {
        const vfloat s = broadcast(t[j]), u = broadcast(t[j + 1]);
        const float* a = y + std::size_t(indices[j]) * f + c;
        const float* b = y + std::size_t(indices[j + 1]) * f + c;
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) even[v] += s * load(a + v * kLanes);
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) odd[v] += u * load(b + v * kLanes);
    }
    if (j < count) {
        const vfloat s = broadcast(t[j]);
        const float* a = y + std::size_t(indices[j]) * f + c;
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) even[v] += s * load(a + v * kLanes);
    }
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) store(out + c + v * kLanes, even[v] + odd[v]);
}

// out += sum over j < count of t[j] * (row indices[j] of y)
static inline void add_rows(const float* y, std::size_t f, const std::int32_t* indices, int count, const float* t,
                            float* out) {
    std::size_t c = 0;
    for (; c + 4 * kLanes <= f; c += 4 * kLanes) add_columns<4>(y, f, indices, count, t, c, out);
    for (; c < f; c += kLanes) add_columns<1>(y, f, indices, count, t, c, out);
}

// x = prior, or zeros where there is none.
static inline void start_from(const float* prior, std::size_t f, float* x) {
    if (prior)
        std::memcpy(x, prior, f * sizeof(float));
    else
        std::memset(x, 0, f * sizeof(float));
}

}  // namespace endcap::ENDCAP_ISA
