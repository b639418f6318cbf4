// The newest sessions that share an item come out of a merge of the items' lists, which are sorted by age; so the lists
// are read only as far as they are needed, and no session has to be looked up in a table.
#include "sessions.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "parallel.hpp"
#include "sparse_scores.hpp"

namespace endcap::ENDCAP_ISA {
namespace {

constexpr std::size_t kGrain = 16;

struct Neighbour {
    std::int32_t session;
    std::uint32_t latest;  // place in the query of the latest item shared
    float similarity;
};

// The neighbours of one query at a time.
class Neighbourhood {
  public:
    explicit Neighbourhood(const SessionQueries& asked)
        : recent_(new Neighbour[asked.recent]), best_(std::min(asked.neighbours, asked.recent)) {}

    // Returns how many were found; they can be read by rank, the most similar first, ties to the newer.
    std::size_t find(const SessionIndex& index, const SessionQueries& asked, std::size_t query) {
        const std::int64_t begin = asked.own_ptr[query];
        const float* weights = asked.own_weights + begin;
        heads_.clear();
        for (auto t = begin; t < asked.own_ptr[query + 1]; ++t) {
            const auto i = std::size_t(asked.own_items[t]);
            if (index.item_ptr[i] < index.item_ptr[i + 1])
                heads_.push_back({index.item_sessions + index.item_ptr[i], index.item_sessions + index.item_ptr[i + 1],
                                  std::uint32_t(t - begin)});
        }
        std::make_heap(heads_.begin(), heads_.end(), later);
        best_.clear();
        std::size_t count = 0;
        while (!heads_.empty() && count < asked.recent) {
            Neighbour found{*heads_[0].at, heads_[0].place, 0};
            while (!heads_.empty() && *heads_[0].at == found.session) {
                found.similarity += weights[heads_[0].place];
                advance();
            }
            if (found.session == asked.skip[query]) continue;
            found.similarity *= index.session_weights[found.session];
            recent_[count] = found;
            if (found.similarity > best_.threshold()) best_.push(found.similarity, std::uint32_t(count));
            ++count;
        }
        return best_.finish_by_score();
    }

    const Neighbour& operator[](std::size_t rank) const { return recent_[std::size_t(best_.position(rank))]; }

  private:
    struct Head {
        const std::int32_t *at, *end;
        std::uint32_t place;
    };
    static bool later(const Head& a, const Head& b) { return *a.at > *b.at || (*a.at == *b.at && a.place > b.place); }

    // Move the first list on, and let it down to where it belongs.
    void advance() {
        Head moved = heads_[0];
        if (++moved.at == moved.end) {
            moved = heads_.back();
            heads_.pop_back();
        }
        const std::size_t n = heads_.size();
        std::size_t hole = 0;
        for (std::size_t child = 1; child < n; child = 2 * hole + 1) {
            if (child + 1 < n && later(heads_[child], heads_[child + 1])) ++child;
            if (!later(moved, heads_[child])) break;
            heads_[hole] = heads_[child];
            hole = child;
        }
        if (n) heads_[hole] = moved;
    }

