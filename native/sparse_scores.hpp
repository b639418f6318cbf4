// One score for each of m items, for work that touches few of them at a time.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#include "best_keys.hpp"
#include "simd.hpp"

namespace endcap::ENDCAP_ISA {

// A row of zeros that weighted sparse rows are added to. Where few additions are to come, the items reached are listed,
// and reading the row costs as much as filling it; where many are, the whole row is scanned, which vectors do faster.
class SparseScores {
  public:
    explicit SparseScores(std::size_t m)
        : m_(m),
          padded_((m + kBlock - 1) / kBlock * kBlock),
          scores_(static_cast<float*>(std::calloc(padded_ + 1, sizeof(float)))),
          reached_(new std::int32_t[m / kScanShare + 1]) {
        if (!scores_) throw std::bad_alloc();
    }

    // To be called with the number of single additions that will follow, before the first.
    void begin(std::size_t additions) {
        scan_ = additions > m_ / kScanShare;
        count_ = 0;
    }

    void add(const std::int32_t* items, const float* values, std::size_t n, float weight) {
        float* scores = scores_.get();
        if (scan_) {
            for (std::size_t t = 0; t < n; ++t) scores[items[t]] += weight * values[t];
            return;
        }
        std::int32_t* reached = reached_.get();
        std::size_t count = count_;
        for (std::size_t t = 0; t < n; ++t) {
            const std::int32_t j = items[t];
            const float before = scores[j];
            reached[count] = j;
            count += before == 0;  // listed twice where a sum comes back to zero; see take
            scores[j] = before + weight * values[t];
        }
        count_ = count;
    }

    void drop(std::size_t item) { scores_[item] = 0; }
    float operator[](std::size_t item) const { return scores_[item]; }

    // Pushes every item whose score, as `finish` (float of item and sum, and the same for vectors of items from the
    // one given on) makes it, is above zero, and leaves all scores zero again.
    template <class Finish>
    void take(BestKeys& best, const Finish& finish) {
        if (scan_)
            scan(best, finish);
        else
            gather(best, finish);
    }

  private:
    static constexpr std::size_t kBlock = 4 * kLanes, kScanShare = 8;

    template <class Finish>
    void gather(BestKeys& best, const Finish& finish) {
        float* scores = scores_.get();
        for (std::size_t t = 0; t < count_; ++t) {
            const std::int32_t j = reached_[t];
            const float sum = scores[j];
            scores[j] = 0;  // an item listed twice is zero the second time and falls out
            const float score = finish(std::size_t(j), sum);
            if (score > best.threshold()) best.push(score, std::uint32_t(j));
        }
    }

    template <class Finish>
    void scan(BestKeys& best, const Finish& finish) {
        float* scores = scores_.get();
        float block[kBlock];
        for (std::size_t begin = 0; begin < m_; begin += kBlock) {
            vfloat most{};
            for (std::size_t v = 0; v < kBlock; v += kLanes) {
                const vfloat score = finish(begin + v, load(scores + begin + v));
                store(block + v, score);
                store(scores + begin + v, vfloat{});
                most = score > most ? score : most;
            }
            float highest = 0;
            for (int i = 0; i < kLanes; ++i) highest = most[i] > highest ? most[i] : highest;
            if (highest <= best.threshold()) continue;
            for (std::size_t i = 0; i < kBlock; ++i)
                if (block[i] > best.threshold()) best.push(block[i], std::uint32_t(begin + i));
        }
    }

    struct Free {
        void operator()(float* p) const { std::free(p); }
    };

    std::size_t m_, padded_;
    std::unique_ptr<float[], Free> scores_;  // calloc: of a large row only the pages that are reached cost anything
    std::unique_ptr<std::int32_t[]> reached_;
    std::size_t count_ = 0;
    bool scan_ = false;
};

}  // namespace endcap::ENDCAP_ISA
