#include "ranking_metrics.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <vector>

#include "parallel.hpp"

namespace endcap::ENDCAP_ISA {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// What a thread knows of items while it looks at one user: a mark counts where it carries the user's stamp, so that
// nothing has to be wiped between users.
struct Scratch {
    struct Mark {
        std::uint32_t relevant = 0, seen = 0, listed = 0;
        std::int32_t entry = 0;  // among the relevant
    };
    struct BestSeller {
        std::uint32_t stamp = 0;
        std::int32_t place = 0;
    };
    std::vector<Mark> marks;
    std::vector<BestSeller> best;
    std::vector<std::int32_t> in_category;
    std::vector<double> ideal;  // values of the relevant, the highest first
    std::uint32_t stamp = 0;
    explicit Scratch(const RankingMetricsArgs& a)
        : marks(a.ids), best(a.best_sellers ? a.items : 0), in_category(a.n_categories) {}
};

// The gain of a list that starts with so many hits, for each number from 0 to the width.
std::vector<double> ideal_gains(const RankingMetricsArgs& a) {
    std::vector<double> gains(a.width + 1);
    for (std::size_t p = 0; p < a.width; ++p) gains[p + 1] = gains[p] + a.discounts[p];
    return gains;
}

// What is counted on the way down a list.
struct Running {
    std::size_t filled = 0, hits = 0, first = 0, fresh = 0, fresh_hits = 0;
    double gain = 0, precisions = 0, above = 0, revenue = 0, revenue_gain = 0;
    double novelty = 0, popularity = 0, same = 0, pairs = 0, known = 0;
};

// Hits among the first k that aren't among the first k best-sellers.
std::size_t surprises(const RankingMetricsArgs& a, const Scratch& s, std::size_t user, std::size_t k) {
    std::size_t count = 0;
    for (std::size_t p = 0; p < k; ++p) {
        const auto item = a.recommended[user * a.width + p];
        if (item < 0) continue;
        const auto& best = s.best[item];
        count += s.marks[item].relevant == s.stamp && !(best.stamp == s.stamp && std::size_t(best.place) < k);
    }
    return count;
}

struct User {
    std::size_t relevant = 0, known = 0, fresh = 0, seen = 0;  // of the relevant: in the catalogue; not in the history
};

void write(const RankingMetricsArgs& a, const Scratch& s, const User& u, const Running& r, std::size_t user,
           std::size_t k, const std::vector<double>& ideal_gain, double* out) {
    const double h = double(r.hits), most = double(std::min(u.relevant, k));
    out[kPrecision] = h / double(k);
    out[kRecall] = h / double(u.relevant);
    out[kF1] = 2 * h / double(k + u.relevant);
    out[kNdcg] = r.gain / ideal_gain[std::min(u.relevant, k)];
    out[kHitRate] = r.hits > 0;
    out[kMap] = r.precisions / most;
    out[kMrr] = r.first ? 1 / double(r.first) : 0;
    // The list in its order, everything else behind it in any: pairs of a relevant and an irrelevant item that are
    // ordered rightly, ties half. A relevant item outside the catalogue is behind all.
    const double irrelevant = double(a.items) - (a.exclude_seen ? double(u.seen) : 0.0) - double(u.known);
    const double rest = irrelevant - (double(r.filled) - h);
    out[kAuc] = irrelevant > 0
                    ? (h * irrelevant - r.above + (double(u.known) - h) * rest / 2) / (double(u.relevant) * irrelevant)
                    : kNaN;
    const bool seen = a.seen_ptr != nullptr;
    const std::size_t repeats = u.relevant - u.fresh;
    out[kNew] = seen && r.filled ? double(r.fresh) / double(r.filled) : kNaN;
    out[kRecallNew] = seen && u.fresh ? double(r.fresh_hits) / double(u.fresh) : kNaN;
    out[kRecallRepeat] = seen && repeats ? double(r.hits - r.fresh_hits) / double(repeats) : kNaN;
    out[kRevenue] = out[kRevenueNdcg] = kNaN;
    if (a.relevant_values) {
        double best = 0;
        for (std::size_t p = 0; p < std::min(u.relevant, k); ++p) best += s.ideal[p] * a.discounts[p];
        out[kRevenue] = r.revenue;
        out[kRevenueNdcg] = best > 0 ? r.revenue_gain / best : kNaN;
    }
    out[kDiversity] = a.categories && r.pairs > 0 ? 1 - r.same / r.pairs : kNaN;
    out[kSerendipity] = a.best_sellers ? double(surprises(a, s, user, k)) / double(k) : kNaN;
    out[kNovelty] = a.novelty && r.filled ? r.novelty / double(r.filled) : kNaN;
    out[kPopularity] = a.popularity && r.filled ? r.popularity / double(r.filled) : kNaN;
}

User prepare(const RankingMetricsArgs& a, Scratch& s, std::size_t user) {
    User u;
    if (a.seen_ptr)
        for (auto t = a.seen_ptr[user]; t < a.seen_ptr[user + 1]; ++t, ++u.seen)
            s.marks[a.seen_items[t]].seen = s.stamp;
    for (auto t = a.relevant_ptr[user]; t < a.relevant_ptr[user + 1]; ++t, ++u.relevant) {
        auto& mark = s.marks[a.relevant_items[t]];
        mark.relevant = s.stamp;
        mark.entry = std::int32_t(t - a.relevant_ptr[user]);
        u.known += std::size_t(a.relevant_items[t]) < a.items;
        u.fresh += mark.seen != s.stamp;
    }
    if (a.relevant_values) {
        s.ideal.assign(a.relevant_values + a.relevant_ptr[user], a.relevant_values + a.relevant_ptr[user + 1]);
        std::sort(s.ideal.begin(), s.ideal.end(), [](double x, double y) { return x > y; });
    }
    if (a.best_sellers)
        for (std::size_t p = 0; p < a.width; ++p) {
            const auto item = a.best_sellers[user * a.width + p];
            if (item < 0) continue;
            s.best[item] = {s.stamp, std::int32_t(p)};
        }
    return u;
}

// Adds place p, or returns false where its item is in the list already.
bool add(const RankingMetricsArgs& a, Scratch& s, Running& r, std::size_t user, std::size_t p) {
    const auto item = a.recommended[user * a.width + p];
    if (item < 0) return true;
    auto& mark = s.marks[item];
    if (mark.listed == s.stamp) return false;
    mark.listed = s.stamp;
    const bool fresh = mark.seen != s.stamp;
    if (mark.relevant == s.stamp) {
        r.above += double(r.filled - r.hits);
        ++r.hits;
        r.fresh_hits += fresh;
        if (!r.first) r.first = p + 1;
        r.gain += a.discounts[p];
        r.precisions += double(r.hits) / double(p + 1);
        if (a.relevant_values) {
            const double value = a.relevant_values[a.relevant_ptr[user] + mark.entry];
            r.revenue += value;
            r.revenue_gain += value * a.discounts[p];
        }
    }
    ++r.filled;
    r.fresh += fresh;
    if (a.categories && a.categories[item] >= 0) {
        r.pairs += r.known;
        r.same += double(s.in_category[a.categories[item]]++);
        ++r.known;
    }
    if (a.novelty) r.novelty += a.novelty[item];
    if (a.popularity) r.popularity += a.popularity[item];
    return true;
}

}  // namespace

