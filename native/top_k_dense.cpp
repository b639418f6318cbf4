// Users are taken in tiles, a user a lane, and items in groups in the order of falling norm. The scores of a tile and
// a group are made in registers by a fast screen and compared there with what each user's list demands by now; only
// what passes is scored again by one routine, `score`, which alone decides. So a screen may err as long as it lets
// through whatever could enter: it lowers the demand by a bound of its error. A tile ends early where the norms say
// that nothing that follows can enter.
#include "top_k_dense.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "best_k.hpp"
#include "item_order.hpp"
#include "parallel.hpp"
#include "simd.hpp"
#include "top_k_int8.hpp"

namespace endcap::ENDCAP_ISA {
namespace {

constexpr std::size_t kMaxTiles = 4;            // the users that a thread takes at once
constexpr std::size_t kBlockBytes = 192 << 10;  // the items that stay in the second-level cache for all these users
constexpr std::size_t kFewUsers = 24;           // for fewer, ordering the items costs more than it saves

// The score that is answered. Never inlined, so that there is one order of operations.
__attribute__((noinline)) float score(const float* user, const float* item, std::size_t factors) {
    return dot(user, item, factors);
}

void offer(const TopKDenseArgs& a, std::size_t user, std::int32_t item, BestK& best) {
    const Scored x{score(a.user_factors + user * a.factors, a.item_factors + std::size_t(item) * a.factors, a.factors),
                   item};
    if (best.admits(x) &&
        !contains(a.exclude_items + a.exclude_ptr[user], a.exclude_items + a.exclude_ptr[user + 1], item))
        best.add(x);
}

void answer(const TopKDenseArgs& a, std::size_t user, BestK& best) {
    best.write(a.top_items + user * a.k, a.top_scores + user * a.k);
}

void few_users(const TopKDenseArgs& a) {
    std::vector<std::unique_ptr<Scored[]>> scratch(resolve_threads(a.threads));
    parallel_for(a.users, 1, a.threads, [&](std::size_t user, std::size_t, unsigned worker) {
        auto& places = scratch[worker];
        if (!places) places.reset(new Scored[a.k]);
        BestK best(places.get(), a.k);
        best.clear();
        for (std::size_t c = 0; c < a.candidates; ++c) offer(a, user, a.candidate_items[c], best);
        answer(a, user, best);
    });
}

// What a thread knows of the users that it has at hand, kMaxTiles x kTile of them.
struct Users {
    std::size_t first, count, tiles;
    float threshold[kMaxTiles * kTile];  // +inf where there is no user
    float norm[kMaxTiles * kTile];
    std::unique_ptr<float[]> lanes;  // (tiles, factors, kTile)
    Int8Users int8;
    std::unique_ptr<Scored[]> places;  // (kMaxTiles * kTile, k)

    Users(const TopKDenseArgs& a, bool int8_screen)
        : lanes(new float[int8_screen ? 0 : kMaxTiles * kTile * a.factors]),
          int8(int8_screen ? kMaxTiles * kTile : 0, a.factors),
          places(new Scored[kMaxTiles * kTile * a.k]) {}

    void take(const TopKDenseArgs& a, std::size_t begin, std::size_t end, bool int8_screen) {
        first = begin, count = end - begin, tiles = (count + kTile - 1) / kTile;
        for (std::size_t u = 0; u < tiles * kTile; ++u) {
            const bool there = u < count;
            const float* x = there ? a.user_factors + (first + u) * a.factors : nullptr;
            norm[u] = there ? upper_norm(squared_norm(x, a.factors)) : 0;
            threshold[u] = (there ? -1 : 1) * std::numeric_limits<float>::infinity();
            if (there) BestK(places.get() + u * a.k, a.k).clear();
            if (int8_screen)
                int8.take(u, x, a.factors, norm[u], threshold[u]);
            else
                for (std::size_t f = 0; f < a.factors; ++f)
                    lanes[(u / kTile * a.factors + f) * kTile + u % kTile] = there ? x[f] : 0;
        }
    }

    // Score items that passed the screen for user `u`: those of the group with a bit in `passed`.
    void rescore(const TopKDenseArgs& a, std::size_t u, const ItemOrder& order, std::size_t c) {
        if (c >= order.items) return;
        BestK best(places.get() + u * a.k, a.k);
        offer(a, first + u, order.row[c], best);
        threshold[u] = best.threshold();
    }

