// What every user's list of recommendations was worth, at several lengths in one pass.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"

namespace endcap {

// The columns of the result. Those whose inputs are null are NaN.
enum RankingMetric : std::size_t {
    kPrecision,
    kRecall,
    kF1,
    kNdcg,
    kHitRate,
    kMap,
    kMrr,
    kAuc,
    kNew,
    kRecallNew,
    kRecallRepeat,  // need `seen`
    kRevenue,
    kRevenueNdcg,  // need `relevant_values`
    kDiversity,    // needs `categories`
    kSerendipity,  // needs `best_sellers`
    kNovelty,
    kPopularity,  // need `novelty` and `popularity`
    kRankingMetrics
};

struct RankingMetricsArgs {
    const std::int32_t* recommended;  // (users, width) best first, -1 for an empty place
    std::size_t users, width;
    const std::int64_t* relevant_ptr;    // (users + 1), no list empty
    const std::int32_t* relevant_items;  // positions below `ids`
    const double* relevant_values;       // what each of them brought in, or null
    const std::int64_t* seen_ptr;        // (users + 1), or null: the histories
    const std::int32_t* seen_items;
    bool exclude_seen;                 // whether histories are no candidates: AUC counts them neither way
    const std::int32_t* best_sellers;  // (users, width) what each user would get of best-sellers, or null
    const std::int32_t* categories;    // (items), from 0, or -1 where unknown; or null
    std::size_t n_categories;
    const double* novelty;        // (items) or null
    const double* popularity;     // (items) or null
    std::size_t items;            // the catalogue
    std::size_t ids;              // one more than the highest position of any item
    const std::int32_t* cutoffs;  // (n_cutoffs) ascending, from 1 to width
    std::size_t n_cutoffs;
    const double* discounts;  // (width) 1 / log2(1 + place)
    double* values;           // out: (users, n_cutoffs, kRankingMetrics)
    int threads;
};

struct ColumnMeansArgs {
    const double* values;  // (rows, columns)
    std::size_t rows, columns;
    double* means;  // out: (columns)
    int threads;
};

}  // namespace endcap

// The first user who is recommended an item twice, or -1.
ENDCAP_KERNEL(std::int64_t, ranking_metrics, (const endcap::RankingMetricsArgs& args))
// The mean of every column's values that aren't NaN, the same for any number of threads; NaN where all are.
ENDCAP_KERNEL(void, column_means, (const endcap::ColumnMeansArgs& args))
