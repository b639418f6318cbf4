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

struct Similarity {
    const float* norms;
    float norm, shrinkage;
    float operator()(std::size_t j, float sum) const { return sum / (norm * norms[j] + shrinkage); }
    vfloat operator()(std::size_t j, vfloat sum) const { return sum / (norm * load(norms + j) + shrinkage); }
};

}  // namespace

void neighbours(const NeighboursArgs& a) {
    std::vector<std::unique_ptr<Scratch>> scratch(resolve_threads(a.threads));
    // The scan reads whole blocks of norms; what is beyond the last item is multiplied into zeros.
    std::vector<float> norms(a.items + 8 * kLanes, 1.0f);
    std::copy(a.norms, a.norms + a.items, norms.begin());
    parallel_for(a.items, 8, a.threads, [&](std::size_t begin, std::size_t end, unsigned worker) {
        auto& mine = scratch[worker];
        if (!mine) mine.reset(new Scratch{SparseScores(a.items), BestKeys(a.k)});
        for (std::size_t i = begin; i < end; ++i) {
            std::size_t additions = 0;
            for (auto t = a.item_ptr[i]; t < a.item_ptr[i + 1]; ++t) {
                const std::int32_t u = a.item_users[t];
                additions += std::size_t(a.user_ptr[u + 1] - a.user_ptr[u]);
            }
            mine->scores.begin(additions);
            for (auto t = a.item_ptr[i]; t < a.item_ptr[i + 1]; ++t) {
                const std::int64_t first = a.user_ptr[a.item_users[t]], last = a.user_ptr[a.item_users[t] + 1];
                mine->scores.add(a.user_items + first, a.user_values + first, std::size_t(last - first),
                                 a.item_values[t]);
            }
            mine->scores.drop(i);
            mine->best.clear();
            mine->scores.take(mine->best, Similarity{norms.data(), norms[i], a.shrinkage});
            const std::size_t found = mine->best.finish_by_position();
            for (std::size_t t = 0; t < found; ++t) {
                a.neighbours[i * a.k + t] = mine->best.position(t);
                a.similarities[i * a.k + t] = mine->best.score(t);
            }
            a.counts[i] = std::int32_t(found);
        }
    });
}

}  // namespace endcap::ENDCAP_ISA
