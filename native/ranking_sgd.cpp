#include "ranking_sgd.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "parallel.hpp"
#include "tile.hpp"

namespace endcap::ENDCAP_ISA {
namespace {

constexpr int kAttempts = 32;  // to find an item that isn't the user's, before the sample is given up

std::uint64_t split_mix(std::uint64_t key, std::uint64_t number) {
    std::uint64_t z = key + (number + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

// Where negatives come from: a pool, less what the user had to do with.
struct Pool {
    const std::int32_t* items;  // null: all of them
    std::size_t size;
    const std::int32_t* own;  // ascending
    std::size_t own_size;

    // Returns an item, or -1 where it is the user's own.
    std::int32_t draw(std::uint64_t key, std::uint64_t number) const {
        const std::size_t place = ((split_mix(key, number) >> 32) * size) >> 32;
        const std::int32_t item = items ? items[place] : std::int32_t(place);
        return std::binary_search(own, own + own_size, item) ? -1 : item;
    }

    std::int32_t draw_until_found(std::uint64_t key, std::uint64_t number) const {
        for (int r = 0; r < kAttempts; ++r)
            if (const std::int32_t item = draw(key, number + std::uint64_t(r)); item >= 0) return item;
        return -1;
    }
};

// A row of factors, and its sum of squared gradients.
struct Row {
    float* factors;
    float* square;
};

// The steps of one sample. Without Train the items stay as they are, and what the user's vector gains in the direction
// of `target` is noted.
template <bool Train>
struct Stepper {
    const RankingSteps& steps;
    std::size_t f, catalogue;
    float* item_factors;
    float* item_squares;
    const float* target = nullptr;
    double gained = 0;  // by the sample's steps, of the score of the target, relative to `kept`
    double kept = 1;    // of what was there before, by all steps so far

    Row item(std::int32_t i) const { return {item_factors + std::size_t(i) * f, Train ? item_squares + i : nullptr}; }

    float rate(float* square, float e, float norm) const {
        *square += e * e * norm;
        return steps.learning_rate / std::sqrt(*square);
    }

    void note(float by, float keep, float in_direction) {
        kept *= keep;
        gained += double(by) * in_direction / kept;
    }

    // x = p . (a - b); the squared lengths of a - b and of p
    void pair_step(Row user, Row a, Row b, float e, float difference, float length) {
        const float to_user = rate(user.square, e, difference);
        const float keep_user = 1 - to_user * steps.user_regularization;
        float to_a = 0, to_b = 0;
        if constexpr (Train) to_a = rate(a.square, e, length), to_b = rate(b.square, e, length);
        const float keep_a = 1 - to_a * steps.item_regularization, keep_b = 1 - to_b * steps.item_regularization;
        vfloat towards{};
        for (std::size_t c = 0; c < f; c += kLanes) {
            const vfloat p = load(user.factors + c), va = load(a.factors + c), vb = load(b.factors + c);
            store(user.factors + c, keep_user * p + to_user * e * (va - vb));
            if constexpr (Train) {
                store(a.factors + c, keep_a * va + to_a * e * p);
                store(b.factors + c, keep_b * vb - to_b * e * p);
            } else if (target) {
                towards += load(target + c) * (va - vb);
            }
        }
        if (!Train && target) note(to_user * e, keep_user, total(towards));
    }

    void single_step(Row user, Row a, float e, float item_length, float user_length) {
        const float to_user = rate(user.square, e, item_length);
        const float keep_user = 1 - to_user * steps.user_regularization;
        const float to_a = Train ? rate(a.square, e, user_length) : 0;
        const float keep_a = 1 - to_a * steps.item_regularization;
        vfloat towards{};
        for (std::size_t c = 0; c < f; c += kLanes) {
            const vfloat p = load(user.factors + c), va = load(a.factors + c);
            store(user.factors + c, keep_user * p + to_user * e * va);
            if constexpr (Train)
                store(a.factors + c, keep_a * va + to_a * e * p);
            else if (target)
                towards += load(target + c) * va;
        }
        if (!Train && target) note(to_user * e, keep_user, total(towards));
    }

    // The products of a step: p . (a - b), |a - b|^2, |p|^2; b may be null.
    struct Products {
        float score, difference, length;
    };
    Products products(const float* p, const float* a, const float* b) const {
        vfloat score{}, difference{}, length{};
        for (std::size_t c = 0; c < f; c += kLanes) {
            const vfloat v = load(p + c), d = b ? load(a + c) - load(b + c) : load(a + c);
            score += v * d;
            difference += d * d;
            length += v * v;
        }
        return {total(score), total(difference), total(length)};
    }

    void bpr(Row user, Row positive, const Pool& pool, std::uint64_t number) {
        const std::int32_t j = pool.draw_until_found(steps.key, number);
        if (j < 0) return;
        const Row negative = item(j);
        const Products p = products(user.factors, positive.factors, negative.factors);
        pair_step(user, positive, negative, 1 / (1 + std::exp(p.score)), p.difference, p.length);
    }

    void warp(Row user, Row positive, const Pool& pool, std::uint64_t number) {
        const float enough = dot(user.factors, positive.factors, f) - 1;
        for (int r = 0; r < steps.negatives; ++r) {
            const std::int32_t j = pool.draw(steps.key, number + std::uint64_t(r));
            if (j < 0) continue;
            const Row negative = item(j);
            if (dot(user.factors, negative.factors, f) <= enough) continue;
            const Products p = products(user.factors, positive.factors, negative.factors);
            const float rank = std::floor(float(catalogue - 1) / float(r + 1));
            pair_step(user, positive, negative, std::log1p(rank), p.difference, p.length);
            return;
        }
    }

    void logistic(Row user, Row positive, float weight, const Pool& pool, std::uint64_t number) {
        Products p = products(user.factors, positive.factors, nullptr);
        single_step(user, positive, weight / (1 + std::exp(p.score)), p.difference, p.length);
        for (int r = 0; r < steps.negatives; ++r) {
            const std::int32_t j = pool.draw(steps.key, number + std::uint64_t(r));
            if (j < 0) continue;
            const Row negative = item(j);
            p = products(user.factors, negative.factors, nullptr);
            single_step(user, negative, -1 / (1 + std::exp(-p.score)), p.difference, p.length);
        }
    }

    void sample(Row user, std::int32_t i, float weight, const Pool& pool, std::uint64_t sample) {
        const std::uint64_t number = sample << 8;
        if (steps.loss == RankingLoss::bpr)
            bpr(user, item(i), pool, number);
        else if (steps.loss == RankingLoss::warp)
            warp(user, item(i), pool, number);
        else
            logistic(user, item(i), weight, pool, number);
    }
};

// The pairs by block of users and block of items.
struct Grid {
    std::vector<std::int32_t> users, items;
    std::vector<float> weights;
    std::vector<std::int64_t> begins;  // (blocks^2 + 1)
};

Grid make_grid(const RankingSgdArgs& a) {
    const std::size_t blocks = a.blocks, pairs = std::size_t(a.indptr[a.users]);
    std::vector<std::uint16_t> block_of(a.items);
    for (std::size_t b = 0; b < blocks; ++b)
        for (std::size_t t = a.items * b / blocks; t < a.items * (b + 1) / blocks; ++t)
            block_of[std::size_t(a.item_order[t])] = std::uint16_t(b);
    Grid grid;
    grid.users.resize(pairs);
    grid.items.resize(pairs);
    grid.weights.resize(a.weights ? pairs : 0);
    grid.begins.resize(blocks * blocks + 1);
    grid.begins[blocks * blocks] = std::int64_t(pairs);
    parallel_for(blocks, 1, a.threads, [&](std::size_t begin, std::size_t end, unsigned) {
        std::vector<std::int64_t> next(blocks);
        for (std::size_t b = begin; b < end; ++b) {
            const auto first_user = std::size_t(a.user_bounds[b]), last_user = std::size_t(a.user_bounds[b + 1]);
            std::fill(next.begin(), next.end(), 0);
            for (auto t = a.indptr[first_user]; t < a.indptr[last_user]; ++t)
                ++next[block_of[std::size_t(a.columns[t])]];
            std::int64_t place = a.indptr[first_user];
            for (std::size_t c = 0; c < blocks; ++c) {
                grid.begins[b * blocks + c] = place;
                place += std::exchange(next[c], place);
            }
            for (std::size_t u = first_user; u < last_user; ++u)
                for (auto t = a.indptr[u]; t < a.indptr[u + 1]; ++t) {
                    const auto to = std::size_t(next[block_of[std::size_t(a.columns[t])]]++);
                    grid.users[to] = std::int32_t(u);
                    grid.items[to] = a.columns[t];
                    if (a.weights) grid.weights[to] = a.weights[t];
                }
        }
    });
    return grid;
}

}  // namespace

void ranking_sgd(const RankingSgdArgs& a) {
    const Grid grid = make_grid(a);
    for (std::size_t round = 0; round < a.blocks; ++round)
        parallel_for(a.blocks, 1, a.threads, [&](std::size_t first, std::size_t last, unsigned) {
            for (std::size_t b = first; b < last; ++b) {
                const std::size_t c = (b + round) % a.blocks;
                const std::int64_t begin = grid.begins[b * a.blocks + c], end = grid.begins[b * a.blocks + c + 1];
                const std::size_t from = a.items * c / a.blocks, to = a.items * (c + 1) / a.blocks;
                Stepper<true> stepper{a.steps, a.factors, a.items, a.item_factors, a.item_squares};
                for (std::int64_t run = begin, next; run < end; run = next) {
                    const std::int32_t u = grid.users[std::size_t(run)];
                    for (next = run + 1; next < end && grid.users[std::size_t(next)] == u;) ++next;
                    const Pool pool{a.item_order + from, to - from, &grid.items[std::size_t(run)],
                                    std::size_t(next - run)};
                    const Row user{a.user_factors + std::size_t(u) * a.factors, a.user_squares + u};
                    for (auto t = std::size_t(run); t < std::size_t(next); ++t)
                        stepper.sample(user, grid.items[t], a.weights ? grid.weights[t] : 1, pool, t);
                }
            }
        });
}

void ranking_fold_in(const RankingFoldInArgs& a) {
    parallel_for(a.users, 16, a.threads, [&](std::size_t begin, std::size_t end, unsigned) {
        for (std::size_t u = begin; u < end; ++u) {
            const std::int64_t first = a.indptr[u], last = a.indptr[u + 1];
            float* p = a.user_factors + u * a.factors;
            float square = a.first_square;
            std::fill(p, p + a.factors, 0.0f);
            const Pool pool{nullptr, a.items, a.columns + first, std::size_t(last - first)};
            // Never written to: without Train the items stay as they are.
            Stepper<false> stepper{a.steps, a.factors, a.items, const_cast<float*>(a.item_factors), nullptr};
            if (a.targets) {
                stepper.target = a.item_factors + std::size_t(a.targets[u]) * a.factors;
                std::fill(a.contributions + first, a.contributions + last, 0.0);
            }
            for (int epoch = 0; epoch < a.epochs; ++epoch)
                for (auto t = first; t < last; ++t) {
                    stepper.gained = 0;
                    const std::uint64_t number = (std::uint64_t(epoch) << 32) + std::uint64_t(a.columns[t]);
                    stepper.sample({p, &square}, a.columns[t], a.weights ? a.weights[t] : 1, pool, number);
                    if (a.targets) a.contributions[t] += stepper.gained;
                }
            if (a.targets)
                for (auto t = first; t < last; ++t) a.contributions[t] *= stepper.kept;
        }
    });
}

}  // namespace endcap::ENDCAP_ISA