std::int64_t ranking_metrics(const RankingMetricsArgs& a) {
    std::vector<std::unique_ptr<Scratch>> scratch(resolve_threads(a.threads));
    const std::vector<double> ideal_gain = ideal_gains(a);
    std::atomic<std::int64_t> twice{std::numeric_limits<std::int64_t>::max()};
    parallel_for(a.users, 256, a.threads, [&](std::size_t begin, std::size_t end, unsigned worker) {
        if (!scratch[worker]) scratch[worker] = std::make_unique<Scratch>(a);
        Scratch& s = *scratch[worker];
        for (std::size_t user = begin; user < end; ++user) {
            ++s.stamp;
            const User u = prepare(a, s, user);
            Running r;
            std::size_t cutoff = 0;
            for (std::size_t p = 0; cutoff < a.n_cutoffs; ++p) {
                if (!add(a, s, r, user, p)) {
                    auto first = twice.load();
                    while (std::int64_t(user) < first && !twice.compare_exchange_weak(first, std::int64_t(user))) {
                    }
                }
                for (; cutoff < a.n_cutoffs && std::size_t(a.cutoffs[cutoff]) == p + 1; ++cutoff)
                    write(a, s, u, r, user, p + 1, ideal_gain,
                          a.values + (user * a.n_cutoffs + cutoff) * kRankingMetrics);
            }
            if (a.categories)
                for (std::size_t p = 0; p < a.width; ++p) {
                    const auto item = a.recommended[user * a.width + p];
                    if (item >= 0 && a.categories[item] >= 0) s.in_category[a.categories[item]] = 0;
                }
        }
    });
    const auto first = twice.load();
    return first == std::numeric_limits<std::int64_t>::max() ? -1 : first;
}

}  // namespace endcap::ENDCAP_ISA