    std::vector<Head> heads_;
    std::unique_ptr<Neighbour[]> recent_;
    BestKeys best_;
};

// Adds up what the neighbours of a query say.
void hear(const SessionIndex& index, const SessionQueries& asked, const SessionVotes& votes, std::size_t query,
          Neighbourhood& near, SparseScores& scores) {
    const std::size_t found = near.find(index, asked, query);
    const std::int64_t own = asked.own_ptr[query];
    for (std::size_t n = 0; n < found; ++n)
        __builtin_prefetch(index.session_items + index.session_ptr[std::size_t(near[n].session)]);
    std::size_t additions = 0;
    for (std::size_t n = 0; n < found; ++n) {
        const auto s = std::size_t(near[n].session);
        const std::int32_t* items = index.session_items + index.session_ptr[s];
        const auto length = std::size_t(index.session_ptr[s + 1] - index.session_ptr[s]);
        const std::int32_t shared = asked.own_items[own + near[n].latest];
        additions += length * std::size_t(std::count(items, items + length, shared));
    }
    scores.begin(additions);
    for (std::size_t n = 0; n < found; ++n) {
        const Neighbour& neighbour = near[n];
        const auto s = std::size_t(neighbour.session);
        const std::int32_t* items = index.session_items + index.session_ptr[s];
        const auto length = std::size_t(index.session_ptr[s + 1] - index.session_ptr[s]);
        const std::int32_t shared = asked.own_items[own + neighbour.latest];
        const float weight = neighbour.similarity * asked.own_latest[own + neighbour.latest];
        for (std::size_t at = 0; at < length; ++at)
            if (items[at] == shared) scores.add(items, votes.by_distance + votes.reach - at, length, weight);
    }
}

struct Weighted {
    const float* weights;
    const std::uint8_t* allowed;
    std::size_t items;
    float operator()(std::size_t j, float sum) const { return !allowed || allowed[j] ? sum * weights[j] : 0; }
    vfloat operator()(std::size_t j, vfloat sum) const {
        for (std::size_t i = 0; i < kLanes; ++i) sum[i] = j + i < items ? (*this)(j + i, sum[i]) : 0;
        return sum;
    }
};

struct Scratch {
    Scratch(const SessionIndex& index, const SessionQueries& asked, std::size_t k)
        : near(asked), scores(index.items), best(k) {}
    Neighbourhood near;
    SparseScores scores;
    BestKeys best;
};

}  // namespace

void top_k_sessions(const TopKSessionsArgs& a) {
    std::vector<std::unique_ptr<Scratch>> scratch(resolve_threads(a.threads));
    const std::size_t k = std::min(a.k, a.index.items);
    parallel_for(a.asked.queries, kGrain, a.threads, [&](std::size_t begin, std::size_t end, unsigned worker) {
        auto& mine = scratch[worker];
        if (!mine) mine.reset(new Scratch(a.index, a.asked, k));
        for (std::size_t q = begin; q < end; ++q) {
            hear(a.index, a.asked, a.votes, q, mine->near, mine->scores);
            for (auto t = a.exclude_ptr[q]; t < a.exclude_ptr[q + 1]; ++t)
                mine->scores.drop(std::size_t(a.exclude_items[t]));
            mine->best.clear();
            mine->scores.take(mine->best, Weighted{a.votes.item_weights, a.allowed, a.index.items});
            const std::size_t found = mine->best.finish_by_score();
            for (std::size_t t = 0; t < a.k; ++t) {
                a.top_items[q * a.k + t] = t < found ? mine->best.position(t) : -1;
                a.top_scores[q * a.k + t] = t < found ? mine->best.score(t) : 0;
            }
        }
    });
}

void score_sessions(const ScoreSessionsArgs& a) {
    std::vector<std::unique_ptr<Scratch>> scratch(resolve_threads(a.threads));
    parallel_for(a.asked.queries, kGrain, a.threads, [&](std::size_t begin, std::size_t end, unsigned worker) {
        auto& mine = scratch[worker];
        if (!mine) mine.reset(new Scratch(a.index, a.asked, 1));
        for (std::size_t q = begin; q < end; ++q) {
            hear(a.index, a.asked, a.votes, q, mine->near, mine->scores);
            for (auto t = a.pair_ptr[q]; t < a.pair_ptr[q + 1]; ++t) {
                const auto j = std::size_t(a.pair_items[t]);
                a.scores[t] = mine->scores[j] * a.votes.item_weights[j];
            }
            mine->best.clear();
            mine->scores.take(mine->best, Weighted{a.votes.item_weights, nullptr, a.index.items});
        }
    });
}

void nearest_sessions(const NearestSessionsArgs& a) {
    std::vector<std::unique_ptr<Neighbourhood>> scratch(resolve_threads(a.threads));
    parallel_for(a.asked.queries, kGrain, a.threads, [&](std::size_t begin, std::size_t end, unsigned worker) {
        auto& near = scratch[worker];
        if (!near) near.reset(new Neighbourhood(a.asked));
        for (std::size_t q = begin; q < end; ++q) {
            const std::size_t found = near->find(a.index, a.asked, q), n = a.asked.neighbours;
            for (std::size_t t = 0; t < n; ++t) {
                a.sessions[q * n + t] = t < found ? (*near)[t].session : -1;
                a.similarities[q * n + t] = t < found ? (*near)[t].similarity : 0;
            }
        }
    });
}

}  // namespace endcap::ENDCAP_ISA
