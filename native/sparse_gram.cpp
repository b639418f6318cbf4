// An item's row is the sum of its users' histories, added in the order of the users, so the result doesn't depend on
// the threads.
#include "sparse_gram.hpp"

#include <algorithm>

#include "parallel.hpp"

namespace endcap::ENDCAP_ISA {

void sparse_gram(const SparseGramArgs& a) {
    parallel_for(a.items, 4, a.threads, [&](std::size_t begin, std::size_t end, unsigned) {
        for (std::size_t i = begin; i < end; ++i) {
            float* const row = a.rows + a.row_ptr[i];
            std::fill(row, a.rows + a.row_ptr[i + 1], 0.0f);
            const std::int32_t item = std::int32_t(i);
            for (auto t = a.item_ptr[i]; t < a.item_ptr[i + 1]; ++t) {
                const std::int32_t user = a.item_users[t];
                const float weight = a.item_values[t];
                const std::int64_t last = a.user_ptr[user + 1];
                for (auto s = a.user_ptr[user]; s < last && a.user_items[s] <= item; ++s)
                    row[a.user_items[s]] += weight * a.user_values[s];
            }
        }
    });
}

}  // namespace endcap::ENDCAP_ISA
