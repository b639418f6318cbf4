// Slope One: how much higher an item is rated than the items that the user has rated.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"

namespace endcap {

// Ratings in both orders, and the histories of the users who are asked about.
struct SlopeOneArgs {
    const std::int64_t* user_ptr;  // (users + 1)
    const std::int32_t* user_items;
    const float* user_ratings;
    const std::int64_t* item_ptr;  // (items + 1)
    const std::int32_t* item_users;
    const float* item_ratings;
    std::size_t items;
    const std::int64_t* history_ptr;  // (histories + 1)
    const std::int32_t* history_items;
    const std::int64_t* group_ptr;    // (groups + 1): the pairs of each group
    const std::int32_t* group_items;  // (groups): the item of a group's pairs
    std::size_t groups;
    const std::int32_t* pair_histories;  // (pairs): the history of each
    float* deviations;                   // (pairs): out
    int threads;
};

}  // namespace endcap

// Pair (h, i) gets the mean of dev_ij over the items j of history h that some user rated besides i, dev_ij being the
// mean over these users of r_ui - r_uj; 0 where there is no such item. One row of deviations at a time is held, never
// the matrix of all items by all items.
ENDCAP_KERNEL(void, slope_one, (const endcap::SlopeOneArgs& args))
