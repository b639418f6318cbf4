// What the nearest neighbours gave: the heart of rating prediction by neighbourhood.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"

namespace endcap {

enum class RatingSimilarity { msd, cosine, pearson };

// Rows x are compared with the training rows by the columns that both have. By user, rows are users and columns items;
// by item the other way round.
struct RatingNeighboursArgs {
    const std::int64_t* row_ptr;  // the rows asked about
    const std::int32_t* row_columns;
    const float* row_values;
    const std::int64_t* column_ptr;  // (columns + 1): the training rows that have each column
    const std::int32_t* column_rows;
    const float* column_values;
    std::size_t training_rows;
    const std::int64_t* list_ptr;  // lists of training rows, any of which may become the neighbours of a pair
    const std::int32_t* list_rows;
    const float* list_values;        // what is averaged over the neighbours
    const std::int64_t* group_ptr;   // (groups + 1): the pairs of each group
    const std::int32_t* group_rows;  // (groups): the row asked about in a group's pairs
    std::size_t groups;
    const std::int32_t* pair_lists;  // (pairs): the list of each
    RatingSimilarity similarity;
    int min_support;
    float shrinkage;
    std::size_t k;
    float* means;          // (pairs): out
    std::int32_t* counts;  // (pairs): out
    int threads;
};

}  // namespace endcap

// For each pair of a row and a list: the mean of the values of the k rows in the list that are most similar to the
// row, weighted by similarity, and how many there were with a similarity above zero. Of rows as similar, those earlier
// in the list count. With n common columns and values a, b there:
//   msd      n / (sum (a - b)^2 + n)
//   cosine   sum ab / sqrt(sum a^2 sum b^2) * (n - 1) / (n - 1 + shrinkage), the last factor for shrinkage > 0 alone
//   pearson  the correlation of a and b
// and 0 where n < min_support.
ENDCAP_KERNEL(void, rating_neighbours, (const endcap::RatingNeighboursArgs& args))
