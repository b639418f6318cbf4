#include "slope_one.hpp"

#include <cstring>
#include <memory>
#include <vector>

#include "parallel.hpp"

namespace endcap::ENDCAP_ISA {
namespace {

// Sum of differences and number of users, added to as one.
typedef float Both __attribute__((vector_size(8)));

void accumulate(const SlopeOneArgs& a, std::size_t i, Both* row) {
    std::memset(static_cast<void*>(row), 0, a.items * sizeof *row);
    for (auto t = a.item_ptr[i]; t < a.item_ptr[i + 1]; ++t) {
        const std::size_t u = std::size_t(a.item_users[t]);
        const float rating = a.item_ratings[t];
        for (auto s = a.user_ptr[u]; s < a.user_ptr[u + 1]; ++s)
            row[a.user_items[s]] += Both{rating - a.user_ratings[s], 1};
    }
    // From now on: the mean difference, and whether there is one.
    for (std::size_t j = 0; j < a.items; ++j)
        if (row[j][1] > 0) row[j] = Both{row[j][0] / row[j][1], 1};
}

}  // namespace

void slope_one(const SlopeOneArgs& a) {
    std::vector<std::unique_ptr<Both[]>> scratch(resolve_threads(a.threads));
    parallel_for(a.groups, 4, a.threads, [&](std::size_t begin, std::size_t end, unsigned worker) {
        if (!scratch[worker]) scratch[worker].reset(new Both[a.items]);
        Both* row = scratch[worker].get();
        for (std::size_t g = begin; g < end; ++g) {
            accumulate(a, std::size_t(a.group_items[g]), row);
            for (auto p = a.group_ptr[g]; p < a.group_ptr[g + 1]; ++p) {
                const std::size_t h = std::size_t(a.pair_histories[p]);
                Both total{};
                for (auto s = a.history_ptr[h]; s < a.history_ptr[h + 1]; ++s) total += row[a.history_items[s]];
                a.deviations[p] = total[1] > 0 ? total[0] / total[1] : 0.0f;
            }
        }
    });
}

}  // namespace endcap::ENDCAP_ISA
