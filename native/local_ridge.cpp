#include "local_ridge.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "cholesky.hpp"
#include "local_gram.hpp"
#include "parallel.hpp"

namespace endcap::ENDCAP_ISA {
namespace {

struct Equations {
    Equations(const Columns& columns, std::size_t most)
        : gram(columns), a(most * most), row(most), right(most), inverse(most) {}
    LocalGram gram;
    Scratch a, row, right, inverse;
};

void solve_one(const LocalRidgeArgs& a, std::size_t item, Equations& mine) {
    const std::int32_t* candidates = a.candidate_items + a.candidate_ptr[item];
    const std::size_t n = std::size_t(a.candidate_ptr[item + 1] - a.candidate_ptr[item]), size = round_up(n, kLanes);
    if (n == 0) return;
    mine.gram.choose(candidates, n);
    // Places beyond the n-th are equations of their own, with the solution zero.
    std::fill(mine.row + n, mine.row + size, 0.0f);
    for (std::size_t i = 0; i < size; ++i) {
        const std::size_t first = i / kLanes * kLanes;
        std::fill(mine.row + first, mine.row + i, 0.0f);
        if (i < n)
            mine.gram.row(std::size_t(candidates[i]), i, mine.row);
        else
            std::fill(mine.row + first, mine.row + size, 0.0f);
        mine.row[i] += a.ridge;
        for (std::size_t c = first; c < size; c += kLanes) store(mine.a + c * size + i * kLanes, load(mine.row + c));
    }
    mine.gram.row(item, 0, mine.right);
    std::fill(mine.right + n, mine.right + size, 0.0f);
    factorize(mine.a, size, mine.inverse);
    solve(mine.a, size, mine.inverse, mine.right);
    std::copy(mine.right + 0, mine.right + n, a.weights + a.candidate_ptr[item]);
}

}  // namespace

void local_ridge(const LocalRidgeArgs& a) {
    std::size_t most = 0;
    for (std::size_t j = 0; j < a.columns.items; ++j)
        most = std::max(most, std::size_t(a.candidate_ptr[j + 1] - a.candidate_ptr[j]));
    most = round_up(most, kLanes);
    std::vector<std::unique_ptr<Equations>> scratch(resolve_threads(a.threads));
    parallel_for(a.columns.items, 1, a.threads, [&](std::size_t begin, std::size_t end, unsigned worker) {
        auto& mine = scratch[worker];
        if (!mine) mine.reset(new Equations(a.columns, most));
        for (std::size_t j = begin; j < end; ++j) solve_one(a, j, *mine);
    });
}

}  // namespace endcap::ENDCAP_ISA
