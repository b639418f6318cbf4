// Products of an item's column of the user x item matrix with those of a few chosen items.
#pragma once

#include <memory>
#include <vector>

#include "columns.hpp"
#include "simd.hpp"

namespace endcap::ENDCAP_ISA {

// Without the triangle, the chosen items of each user are listed, so that a row is a walk through the lists of the
// item's users. Scratch of a thread; products are summed in the order of the users.
class LocalGram {
  public:
    explicit LocalGram(const Columns& columns) : c_(columns) {
        if (c_.rows) return;
        begin_.reset(new std::int64_t[c_.users]);
        count_.reset(new std::int32_t[c_.users]());
    }

    // The items, ascending, that rows are about from now on.
    void choose(const std::int32_t* items, std::size_t n) {
        items_ = items;
        n_ = n;
        if (c_.rows) return;
        for (const std::int32_t u : touched_) count_[u] = 0;
        touched_.clear();
        for (std::size_t h = 0; h < n; ++h)
            for (auto t = c_.item_ptr[items[h]]; t < c_.item_ptr[items[h] + 1]; ++t)
                if (count_[c_.item_users[t]]++ == 0) touched_.push_back(c_.item_users[t]);
        std::int64_t total = 0;
        for (const std::int32_t u : touched_) {
            begin_[u] = total;
            total += count_[u];
            count_[u] = 0;
        }
        if (entries_.size() < std::size_t(total)) entries_.resize(std::size_t(total));
        for (std::size_t h = 0; h < n; ++h)
            for (auto t = c_.item_ptr[items[h]]; t < c_.item_ptr[items[h] + 1]; ++t) {
                const std::int32_t u = c_.item_users[t];
                entries_[std::size_t(begin_[u] + count_[u]++)] = {std::int32_t(h), c_.item_values[t]};
            }
    }

    // out[h] = x_item . x_h for the chosen items h from the first-th on; what is before isn't touched.
    void row(std::size_t item, std::size_t first, float* out) const {
        if (c_.rows) return look_up(item, first, out);
        for (std::size_t h = first; h < n_; ++h) out[h] = 0;
        for (auto t = c_.item_ptr[item]; t < c_.item_ptr[item + 1]; ++t) {
            const std::int32_t u = c_.item_users[t];
            const float value = c_.item_values[t];
            const Entry* const entries = entries_.data() + (count_[u] ? begin_[u] : 0);
            for (std::int32_t e = count_[u]; e > 0 && entries[e - 1].place >= std::int32_t(first); --e)
                out[entries[e - 1].place] += value * entries[e - 1].value;
        }
    }

  private:
    struct Entry {
        std::int32_t place;
        float value;
    };

    void look_up(std::size_t item, std::size_t first, float* out) const {
        const float* const row = c_.rows + c_.row_ptr[item];
        std::size_t h = first;
        for (; h < n_ && std::size_t(items_[h]) <= item; ++h) out[h] = row[items_[h]];
        for (; h < n_; ++h) out[h] = c_.rows[c_.row_ptr[items_[h]] + std::int64_t(item)];
    }

    const Columns c_;
    const std::int32_t* items_ = nullptr;
    std::size_t n_ = 0;
    std::unique_ptr<std::int64_t[]> begin_;
    std::unique_ptr<std::int32_t[]> count_;
    std::vector<std::int32_t> touched_;
    std::vector<Entry> entries_;
};

}  // namespace endcap::ENDCAP_ISA
