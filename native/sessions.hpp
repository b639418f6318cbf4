// Nearest neighbours among sessions, and the items that they speak for.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"

namespace endcap {

// The sessions of the past, the newest at position 0.
struct SessionIndex {
    // Each session's events in their order.
    const std::int64_t* session_ptr;
    const std::int32_t* session_items;
    const float* session_weights;  // (sessions) what a session's similarity is multiplied by
    // The sessions that hold each item, newest first: ascending.
    std::size_t items;
    const std::int64_t* item_ptr;
    const std::int32_t* item_sessions;
};

// The sessions that are to go on.
struct SessionQueries {
    std::size_t queries;
    // Distinct items, the latest first; what sharing one adds to the similarity, and what the similarity is multiplied
    // by where it is the latest that is shared.
    const std::int64_t* own_ptr;
    const std::int32_t* own_items;
    const float* own_weights;
    const float* own_latest;
    const std::int32_t* skip;  // (queries) a session that doesn't count as a neighbour, or -1
    std::size_t recent;        // so many of the newest sessions that share an item are looked at,
    std::size_t neighbours;    // and so many of them, the most similar, are heard
};

// What the neighbours say.
struct SessionVotes {
    // (2 * reach + 1) what an item gets from a neighbour by its place behind the latest shared item in it: -reach
    // first.
    const float* by_distance;
    std::size_t reach;          // at least the length of the longest session less one
    const float* item_weights;  // (items) what an item's sum is multiplied by
};

struct TopKSessionsArgs {
    SessionIndex index;
    SessionQueries asked;
    SessionVotes votes;
    // A list of items that may not be answered for each query.
    const std::int64_t* exclude_ptr;
    const std::int32_t* exclude_items;
    const std::uint8_t* allowed;  // (items) whether an item may be answered, or null: all may
    std::size_t k;
    // Out: (queries, k), best first, -1 and 0 after the last item with a score above zero.
    std::int32_t* top_items;
    float* top_scores;
    int threads;
};

struct ScoreSessionsArgs {
    SessionIndex index;
    SessionQueries asked;
    SessionVotes votes;
    // The items to be scored for each query.
    const std::int64_t* pair_ptr;
    const std::int32_t* pair_items;
    float* scores;  // out: one for each pair
    int threads;
};

struct NearestSessionsArgs {
    SessionIndex index;
    SessionQueries asked;
    // Out: (queries, neighbours), the most similar first, ties to the newer; -1 and 0 after the last.
    std::int32_t* sessions;
    float* similarities;
    int threads;
};

}  // namespace endcap

// An item's score is the sum of similarity x latest x by_distance, over the neighbours that hold it and, in each, over
// its places and those of the latest item shared, times the item's weight. What is computed for a query doesn't depend
// on the batch or the threads.
ENDCAP_KERNEL(void, top_k_sessions, (const TopKSessionsArgs& args))
ENDCAP_KERNEL(void, score_sessions, (const ScoreSessionsArgs& args))
ENDCAP_KERNEL(void, nearest_sessions, (const NearestSessionsArgs& args))
