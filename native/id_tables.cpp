#include "id_tables.hpp"

#include <algorithm>

#include "parallel.hpp"

namespace endcap::ENDCAP_ISA {
namespace {

constexpr std::size_t kGrain = 1 << 16;

template <class Number>
void look_up_some(const Number* numbers, std::size_t n, const LookUpArgs& a, std::int32_t* positions) {
    for (std::size_t i = 0; i < n; ++i) {
        // A number before the table, or too far from it for 64 bits, comes round to one that is behind it.
        const std::uint64_t at = std::uint64_t(std::int64_t(numbers[i])) - std::uint64_t(a.first);
        positions[i] = at < a.size ? a.table[at] : -1;
    }
}

template <class Row>
bool lists_of(const Row* rows, const PairListsArgs& a) {
    std::size_t row = 0;
    a.indptr[0] = 0;
    for (std::size_t i = 0; i < a.n; ++i) {
        if (std::size_t(rows[i]) == row) {
            if (i && std::size_t(rows[i - 1]) == row && a.columns[i] <= a.columns[i - 1]) return false;
            continue;
        }
        if (std::size_t(rows[i]) < row || std::size_t(rows[i]) >= a.n_rows) return false;
        while (row < std::size_t(rows[i])) a.indptr[++row] = std::int64_t(i);
    }
    while (row < a.n_rows) a.indptr[++row] = std::int64_t(a.n);
    return true;
}

}  // namespace

void look_up(const LookUpArgs& a) {
    parallel_for(a.n, kGrain, a.threads, [&](std::size_t begin, std::size_t end, unsigned) {
        if (a.numbers.narrow)
            look_up_some(a.numbers.narrow + begin, end - begin, a, a.positions + begin);
        else
            look_up_some(a.numbers.wide + begin, end - begin, a, a.positions + begin);
    });
}

bool pair_lists(const PairListsArgs& a) {
    return a.rows.narrow ? lists_of(a.rows.narrow, a) : lists_of(a.rows.wide, a);
}

std::int64_t fill_lists(const FillListsArgs& a) {
    for (std::size_t i = 0; i < a.n; ++i) {
        if (a.rows[i] < 0) continue;
        if (a.ranks[i] < 1) return std::int64_t(i);
        if (std::uint64_t(a.ranks[i]) > a.width) continue;
        auto& place = a.lists[std::size_t(a.rows[i]) * a.width + std::size_t(a.ranks[i] - 1)];
        if (a.items[i] < 0 || place >= 0) return std::int64_t(i);
        place = a.items[i];
    }
    return -1;
}

void first_places(const FirstPlacesArgs& a) {
    for (std::size_t user = 0; user < a.users; ++user)
        for (std::size_t p = 0; p < a.width; ++p) {
            const auto item = a.lists[user * a.width + p];
            if (std::size_t(item) < a.items) a.first[item] = std::min(a.first[item], std::int32_t(p));
        }
}

void count_items(const CountItemsArgs& a) {
    for (std::size_t i = 0; i < a.n; ++i) ++a.counts[a.positions[i]];
}

}  // namespace endcap::ENDCAP_ISA
