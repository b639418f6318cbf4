// Stochastic gradient descent for predicted ratings, one rating after the other.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"

namespace endcap {

// The parts of a model, in the order of `rates` and `decays`.
enum RatingPart { kUserBias, kItemBias, kUserFactors, kItemFactors, kImplicitFactors, kRatingParts };

struct RatingSgdArgs {
    const std::int64_t* indptr;  // (users + 1)
    const std::int32_t* items;
    const float* ratings;
    std::size_t users;
    float mean;
    float* user_bias;         // (users)
    float* item_bias;         // (items)
    float* user_factors;      // (users, factors)
    float* item_factors;      // (items, factors)
    float* implicit_factors;  // (items, factors), or null for a model without
    std::size_t factors;      // a multiple of 16
    const float* rates;       // (kRatingParts): learning rate of each part; 0 leaves it as it is
    const float* decays;      // (kRatingParts): its regularisation
    float* estimates;         // (ratings): what each rating was estimated at before it was learned from; may be null
};

}  // namespace endcap

// One epoch over the ratings in their order, on one thread, since each step starts from the one before: with
//   estimate = mean + b_u + b_i + q_i . (p_u + |I_u|^-1/2 sum over j in I_u of y_j)
// every part takes a step down the gradient of (r - estimate)^2 / 2 + decay |part|^2 / 2. A step changes all y_j of
// the user alike, y_j <- a y_j + b with the same a and b, so they are kept as they were and brought up to date when
// the user is done with: an epoch takes time in proportion to the ratings, where doing it step by step takes it in
// proportion to the sum of their squared number by user, with the same result.
ENDCAP_KERNEL(void, rating_sgd, (const endcap::RatingSgdArgs& args))
