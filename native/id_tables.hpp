// From a table's columns to positions and lists of them, in one pass each.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"
#include "integers.hpp"

namespace endcap {

struct LookUpArgs {
    Integers numbers;
    std::size_t n;
    std::int64_t first;         // the number that the table begins with
    const std::int32_t* table;  // (size) the position of each number from there on, or -1
    std::size_t size;
    std::int32_t* positions;  // out: (n), -1 for numbers beyond the table
    int threads;
};

struct PairListsArgs {
    Integers rows;  // (n) from 0 to n_rows - 1
    const std::int32_t* columns;
    std::size_t n, n_rows;
    std::int64_t* indptr;  // out: (n_rows + 1)
};

struct FillListsArgs {
    const std::int32_t* rows;   // (n) below `users`; below 0 for one that has no list
    const std::int64_t* ranks;  // from 1
    const std::int32_t* items;  // from 0
    std::size_t n, width;
    std::int32_t* lists;  // (users, width), all -1; out: what is at every place
};

struct FirstPlacesArgs {
    const std::int32_t* lists;  // (users, width) positions of items, -1 for an empty place
    std::size_t users, width;
    std::size_t items;    // positions from there on are passed over
    std::int32_t* first;  // (items), out: the lowest place that an item has in any list; those without one stay
};

struct CountItemsArgs {
    const std::int32_t* positions;  // (n)
    std::size_t n;
    std::int64_t* counts;  // (items), zeros; out: how often each item is there
};

}  // namespace endcap

ENDCAP_KERNEL(void, look_up, (const endcap::LookUpArgs& args))
// Whether the pairs are distinct and in the order of rows, then columns; only then are they lists as they stand.
ENDCAP_KERNEL(bool, pair_lists, (const endcap::PairListsArgs& args))
// The first entry that can't be placed, or -1: its rank is below 1, its item below 0, or the place is taken.
ENDCAP_KERNEL(std::int64_t, fill_lists, (const endcap::FillListsArgs& args))
ENDCAP_KERNEL(void, first_places, (const endcap::FirstPlacesArgs& args))
ENDCAP_KERNEL(void, count_items, (const endcap::CountItemsArgs& args))
