// Only products of columns are needed: those of the candidates with the item at the start, and a candidate's with all
// the others when its weight first becomes other than zero, which few ever do. Rounds go through those few alone until
// their weights stand still; then all candidates are looked at again.
#include "slim.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "local_gram.hpp"
#include "parallel.hpp"
#include "tile.hpp"

namespace endcap::ENDCAP_ISA {
namespace {

class Problem {
  public:
    Problem(const SlimArgs& args, std::size_t most)
        : a_(args), gram_(args.columns), most_(most), ahead_(most), square_(args.columns.items), rows_(most * most) {
        has_row_.resize(most);
        active_.reserve(most);
        for (std::size_t i = 0; i < args.columns.items; ++i) {
            const auto first = args.columns.item_ptr[i], n = args.columns.item_ptr[i + 1] - first;
            square_[i] = dot(args.columns.item_values + first, args.columns.item_values + first, std::size_t(n));
        }
    }

    void solve(std::size_t item) {
        candidates_ = a_.candidate_items + a_.candidate_ptr[item];
        w_ = a_.weights + a_.candidate_ptr[item];
        n_ = std::size_t(a_.candidate_ptr[item + 1] - a_.candidate_ptr[item]);
        std::fill(w_, w_ + n_, 0.0f);
        std::fill(has_row_.begin(), has_row_.end(), char(0));
        active_.clear();
        gram_.choose(candidates_, n_);
        gram_.row(item, 0, ahead_);
        std::fill(ahead_ + n_, ahead_ + round_up(n_, kLanes), 0.0f);
        for (int round = 0; round < a_.rounds;) {
            float most = 0;
            for (std::size_t i = 0; i < n_; ++i) most = std::max(most, move(i));
            ++round;
            if (most <= a_.tolerance) return;
            for (; round < a_.rounds && most > a_.tolerance; ++round) {
                most = 0;
                for (const std::size_t i : active_) most = std::max(most, move(i));
            }
        }
    }

  private:
    // Sets the weight that is best given all others; returns how far it moved.
    float move(std::size_t i) {
        const float before = w_[i], square = square_[std::size_t(candidates_[i])];
        const float next = shrunk(ahead_[i] + square * before) / (square + a_.l2), change = next - before;
        if (change == 0) return 0;
        float* const row = rows_ + i * most_;
        if (!has_row_[i]) {
            has_row_[i] = 1;
            active_.push_back(i);
            gram_.row(std::size_t(candidates_[i]), 0, row);
            std::fill(row + n_, row + round_up(n_, kLanes), 0.0f);
        }
        w_[i] = next;
        for (std::size_t h = 0; h < n_; h += kLanes) store(ahead_ + h, load(ahead_ + h) - change * load(row + h));
        return change < 0 ? -change : change;
    }

    float shrunk(float x) const {
        if (x > a_.l1) return x - a_.l1;
        return x < -a_.l1 && !a_.positive ? x + a_.l1 : 0;
    }

    const SlimArgs& a_;
    LocalGram gram_;
    const std::size_t most_;
    Scratch ahead_;   // x_i . (x_j - X w) for each candidate i
    Scratch square_;  // x_i . x_i for each item
    Scratch rows_;    // x_i . x_h for all candidates h, where it was needed
    std::vector<char> has_row_;
    std::vector<std::size_t> active_;
    const std::int32_t* candidates_ = nullptr;
    float* w_ = nullptr;
    std::size_t n_ = 0;
};

}  // namespace

void slim(const SlimArgs& a) {
    std::size_t most = 0;
    for (std::size_t j = 0; j < a.columns.items; ++j)
        most = std::max(most, std::size_t(a.candidate_ptr[j + 1] - a.candidate_ptr[j]));
    most = round_up(most, kLanes);
    std::vector<std::unique_ptr<Problem>> problems(resolve_threads(a.threads));
    parallel_for(a.columns.items, 1, a.threads, [&](std::size_t begin, std::size_t end, unsigned worker) {
        auto& mine = problems[worker];
        if (!mine) mine.reset(new Problem(a, most));
        for (std::size_t j = begin; j < end; ++j) mine->solve(j);
    });
}

}  // namespace endcap::ENDCAP_ISA
