#include "neighbours.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "parallel.hpp"
#include "sparse_scores.hpp"

namespace endcap::ENDCAP_ISA {
namespace {

struct Scratch {
    SparseScores scores;
    BestKeys best;
};

struct OverProduct {
    const float* right;
    float left, shrinkage;
    float operator()(std::size_t j, float sum) const { return sum / (left * right[j] + shrinkage); }
    vfloat operator()(std::size_t j, vfloat sum) const { return sum / (left * load(right + j) + shrinkage); }
};

struct OverUnion {
    const float* right;
    float left;  // and the shrinkage
    float operator()(std::size_t j, float sum) const { return sum / (left + right[j] - sum); }
    vfloat operator()(std::size_t j, vfloat sum) const { return sum / (left + load(right + j) - sum); }
};

void one_row(const NeighboursArgs& a, std::size_t row, const float* right, Scratch& mine) {
    std::size_t additions = 0;
    for (auto t = a.row_ptr[row]; t < a.row_ptr[row + 1]; ++t) {
        const std::int32_t f = a.row_features[t];
        additions += std::size_t(a.feature_ptr[f + 1] - a.feature_ptr[f]);
    }
    mine.scores.begin(additions);
    for (auto t = a.row_ptr[row]; t < a.row_ptr[row + 1]; ++t) {
        const std::int64_t first = a.feature_ptr[a.row_features[t]], last = a.feature_ptr[a.row_features[t] + 1];
        mine.scores.add(a.feature_things + first, a.feature_values + first, std::size_t(last - first), a.row_values[t]);
    }
    if (a.own[row] >= 0) mine.scores.drop(std::size_t(a.own[row]));
    mine.best.clear();
    if (a.over_union)
        mine.scores.take(mine.best, OverUnion{right, a.left[row] + a.shrinkage});
    else
        mine.scores.take(mine.best, OverProduct{right, a.left[row], a.shrinkage});
    const std::size_t found = mine.best.finish_by_position();
    for (std::size_t t = 0; t < found; ++t) {
        a.neighbours[row * a.k + t] = mine.best.position(t);
        a.similarities[row * a.k + t] = mine.best.score(t);
    }
    a.counts[row] = std::int32_t(found);
}

}  // namespace

void neighbours(const NeighboursArgs& a) {
    std::vector<std::unique_ptr<Scratch>> scratch(resolve_threads(a.threads));
    // The scan reads whole blocks; what is beyond the last thing divides zeros.
    std::vector<float> right(a.things + 8 * kLanes, 1.0f);
    std::copy(a.right, a.right + a.things, right.begin());
    parallel_for(a.rows, 8, a.threads, [&](std::size_t begin, std::size_t end, unsigned worker) {
        auto& mine = scratch[worker];
        if (!mine) mine.reset(new Scratch{SparseScores(a.things), BestKeys(a.k)});
        for (std::size_t row = begin; row < end; ++row) one_row(a, row, right.data(), *mine);
    });
}

}  // namespace endcap::ENDCAP_ISA
