#include "top_k_sparse.hpp"

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

struct AsItIs {
    float operator()(std::size_t, float sum) const { return sum; }
    vfloat operator()(std::size_t, vfloat sum) const { return sum; }
};

struct Allowed {
    const std::uint8_t* allowed;
    std::size_t items;
    float operator()(std::size_t j, float sum) const { return allowed[j] ? sum : 0; }
    vfloat operator()(std::size_t j, vfloat sum) const {
        for (std::size_t i = 0; i < kLanes; ++i)
            if (j + i >= items || !allowed[j + i]) sum[i] = 0;
        return sum;
    }
};

}  // namespace

void top_k_sparse(const TopKSparseArgs& a) {
    std::vector<std::unique_ptr<Scratch>> scratch(resolve_threads(a.threads));
    const std::size_t k = std::min(a.k, a.items);
    parallel_for(a.queries, 32, a.threads, [&](std::size_t begin, std::size_t end, unsigned worker) {
        auto& mine = scratch[worker];
        if (!mine) mine.reset(new Scratch{SparseScores(a.items), BestKeys(k)});
        for (std::size_t q = begin; q < end; ++q) {
            std::size_t additions = 0;
            for (auto t = a.history_ptr[q]; t < a.history_ptr[q + 1]; ++t) {
                const std::size_t i = std::size_t(a.history_items[t]);
                additions += std::size_t(a.weight_ptr[i + 1] - a.weight_ptr[i]);
            }
            mine->scores.begin(additions);
            for (auto t = a.history_ptr[q]; t < a.history_ptr[q + 1]; ++t) {
                const std::size_t i = std::size_t(a.history_items[t]);
                const std::int64_t first = a.weight_ptr[i], last = a.weight_ptr[i + 1];
                mine->scores.add(a.weight_items + first, a.weight_values + first, std::size_t(last - first),
                                 a.history_values[t]);
            }
            for (auto t = a.exclude_ptr[q]; t < a.exclude_ptr[q + 1]; ++t)
                mine->scores.drop(std::size_t(a.exclude_items[t]));
            mine->best.clear();
            if (a.allowed)
                mine->scores.take(mine->best, Allowed{a.allowed, a.items});
            else
                mine->scores.take(mine->best, AsItIs{});
            const std::size_t found = mine->best.finish_by_score();
            for (std::size_t t = 0; t < a.k; ++t) {
                a.top_items[q * a.k + t] = t < found ? mine->best.position(t) : -1;
                a.top_scores[q * a.k + t] = t < found ? mine->best.score(t) : 0;
            }
        }
    });
}

}  // namespace endcap::ENDCAP_ISA