    // Whether no item with a norm of at most `item_norm` can enter any list of the tile.
    bool done(std::size_t tile, float item_norm, std::size_t factors) const {
        const vfloat size = broadcast(item_norm * (1 + rounding_error(factors)));
        unsigned open = 0;
        for (int v = 0; v < kUserVectors; ++v)
            open |=
                lanes_ge(load(norm + tile * kTile + v * kLanes) * size, load(threshold + tile * kTile + v * kLanes));
        return !open;
    }
};

// Screen groups [begin, end) for a tile in single precision.
void screen_float(const TopKDenseArgs& a, Users& users, std::size_t tile, const ItemOrder& order, std::size_t begin,
                  std::size_t end) {
    const float* lanes = users.lanes.get() + tile * kTile * a.factors;
    // Both the screen's score and the final one are within rounding_error x norm x norm of the truth.
    const float error = 2 * rounding_error(a.factors);
    for (std::size_t g = begin; g < end; ++g) {
        const float* item[kGroup];
        for (int j = 0; j < kGroup; ++j) item[j] = a.item_factors + std::size_t(order.row[g * kGroup + j]) * a.factors;
        vfloat s[kGroup][kUserVectors] = {};
        for (std::size_t f = 0; f < a.factors; ++f) {
            vfloat u[kUserVectors];
            for (int v = 0; v < kUserVectors; ++v) u[v] = load(lanes + f * kTile + v * kLanes);
            for (int j = 0; j < kGroup; ++j)
                for (int v = 0; v < kUserVectors; ++v) s[j][v] += u[v] * broadcast(item[j][f]);
        }
        vfloat demand[kUserVectors];
        unsigned any = 0;
        for (int v = 0; v < kUserVectors; ++v) {
            const std::size_t at = tile * kTile + v * kLanes;
            demand[v] = load(users.threshold + at) -
                        (load(users.norm + at) * broadcast(error * order.norm[g]) + broadcast(1e-37f));
            vfloat best = s[0][v];
            for (int j = 1; j < kGroup; ++j) best = max(best, s[j][v]);
            any |= lanes_ge(best, demand[v]);
        }
        if (!any) continue;
        for (int v = 0; v < kUserVectors; ++v)
            for (int j = 0; j < kGroup; ++j)
                for (unsigned passed = lanes_ge(s[j][v], demand[v]); passed; passed &= passed - 1)
                    users.rescore(a, tile * kTile + v * kLanes + std::size_t(__builtin_ctz(passed)), order,
                                  g * kGroup + j);
    }
}

#ifdef ENDCAP_INT8
// The same in 8-bit integers: four features a lane in one instruction.
ENDCAP_INT8 void screen_int8(const TopKDenseArgs& a, Users& users, std::size_t tile, const ItemOrder& order,
                             const Int8Items& items, std::size_t begin, std::size_t end) {
    Int8Users& mine = users.int8;
    const std::size_t quads = mine.quads;
    const std::int32_t* lanes = mine.lanes.get() + tile * kTile * quads;
    for (std::size_t g = begin; g < end; ++g) {
        const std::int32_t* item = items.quads.get() + g * kGroup * quads;
        __m512i s[kGroup][kUserVectors];
        for (auto& row : s)
            for (auto& x : row) x = _mm512_setzero_si512();
        for (std::size_t q = 0; q < quads; ++q) {
            __m512i u[kUserVectors];
            for (int v = 0; v < kUserVectors; ++v) u[v] = _mm512_loadu_si512(lanes + q * kTile + v * kLanes);
            for (int j = 0; j < kGroup; ++j) {
                const __m512i i = _mm512_set1_epi32(item[std::size_t(j) * quads + q]);
                for (int v = 0; v < kUserVectors; ++v) s[j][v] = _mm512_dpbusd_epi32(s[j][v], i, u[v]);
            }
        }
        __m512i demand[kUserVectors];
        unsigned any = 0;
        for (int v = 0; v < kUserVectors; ++v) {
            demand[v] = mine.demand(tile * kTile + std::size_t(v) * kLanes, order.norm[g], items.residual[g],
                                    items.inverse_scale[g]);
            __m512i best = s[0][v];
            for (int j = 1; j < kGroup; ++j) best = _mm512_max_epi32(best, s[j][v]);
            any |= _mm512_cmpge_epi32_mask(best, demand[v]);
        }
        if (!any) continue;
        for (int v = 0; v < kUserVectors; ++v)
            for (int j = 0; j < kGroup; ++j)
                for (unsigned passed = _mm512_cmpge_epi32_mask(s[j][v], demand[v]); passed; passed &= passed - 1) {
                    const std::size_t u = tile * kTile + v * kLanes + std::size_t(__builtin_ctz(passed));
                    users.rescore(a, u, order, g * kGroup + std::size_t(j));
                    mine.set_threshold(u, users.threshold[u]);
                }
    }
}
#endif

}  // namespace

void top_k_dense(const TopKDenseArgs& a) {
    if (a.users <= kFewUsers || a.candidates == 0) return few_users(a);
    const bool int8_screen = a.int8_screen && has_int8();
    const ItemOrder order(a.item_factors, a.factors, a.candidate_items, a.candidates, a.threads);
    const Int8Items int8(order, a.item_factors, int8_screen ? a.factors : 0, a.threads);
    const std::size_t bytes = kGroup * a.factors * (int8_screen ? 1 : 4);
    const std::size_t block = std::max<std::size_t>(1, kBlockBytes / std::max<std::size_t>(1, bytes));
    // Fewer tiles at once where there are many items or few users, for Ctrl-C and for an even load.
    const std::size_t work = a.candidates * a.factors * kTile, threads = resolve_threads(a.threads);
    const std::size_t fair = a.users / (threads * kTile * 4) + 1;
    const std::size_t tiles = std::clamp<std::size_t>(std::min(500'000'000 / (work + 1), fair), 1, kMaxTiles);
    std::vector<std::unique_ptr<Users>> scratch(threads);
    parallel_for(a.users, tiles * kTile, a.threads, [&](std::size_t begin, std::size_t end, unsigned worker) {
        if (!scratch[worker]) scratch[worker].reset(new Users(a, int8_screen));
        Users& users = *scratch[worker];
        users.take(a, begin, end, int8_screen);
        bool done[kMaxTiles] = {};
        for (std::size_t g = 0; g < order.groups; g += block)
            for (std::size_t t = 0; t < users.tiles; ++t) {
                done[t] = done[t] || users.done(t, order.norm[g], a.factors);
                if (done[t]) continue;
                const std::size_t last = std::min(g + block, order.groups);
#ifdef ENDCAP_INT8
                if (int8_screen) {
                    screen_int8(a, users, t, order, int8, g, last);
                    continue;
                }
#endif
                screen_float(a, users, t, order, g, last);
            }
        for (std::size_t u = 0; u < users.count; ++u) {
            BestK best(users.places.get() + u * a.k, a.k);
            answer(a, begin + u, best);
        }
    });
}

}  // namespace endcap::ENDCAP_ISA
