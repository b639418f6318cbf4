#include "ranking_metrics.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <vector>

#include "parallel.hpp"

namespace endcap::ENDCAP_ISA {
namespace {

// What a thread knows of items while it looks at one user: flags beside the user's stamp. A mark of another stamp says
// nothing, so that nothing has to be wiped between users; and a mark is small, so that a catalogue's stay in the cache.
constexpr std::uint32_t kIsRelevant = 1, kIsSeen = 2, kIsListed = 4, kStampUnit = 8;

struct Scratch {
    struct BestSeller {
        std::uint32_t stamp = 0;
        std::int32_t place = 0;
    };
    std::vector<std::uint32_t> marks;
    std::vector<std::int32_t> entries;  // of a relevant item: its place among the user's
    std::vector<BestSeller> best;
    std::vector<std::int32_t> in_category;
    std::vector<double> ideal;  // values of the relevant, the highest first
    std::uint32_t stamp = 0;
    explicit Scratch(const RankingMetricsArgs& a)
        : marks(a.ids),
          entries(a.relevant_values ? a.ids : 0),
          best(a.best_sellers ? a.items : 0),
          in_category(a.n_categories) {}

    void next_user() {
        stamp += kStampUnit;
        if (stamp) return;
        std::fill(marks.begin(), marks.end(), 0);  // after half a billion users stamps come again
        std::fill(best.begin(), best.end(), BestSeller{});
        stamp = kStampUnit;
    }

    // What is known of an item: 0 or more of the flags.
    std::uint32_t flags(std::int32_t item) const {
        const auto known = marks[item] ^ stamp;
        return known < kStampUnit ? known : 0;
    }
    void add(std::int32_t item, std::uint32_t flag) { marks[item] = stamp | flags(item) | flag; }
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
        count += (s.flags(item) & kIsRelevant) && !(best.stamp == s.stamp && std::size_t(best.place) < k);
    }
    return count;
}

struct User {
    std::size_t relevant = 0, known = 0, fresh = 0, seen = 0;  // of the relevant: in the catalogue; not in the history
};

// Every metric is a part of a whole, and 0 of 0, which is NaN, where there is none: so all are divided at once.
void write(const RankingMetricsArgs& a, const Scratch& s, const User& u, const Running& r, std::size_t user,
           std::size_t k, const std::vector<double>& ideal_gain, double* out) {
    double part[kRankingMetrics] = {}, whole[kRankingMetrics] = {};
    const auto set = [&](RankingMetric metric, double share, double of) { part[metric] = share, whole[metric] = of; };
    const double h = double(r.hits), relevant = double(u.relevant), length = double(k), filled = double(r.filled);
    set(kPrecision, h, length);
    set(kRecall, h, relevant);
    set(kF1, 2 * h, length + relevant);
    set(kNdcg, r.gain, ideal_gain[std::min(u.relevant, k)]);
    set(kHitRate, r.hits > 0, 1);
    set(kMap, r.precisions, std::min(relevant, length));
    set(kMrr, r.hits > 0, double(std::max<std::size_t>(r.first, 1)));
    // The list in its order, everything else behind it in any: pairs of a relevant and an irrelevant item that are
    // ordered rightly, ties half. A relevant item outside the catalogue is behind all.
    const double known = double(u.known);
    const double irrelevant = double(a.items) - (a.exclude_seen ? double(u.seen) : 0.0) - known;
    const double rest = irrelevant - (filled - h);
    if (irrelevant > 0) set(kAuc, h * irrelevant - r.above + (known - h) * rest / 2, relevant * irrelevant);
    if (a.seen_ptr) {
        set(kNew, double(r.fresh), filled);
        set(kRecallNew, double(r.fresh_hits), double(u.fresh));
        set(kRecallRepeat, double(r.hits - r.fresh_hits), double(u.relevant - u.fresh));
    }
    if (a.relevant_values) {
        double best = 0;
        for (std::size_t p = 0; p < std::min(u.relevant, k); ++p) best += s.ideal[p] * a.discounts[p];
        set(kRevenue, r.revenue, 1);
        if (best > 0) set(kRevenueNdcg, r.revenue_gain, best);
    }
    if (a.categories) set(kDiversity, r.pairs - r.same, r.pairs);
    if (a.best_sellers) set(kSerendipity, double(surprises(a, s, user, k)), length);
    if (a.novelty) set(kNovelty, r.novelty, filled);
    if (a.popularity) set(kPopularity, r.popularity, filled);
    for (std::size_t m = 0; m < kRankingMetrics; ++m) out[m] = part[m] / whole[m];
}

User prepare(const RankingMetricsArgs& a, Scratch& s, std::size_t user) {
    User u;
    if (a.seen_ptr)
        for (auto t = a.seen_ptr[user]; t < a.seen_ptr[user + 1]; ++t, ++u.seen) s.add(a.seen_items[t], kIsSeen);
    for (auto t = a.relevant_ptr[user]; t < a.relevant_ptr[user + 1]; ++t, ++u.relevant) {
        const auto item = a.relevant_items[t];
        if (a.relevant_values) s.entries[item] = std::int32_t(t - a.relevant_ptr[user]);
        u.known += std::size_t(item) < a.items;
        u.fresh += !(s.flags(item) & kIsSeen);
        s.add(item, kIsRelevant);
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
    const auto flags = s.flags(item);
    if (flags & kIsListed) return false;
    s.add(item, kIsListed);
    const bool fresh = !(flags & kIsSeen);
    if (flags & kIsRelevant) {
        r.above += double(r.filled - r.hits);
        ++r.hits;
        r.fresh_hits += fresh;
        if (!r.first) r.first = p + 1;
        r.gain += a.discounts[p];
        r.precisions += double(r.hits) / double(p + 1);
        if (a.relevant_values) {
            const double value = a.relevant_values[a.relevant_ptr[user] + s.entries[item]];
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
            s.next_user();
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

void column_means(const ColumnMeansArgs& a) {
    constexpr std::size_t kRows = 1024;  // whose sums are made by one thread, and then added in the order of the rows
    const std::size_t parts = (a.rows + kRows - 1) / kRows, m = a.columns;
    std::vector<double> sums(parts * m), counts(parts * m);
    parallel_for(a.rows, kRows, a.threads, [&](std::size_t begin, std::size_t end, unsigned) {
        double* __restrict sum = sums.data() + begin / kRows * m;
        double* __restrict count = counts.data() + begin / kRows * m;
        for (const double* row = a.values + begin * m; row < a.values + end * m; row += m)
            for (std::size_t c = 0; c < m; ++c) {
                const double value = row[c];
                const bool known = value == value;
                sum[c] += known ? value : 0;
                count[c] += known ? 1 : 0;
            }
    });
    for (std::size_t c = 0; c < m; ++c) {
        double sum = 0, count = 0;
        for (std::size_t part = 0; part < parts; ++part) sum += sums[part * m + c], count += counts[part * m + c];
        a.means[c] = sum / count;
    }
}

}  // namespace endcap::ENDCAP_ISA
