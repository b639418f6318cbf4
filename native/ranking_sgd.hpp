// Factors that rank, by stochastic gradient descent over observed pairs and drawn negatives: BPR, WARP, logistic.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"

namespace endcap {

enum class RankingLoss { bpr, warp, logistic };

// How a step is taken. Each row of factors has a learning rate of its own: `learning_rate` over the root of the row's
// sum of squared gradients so far (Adagrad, Duchi et al. 2011, with one sum a row).
struct RankingSteps {
    RankingLoss loss;
    int negatives;  // bpr: ignored; warp: most draws a pair; logistic: draws a pair
    float learning_rate;
    float user_regularization, item_regularization;
    std::uint64_t key;  // of the random numbers
};

struct RankingSgdArgs {
    // The user x item matrix (CSR, sorted); the weights count for the logistic loss alone.
    const std::int64_t* indptr;
    const std::int32_t* columns;
    const float* weights;
    std::size_t users, items;
    float* user_factors;              // (users, factors)
    float* item_factors;              // (items, factors)
    float* user_squares;              // (users): sums of squared gradients, above zero
    float* item_squares;              // (items)
    std::size_t factors;              // a multiple of 16
    const std::int32_t* item_order;   // (items): a permutation; its equal parts are the blocks of items
    const std::int64_t* user_bounds;  // (blocks + 1): the blocks of users
    std::size_t blocks;
    RankingSteps steps;
    int threads;
};

struct RankingFoldInArgs {
    const std::int64_t* indptr;
    const std::int32_t* columns;
    const float* weights;
    std::size_t users, items;
    const float* item_factors;  // (items, factors)
    std::size_t factors;        // a multiple of 16
    float first_square;         // above zero: where the sum of squared gradients starts
    int epochs;
    RankingSteps steps;
    float* user_factors;          // out, (users, factors)
    const std::int32_t* targets;  // (users): an item for each, or null
    double* contributions;        // out, one for each pair: what it added to the score of the user's target
    int threads;
};

}  // namespace endcap

// One epoch: a step, or for the logistic loss 1 + negatives steps, for every pair (u, i). Draw r of the sample number n
// is number 256 n + r of SplitMix64 (Steele et al. 2014) from `key`. Samples are numbered by block of users, then
// block of items, then user, then item. With user u's block b and item i's block c, the sample is taken in round
// (c - b) mod blocks: no two blocks of a round share a user or an item (Gemulla et al. 2011), so that they run on any
// number of threads with one result. Negatives come from i's block, as the order of items is drawn anew each epoch.
ENDCAP_KERNEL(void, ranking_sgd, (const endcap::RankingSgdArgs& args))

// The user's side alone: `epochs` passes over the user's pairs, from a vector of zero, with the items left as they are
// and negatives from all of them. The sample's number is (epoch << 32) + item, so that the result depends on the
// history alone. Every step is made for one of the user's own items, hence the split of a score into contributions.
ENDCAP_KERNEL(void, ranking_fold_in, (const endcap::RankingFoldInArgs& args))
