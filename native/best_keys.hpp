// The k best of a stream of scored positions: higher score first, then lower position.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>

namespace endcap::ENDCAP_ISA {

// Keeps a buffer of at least 2k keys and cuts it to the best k whenever it is full. A key holds a score above zero in
// its upper half and the complement of the position in its lower, so that comparing integers orders both.
class BestKeys {
  public:
    explicit BestKeys(std::size_t k) : k_(k), capacity_(2 * k + 64), keys_(new std::uint64_t[capacity_]) {}

    // No score at or below it can enter any more (equal ones with a lower position could, so it is strictly below the
    // worst kept).
    float threshold() const { return threshold_; }

    void push(float score, std::uint32_t position) {
        std::uint32_t bits;
        std::memcpy(&bits, &score, sizeof bits);
        keys_[size_++] = std::uint64_t(bits) << 32 | std::uint32_t(~position);
        if (size_ == capacity_) cut();
    }

    // Leaves at most k keys, in no order, and returns how many.
    std::size_t finish() {
        if (size_ > k_) cut();
        return size_;
    }

    // Leaves at most k keys, best first, and returns how many.
    std::size_t finish_by_score() {
        if (size_ > k_) cut();
        std::sort(keys_.get(), keys_.get() + size_, std::greater<>());
        return size_;
    }

    // The same, but the lowest position first.
    std::size_t finish_by_position() {
        if (size_ > k_) cut();
        for (std::size_t t = 0; t < size_; ++t) keys_[t] = swap_halves(keys_[t]);
        std::sort(keys_.get(), keys_.get() + size_, std::greater<>());
        for (std::size_t t = 0; t < size_; ++t) keys_[t] = swap_halves(keys_[t]);
        return size_;
    }

    float score(std::size_t rank) const {
        const std::uint32_t bits = std::uint32_t(keys_[rank] >> 32);
        float score;
        std::memcpy(&score, &bits, sizeof score);
        return score;
    }
    std::int32_t position(std::size_t rank) const { return std::int32_t(~std::uint32_t(keys_[rank])); }

    void clear() {
        size_ = 0;
        threshold_ = 0;
    }

  private:
    static std::uint64_t swap_halves(std::uint64_t key) { return key << 32 | key >> 32; }

    void cut() {
        std::nth_element(keys_.get(), keys_.get() + k_ - 1, keys_.get() + size_, std::greater<>());
        size_ = k_;
        // Positions may come in any order, so an equal score must still be let in: one step below the worst kept.
        const std::uint32_t bits = std::uint32_t(keys_[k_ - 1] >> 32) - 1;
        std::memcpy(&threshold_, &bits, sizeof bits);
    }

    std::size_t k_, capacity_, size_ = 0;
    std::unique_ptr<std::uint64_t[]> keys_;
    float threshold_ = 0;
};

}  // namespace endcap::ENDCAP_ISA
