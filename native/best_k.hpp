// The best k of a stream of scored items: higher score first, ties to the lower position.
#pragma once

#include <cstdint>
#include <limits>

namespace endcap::ENDCAP_ISA {

struct Scored {
    float score;
    std::int32_t item;
};

static inline bool ranks_before(Scored a, Scored b) {
    return a.score > b.score || (a.score == b.score && a.item < b.item);
}

// A heap in k places given by the caller, the worst of the kept at its root. Places without an item yet hold one that
// ranks behind every finite score.
class BestK {
  public:
    BestK(Scored* places, std::int64_t k) : heap_(places), k_(k) {}

    void clear() {
        for (std::int64_t i = 0; i < k_; ++i)
            heap_[i] = {-std::numeric_limits<float>::infinity(), std::numeric_limits<std::int32_t>::max()};
    }

    // The score that an item must at least have to enter.
    float threshold() const { return heap_[0].score; }

    bool admits(Scored x) const { return ranks_before(x, heap_[0]); }

    // Put `x`, which must be admitted, in the place of the worst.
    void add(Scored x) { sink(x, k_); }

    // Sort what was kept, best first, and write it; the places of a missing item get -1 and 0.
    void write(std::int32_t* items, float* scores) {
        for (std::int64_t end = k_ - 1; end > 0; --end) {
            const Scored worst = heap_[0], last = heap_[end];
            sink(last, end);
            heap_[end] = worst;
        }
        for (std::int64_t i = 0; i < k_; ++i) {
            const bool missing = heap_[i].item == std::numeric_limits<std::int32_t>::max();
            items[i] = missing ? -1 : heap_[i].item;
            scores[i] = missing ? 0.0f : heap_[i].score;
        }
    }

  private:
    // Put `x` at the root of the first `size` places and let it down to where it belongs.
    void sink(Scored x, std::int64_t size) {
        std::int64_t hole = 0;
        for (;;) {
            std::int64_t child = 2 * hole + 1;
            if (child >= size) break;
            if (child + 1 < size && ranks_before(heap_[child], heap_[child + 1])) ++child;
            if (!ranks_before(x, heap_[child])) break;
            heap_[hole] = heap_[child];
            hole = child;
        }
        heap_[hole] = x;
    }

    Scored* heap_;
    std::int64_t k_;
};

// Whether `item` is in an ascending list.
static inline bool contains(const std::int32_t* begin, const std::int32_t* end, std::int32_t item) {
    while (begin < end) {
        const std::int32_t* middle = begin + (end - begin) / 2;
        if (*middle == item) return true;
        if (*middle < item)
            begin = middle + 1;
        else
            end = middle;
    }
    return false;
}

}  // namespace endcap::ENDCAP_ISA
