// What Python sees of the kernels: shapes and types are checked here, the arithmetic is elsewhere.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <optional>

#include "als.hpp"
#include "dispatch.hpp"
#include "gram.hpp"
#include "id_tables.hpp"
#include "local_ridge.hpp"
#include "neighbours.hpp"
#include "nmf.hpp"
#include "parallel.hpp"
#include "probe.hpp"
#include "ranking_metrics.hpp"
#include "ranking_sgd.hpp"
#include "rating_neighbours.hpp"
#include "rating_sgd.hpp"
#include "resampling.hpp"
#include "score_pairs.hpp"
#include "sessions.hpp"
#include "slim.hpp"
#include "slope_one.hpp"
#include "sparse_gram.hpp"
#include "top_k_dense.hpp"
#include "top_k_linear.hpp"
#include "top_k_sparse.hpp"

namespace nb = nanobind;
using namespace nb::literals;

// Contiguous arrays in main memory: read, and written to.
template <class T, int N>
using In = nb::ndarray<const T, nb::ndim<N>, nb::c_contig, nb::device::cpu>;
template <class T, int N>
using Out = nb::ndarray<T, nb::ndim<N>, nb::c_contig, nb::device::cpu>;

// Whole numbers of 32 or 64 bits.
using Whole = nb::ndarray<nb::ro, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

constexpr const char* kWidth = "factors must fit together and their number be a multiple of 16";

static void check(bool good, const char* what) {
    if (!good) throw nb::value_error(what);
}

static endcap::Integers integers(const Whole& array) {
    const bool narrow = array.dtype() == nb::dtype<std::int32_t>();
    check(narrow || array.dtype() == nb::dtype<std::int64_t>(), "whole numbers must be int32 or int64");
    return {narrow ? static_cast<const std::int32_t*>(array.data()) : nullptr,
            narrow ? nullptr : static_cast<const std::int64_t*>(array.data())};
}

static endcap::Asked asked_pairs(const In<std::int64_t, 1>& ptr, const In<std::int32_t, 1>& items,
                                 const Out<float, 1>& scores) {
    check(ptr.shape(0) > 0 && items.shape(0) == scores.shape(0) &&
              std::size_t(ptr.data()[ptr.shape(0) - 1]) == items.shape(0),
          "the pairs and their scores don't fit together");
    return {ptr.shape(0) - 1, ptr.data(), items.data(), scores.data()};
}

static endcap::Histories histories(const In<std::int64_t, 1>& ptr, const In<std::int32_t, 1>& items,
                                   const In<float, 1>& values, std::size_t queries) {
    check(ptr.shape(0) == queries + 1 && items.shape(0) == values.shape(0), "histories and pairs don't fit together");
    return {ptr.data(), items.data(), values.data()};
}

static endcap::RankingSteps ranking_steps(const std::string& loss, int negatives, float learning_rate,
                                          float user_regularization, float item_regularization, std::uint64_t key) {
    check(loss == "bpr" || loss == "warp" || loss == "logistic", "loss must be 'bpr', 'warp' or 'logistic'");
    check(negatives >= 0 && negatives < 256, "negatives must be below 256");
    const auto kind = loss == "bpr"    ? endcap::RankingLoss::bpr
                      : loss == "warp" ? endcap::RankingLoss::warp
                                       : endcap::RankingLoss::logistic;
    return {kind, negatives, learning_rate, user_regularization, item_regularization, key};
}

// The arrays of a session index and of what its sessions' items count for, checked once for all kernels that read them.
struct SessionArrays {
    In<std::int64_t, 1> session_ptr;
    In<std::int32_t, 1> session_items;
    In<float, 1> session_weights;
    In<std::int64_t, 1> item_ptr;
    In<std::int32_t, 1> item_sessions;
    In<float, 1> by_distance, item_weights;

    SessionArrays(In<std::int64_t, 1> session_ptr, In<std::int32_t, 1> session_items, In<float, 1> session_weights,
                  In<std::int64_t, 1> item_ptr, In<std::int32_t, 1> item_sessions, In<float, 1> by_distance,
                  In<float, 1> item_weights)
        : session_ptr(session_ptr),
          session_items(session_items),
          session_weights(session_weights),
          item_ptr(item_ptr),
          item_sessions(item_sessions),
          by_distance(by_distance),
          item_weights(item_weights) {
        check(session_ptr.shape(0) == session_weights.shape(0) + 1 && item_ptr.shape(0) == item_weights.shape(0) + 1 &&
                  by_distance.shape(0) % 2 == 1,
              "sessions, items and their weights don't fit together");
    }

    endcap::SessionIndex index() const {
        return {session_ptr.data(),    session_items.data(), session_weights.data(),
                item_weights.shape(0), item_ptr.data(),      item_sessions.data()};
    }
    endcap::SessionVotes votes() const { return {by_distance.data(), by_distance.shape(0) / 2, item_weights.data()}; }
};

// The same for the sessions that are to go on.
struct SessionHistories {
    In<std::int64_t, 1> ptr;
    In<std::int32_t, 1> items;
    In<float, 1> weights, latest;
    In<std::int32_t, 1> skip;

    SessionHistories(In<std::int64_t, 1> ptr, In<std::int32_t, 1> items, In<float, 1> weights, In<float, 1> latest,
                     In<std::int32_t, 1> skip)
        : ptr(ptr), items(items), weights(weights), latest(latest), skip(skip) {
        check(ptr.shape(0) == skip.shape(0) + 1 && items.shape(0) == weights.shape(0) &&
                  items.shape(0) == latest.shape(0),
              "the sessions and their weights don't fit together");
    }

    endcap::SessionQueries asked(std::size_t recent, std::size_t neighbours) const {
        check(recent > 0 && neighbours > 0, "recent and neighbours must be 1 or more");
        return {skip.shape(0), ptr.data(),  items.data(), weights.data(),
                latest.data(), skip.data(), recent,       neighbours};
    }
};

// The user x item matrix by user and by item, and the triangle of products where there is one (`sparse_gram`).
static endcap::Columns columns(const In<std::int64_t, 1>& user_ptr, const In<std::int32_t, 1>& user_items,
                               const In<float, 1>& user_values, const In<std::int64_t, 1>& item_ptr,
                               const In<std::int32_t, 1>& item_users, const In<float, 1>& item_values,
                               const std::optional<In<std::int64_t, 1>>& row_ptr,
                               const std::optional<In<float, 1>>& rows) {
    const std::size_t items = item_ptr.shape(0) - 1;
    check(user_items.shape(0) == user_values.shape(0) && item_users.shape(0) == item_values.shape(0) &&
              item_users.shape(0) == user_items.shape(0),
          "the matrix by user and by item don't fit together");
    check(rows.has_value() == row_ptr.has_value() &&
              (!rows || (row_ptr->shape(0) == items + 1 && std::size_t(row_ptr->data()[items]) == rows->shape(0))),
          "the matrix and its products don't fit together");
    return {user_ptr.shape(0) - 1,
            items,
            user_ptr.data(),
            user_items.data(),
            user_values.data(),
            item_ptr.data(),
            item_users.data(),
            item_values.data(),
            row_ptr ? row_ptr->data() : nullptr,
            rows ? rows->data() : nullptr};
}

// What a thread that calls kernels asks between their chunks, beside Ctrl-C: see between_chunks.
static thread_local PyObject* asked_between_chunks = nullptr;

static bool stop_asked() {
    nb::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) return true;
    if (asked_between_chunks == nullptr) return false;
    const nb::object ask = nb::borrow(asked_between_chunks);  // which may be replaced meanwhile
    PyObject* answer = PyObject_CallNoArgs(ask.ptr());
    Py_XDECREF(answer);
    return answer == nullptr;
}

NB_MODULE(_kernels, m) {
    m.doc() = "Endcap's kernels; see native/ in the source tree.";

    // Kernels run without the GIL; between chunks the calling thread takes it to hear Ctrl-C.
    endcap::set_interrupt_check(stop_asked);
    nb::register_exception_translator([](const std::exception_ptr& p, void*) {
        try {
            std::rethrow_exception(p);
        } catch (const endcap::Interrupted&) {
            // Who asked to stop has set an exception: a signal's handler KeyboardInterrupt as a rule.
            if (!PyErr_Occurred()) PyErr_SetNone(PyExc_KeyboardInterrupt);
        }
    });

    m.def(
        "simd", [] { return std::string(endcap::isa_name(endcap::current_isa())); },
        "The instruction set in use: 'baseline', 'avx2' or 'avx512'.");
    m.def(
        "best_simd", [] { return std::string(endcap::isa_name(endcap::best_isa())); },
        "The best instruction set that this CPU runs.");
    m.def(
        "use_simd", [](const std::string& name) { endcap::use_isa(endcap::isa_from_name(name)); }, "name"_a,
        "Use another instruction set, as tests do.");
    m.def(
        "between_chunks",
        [](nb::object ask) {
            PyObject* before = asked_between_chunks;
            asked_between_chunks = ask.is_none() ? nullptr : ask.release().ptr();
            return before == nullptr ? nb::none() : nb::steal(before);
        },
        "ask"_a.none(),
        "Call `ask()` between the chunks of kernels that this thread calls, every 50 ms at most; what it raises ends "
        "the "
        "kernel. None: nothing. Returns what was asked before.");
    m.def("resolve_threads", &endcap::resolve_threads, "threads"_a,
          "The number of threads that a `threads` parameter stands for (0: all cores).");
    m.def(
        "peak_flops", [](double seconds, int threads) { return ENDCAP_CALL(peak_flops, seconds, threads); },
        "seconds"_a, "threads"_a, nb::call_guard<nb::gil_scoped_release>(),
        "Single-precision operations a second that this machine reaches in registers.");

    m.def(
        "neighbours",
        [](In<std::int64_t, 1> row_ptr, In<std::int32_t, 1> row_features, In<float, 1> row_values,
           In<std::int64_t, 1> feature_ptr, In<std::int32_t, 1> feature_things, In<float, 1> feature_values,
           In<std::int32_t, 1> own, In<float, 1> left, In<float, 1> right, bool over_union, float shrinkage,
           Out<std::int32_t, 2> neighbours, Out<float, 2> similarities, Out<std::int32_t, 1> counts, int threads) {
            const std::size_t rows = left.shape(0), things = right.shape(0), k = neighbours.shape(1);
            check(row_ptr.shape(0) == rows + 1 && row_features.shape(0) == row_values.shape(0) &&
                      feature_things.shape(0) == feature_values.shape(0) && own.shape(0) == rows,
                  "the vectors, their sizes and the things by feature don't fit together");
            check(neighbours.shape(0) == rows && similarities.shape(0) == rows && similarities.shape(1) == k &&
                      counts.shape(0) == rows && k > 0,
                  "the results must have shape (rows, k), the counts (rows)");
            ENDCAP_CALL(neighbours,
                        {rows, things, row_ptr.data(), row_features.data(), row_values.data(), feature_ptr.data(),
                         feature_things.data(), feature_values.data(), own.data(), left.data(), right.data(),
                         over_union, shrinkage, k, neighbours.data(), similarities.data(), counts.data(), threads});
        },
        "row_ptr"_a, "row_features"_a, "row_values"_a, "feature_ptr"_a, "feature_things"_a, "feature_values"_a, "own"_a,
        "left"_a, "right"_a, "over_union"_a, "shrinkage"_a, "neighbours"_a, "similarities"_a, "counts"_a, "threads"_a,
        nb::call_guard<nb::gil_scoped_release>(), "The k things most like each row.");
    m.def(
        "sparse_gram",
        [](In<std::int64_t, 1> user_ptr, In<std::int32_t, 1> user_items, In<float, 1> user_values,
           In<std::int64_t, 1> item_ptr, In<std::int32_t, 1> item_users, In<float, 1> item_values,
           In<std::int64_t, 1> row_ptr, Out<float, 1> rows, int threads) {
            const std::size_t items = item_ptr.shape(0) - 1;
            check(user_items.shape(0) == user_values.shape(0) && item_users.shape(0) == item_values.shape(0) &&
                      item_users.shape(0) == user_items.shape(0) && row_ptr.shape(0) == items + 1 &&
                      std::size_t(row_ptr.data()[items]) == rows.shape(0),
                  "the matrix by user and by item don't fit together");
            ENDCAP_CALL(sparse_gram, {items, user_ptr.data(), user_items.data(), user_values.data(), item_ptr.data(),
                                      item_users.data(), item_values.data(), row_ptr.data(), rows.data(), threads});
        },
        "user_ptr"_a, "user_items"_a, "user_values"_a, "item_ptr"_a, "item_users"_a, "item_values"_a, "row_ptr"_a,
        "rows"_a, "threads"_a, nb::call_guard<nb::gil_scoped_release>(),
        "The lower triangle of the item-item products of a sparse matrix, dense.");
    m.def(
        "top_k_dense",
        [](In<float, 2> user_factors, In<float, 2> item_factors, In<std::int32_t, 1> candidates,
           In<std::int64_t, 1> exclude_ptr, In<std::int32_t, 1> exclude_items, Out<std::int32_t, 2> top_items,
           Out<float, 2> top_scores, int threads, bool int8_screen) {
            const std::size_t users = user_factors.shape(0), factors = user_factors.shape(1), k = top_items.shape(1);
            check(item_factors.shape(1) == factors && exclude_ptr.shape(0) == users + 1,
                  "users, items and exclusions don't fit together");
            check(top_items.shape(0) == users && top_scores.shape(0) == users && top_scores.shape(1) == k && k > 0,
                  "the results must have shape (users, k)");
            ENDCAP_CALL(top_k_dense, {users, factors, user_factors.data(), item_factors.data(), candidates.shape(0),
                                      candidates.data(), exclude_ptr.data(), exclude_items.data(), k, top_items.data(),
                                      top_scores.data(), int8_screen, threads});
        },
        "user_factors"_a, "item_factors"_a, "candidates"_a, "exclude_ptr"_a, "exclude_items"_a, "top_items"_a,
        "top_scores"_a, "threads"_a, "int8_screen"_a = true, nb::call_guard<nb::gil_scoped_release>(),
        "The best k items for users by inner product.");
    m.def(
        "top_k_linear",
        [](In<std::int64_t, 1> history_ptr, In<std::int32_t, 1> history_items, In<float, 1> history_values,
           In<float, 2> weights, In<std::int32_t, 1> candidates, In<std::int64_t, 1> exclude_ptr,
           In<std::int32_t, 1> exclude_items, Out<std::int32_t, 2> top_items, Out<float, 2> top_scores, int threads) {
            const std::size_t queries = top_items.shape(0), k = top_items.shape(1), items = weights.shape(0);
            check(history_ptr.shape(0) == queries + 1 && exclude_ptr.shape(0) == queries + 1 &&
                      history_items.shape(0) == history_values.shape(0) && weights.shape(1) == items,
                  "histories, weights and exclusions don't fit together");
            check(top_scores.shape(0) == queries && top_scores.shape(1) == k && k > 0,
                  "the results must have shape (queries, k)");
            ENDCAP_CALL(top_k_linear, {queries, items, history_ptr.data(), history_items.data(), history_values.data(),
                                       weights.data(), candidates.shape(0), candidates.data(), exclude_ptr.data(),
                                       exclude_items.data(), k, top_items.data(), top_scores.data(), threads});
        },
        "history_ptr"_a, "history_items"_a, "history_values"_a, "weights"_a, "candidates"_a, "exclude_ptr"_a,
        "exclude_items"_a, "top_items"_a, "top_scores"_a, "threads"_a, nb::call_guard<nb::gil_scoped_release>(),
        "The best k items for histories by dense item-item weights.");
    m.def(
        "local_ridge",
        [](In<std::int64_t, 1> user_ptr, In<std::int32_t, 1> user_items, In<float, 1> user_values,
           In<std::int64_t, 1> item_ptr, In<std::int32_t, 1> item_users, In<float, 1> item_values,
           std::optional<In<std::int64_t, 1>> row_ptr, std::optional<In<float, 1>> rows,
           In<std::int64_t, 1> candidate_ptr, In<std::int32_t, 1> candidate_items, float ridge, Out<float, 1> weights,
           int threads) {
            const endcap::Columns matrix =
                columns(user_ptr, user_items, user_values, item_ptr, item_users, item_values, row_ptr, rows);
            check(candidate_ptr.shape(0) == matrix.items + 1 && candidate_items.shape(0) == weights.shape(0),
                  "the matrix, the candidates and their weights don't fit together");
            ENDCAP_CALL(local_ridge,
                        {matrix, candidate_ptr.data(), candidate_items.data(), ridge, weights.data(), threads});
        },
        "user_ptr"_a, "user_items"_a, "user_values"_a, "item_ptr"_a, "item_users"_a, "item_values"_a,
        "row_ptr"_a.none(), "rows"_a.none(), "candidate_ptr"_a, "candidate_items"_a, "ridge"_a, "weights"_a,
        "threads"_a, nb::call_guard<nb::gil_scoped_release>(), "Item-item weights by ridge regression on candidates.");
    m.def(
        "slim",
        [](In<std::int64_t, 1> user_ptr, In<std::int32_t, 1> user_items, In<float, 1> user_values,
           In<std::int64_t, 1> item_ptr, In<std::int32_t, 1> item_users, In<float, 1> item_values,
           std::optional<In<std::int64_t, 1>> row_ptr, std::optional<In<float, 1>> rows,
           In<std::int64_t, 1> candidate_ptr, In<std::int32_t, 1> candidate_items, float l1, float l2, bool positive,
           int rounds, float tolerance, Out<float, 1> weights, int threads) {
            const endcap::Columns matrix =
                columns(user_ptr, user_items, user_values, item_ptr, item_users, item_values, row_ptr, rows);
            check(candidate_ptr.shape(0) == matrix.items + 1 && candidate_items.shape(0) == weights.shape(0),
                  "the matrix, the candidates and their weights don't fit together");
            ENDCAP_CALL(slim, {matrix, candidate_ptr.data(), candidate_items.data(), l1, l2, positive, rounds,
                               tolerance, weights.data(), threads});
        },
        "user_ptr"_a, "user_items"_a, "user_values"_a, "item_ptr"_a, "item_users"_a, "item_values"_a,
        "row_ptr"_a.none(), "rows"_a.none(), "candidate_ptr"_a, "candidate_items"_a, "l1"_a, "l2"_a, "positive"_a,
        "rounds"_a, "tolerance"_a, "weights"_a, "threads"_a, nb::call_guard<nb::gil_scoped_release>(),
        "Item-item weights by elastic net.");
    m.def(
        "top_k_sparse",
        [](In<std::int64_t, 1> history_ptr, In<std::int32_t, 1> history_items, In<float, 1> history_values,
           Whole weight_ptr, In<std::int32_t, 1> weight_items, In<float, 1> weight_values,
           In<std::int64_t, 1> exclude_ptr, In<std::int32_t, 1> exclude_items,
           std::optional<In<std::uint8_t, 1>> allowed, Out<std::int32_t, 2> top_items, Out<float, 2> top_scores,
           int threads) {
            const std::size_t queries = top_items.shape(0), k = top_items.shape(1), items = weight_ptr.shape(0) - 1;
            check(history_ptr.shape(0) == queries + 1 && exclude_ptr.shape(0) == queries + 1 &&
                      history_items.shape(0) == history_values.shape(0) &&
                      weight_items.shape(0) == weight_values.shape(0) && (!allowed || allowed->shape(0) == items),
                  "histories, weights, exclusions and candidates don't fit together");
            const endcap::Integers rows = integers(weight_ptr);
            check(top_scores.shape(0) == queries && top_scores.shape(1) == k && k > 0,
                  "the results must have shape (queries, k)");
            ENDCAP_CALL(top_k_sparse,
                        {queries, items, history_ptr.data(), history_items.data(), history_values.data(), rows,
                         weight_items.data(), weight_values.data(), exclude_ptr.data(), exclude_items.data(),
                         allowed ? allowed->data() : nullptr, k, top_items.data(), top_scores.data(), threads});
        },
        "history_ptr"_a, "history_items"_a, "history_values"_a, "weight_ptr"_a, "weight_items"_a, "weight_values"_a,
        "exclude_ptr"_a, "exclude_items"_a, "allowed"_a.none(), "top_items"_a, "top_scores"_a, "threads"_a,
        nb::call_guard<nb::gil_scoped_release>(), "The best k items for histories by sparse item-item weights.");
    m.def(
        "score_factors",
        [](In<float, 2> user_factors, In<float, 2> item_factors, In<std::int64_t, 1> asked_ptr,
           In<std::int32_t, 1> asked_items, Out<float, 1> scores, int threads) {
            const endcap::Asked asked = asked_pairs(asked_ptr, asked_items, scores);
            const std::size_t factors = user_factors.shape(1);
            check(user_factors.shape(0) == asked.queries && item_factors.shape(1) == factors,
                  "users, items and pairs don't fit together");
            ENDCAP_CALL(score_factors, asked, user_factors.data(), item_factors.data(), factors, threads);
        },
        "user_factors"_a, "item_factors"_a, "asked_ptr"_a, "asked_items"_a, "scores"_a, "threads"_a,
        nb::call_guard<nb::gil_scoped_release>(), "The inner products of given users and items.");
    m.def(
        "score_linear",
        [](In<std::int64_t, 1> history_ptr, In<std::int32_t, 1> history_items, In<float, 1> history_values,
           In<float, 2> weights, In<std::int64_t, 1> asked_ptr, In<std::int32_t, 1> asked_items, Out<float, 1> scores,
           int threads) {
            const endcap::Asked asked = asked_pairs(asked_ptr, asked_items, scores);
            check(weights.shape(0) == weights.shape(1), "weights must be square");
            ENDCAP_CALL(score_linear, asked, histories(history_ptr, history_items, history_values, asked.queries),
                        weights.data(), weights.shape(1), threads);
        },
        "history_ptr"_a, "history_items"_a, "history_values"_a, "weights"_a, "asked_ptr"_a, "asked_items"_a, "scores"_a,
        "threads"_a, nb::call_guard<nb::gil_scoped_release>(),
        "The scores of given items for histories by dense item-item weights.");
    m.def(
        "score_sparse",
        [](In<std::int64_t, 1> history_ptr, In<std::int32_t, 1> history_items, In<float, 1> history_values,
           Whole weight_ptr, In<std::int32_t, 1> weight_items, In<float, 1> weight_values,
           In<std::int64_t, 1> asked_ptr, In<std::int32_t, 1> asked_items, Out<float, 1> scores, int threads) {
            const endcap::Asked asked = asked_pairs(asked_ptr, asked_items, scores);
            check(weight_items.shape(0) == weight_values.shape(0) && weight_ptr.shape(0) > 0,
                  "the weights don't fit together");
            const endcap::SparseWeights weights{weight_ptr.shape(0) - 1, integers(weight_ptr), weight_items.data(),
                                                weight_values.data()};
            ENDCAP_CALL(score_sparse, asked, histories(history_ptr, history_items, history_values, asked.queries),
                        weights, threads);
        },
        "history_ptr"_a, "history_items"_a, "history_values"_a, "weight_ptr"_a, "weight_items"_a, "weight_values"_a,
        "asked_ptr"_a, "asked_items"_a, "scores"_a, "threads"_a, nb::call_guard<nb::gil_scoped_release>(),
        "The scores of given items for histories by sparse item-item weights.");

    m.def(
        "gram",
        [](In<float, 2> y, Out<float, 2> out, int threads) {
            const std::size_t f = y.shape(1);
            check(f % 16 == 0 && out.shape(0) == f && out.shape(1) == f, kWidth);
            ENDCAP_CALL(gram, y.data(), y.shape(0), f, out.data(), threads);
        },
        "y"_a, "out"_a, "threads"_a, nb::call_guard<nb::gil_scoped_release>(), "out = y.T @ y.");
    m.def(
        "multiply_in_place",
        [](Out<float, 2> y, In<float, 2> q, int threads) {
            const std::size_t f = y.shape(1);
            check(f % 16 == 0 && q.shape(0) == f && q.shape(1) == f, kWidth);
            ENDCAP_CALL(multiply_in_place, y.data(), y.shape(0), f, q.data(), threads);
        },
        "y"_a, "q"_a, "threads"_a, nb::call_guard<nb::gil_scoped_release>(), "y becomes y @ q.");
    m.def(
        "als_cg",
        [](In<float, 2> y, In<std::int64_t, 1> indptr, In<std::int32_t, 1> indices, In<float, 1> extra, float base,
           In<float, 1> ridge, In<float, 1> spectrum, std::optional<In<float, 2>> prior, int steps, Out<float, 2> x,
           int threads) {
            const std::size_t f = y.shape(1);
            check(f % 16 == 0 && spectrum.shape(0) == f && x.shape(1) == f && (!prior || prior->shape(1) == f), kWidth);
            check(indptr.shape(0) == x.shape(0) + 1 && ridge.shape(0) == x.shape(0) &&
                      indices.shape(0) == extra.shape(0) && (!prior || prior->shape(0) == x.shape(0)),
                  "rows, ridge and result don't fit together");
            ENDCAP_CALL(als_cg,
                        {y.data(), f, indptr.data(), indices.data(), extra.data(), base, ridge.data(),
                         prior ? prior->data() : nullptr, x.shape(0)},
                        spectrum.data(), steps, x.data(), threads);
        },
        "y"_a, "indptr"_a, "indices"_a, "extra"_a, "base"_a, "ridge"_a, "spectrum"_a, "prior"_a.none(), "steps"_a,
        "x"_a, "threads"_a, nb::call_guard<nb::gil_scoped_release>(),
        "One side of an ALS epoch, by conjugate gradients from x, for y with orthogonal columns.");
    m.def(
        "als_cholesky",
        [](In<float, 2> y, In<std::int64_t, 1> indptr, In<std::int32_t, 1> indices, In<float, 1> extra, float base,
           In<float, 1> ridge, In<float, 1> spectrum, std::optional<In<float, 2>> prior, Out<float, 2> x, int threads) {
            const std::size_t f = y.shape(1);
            check(f % 16 == 0 && spectrum.shape(0) == f && x.shape(1) == f && (!prior || prior->shape(1) == f), kWidth);
            check(indptr.shape(0) == x.shape(0) + 1 && ridge.shape(0) == x.shape(0) &&
                      indices.shape(0) == extra.shape(0) && (!prior || prior->shape(0) == x.shape(0)),
                  "rows, ridge and result don't fit together");
            ENDCAP_CALL(als_cholesky,
                        {y.data(), f, indptr.data(), indices.data(), extra.data(), base, ridge.data(),
                         prior ? prior->data() : nullptr, x.shape(0)},
                        spectrum.data(), x.data(), threads);
        },
        "y"_a, "indptr"_a, "indices"_a, "extra"_a, "base"_a, "ridge"_a, "spectrum"_a, "prior"_a.none(), "x"_a,
        "threads"_a, nb::call_guard<nb::gil_scoped_release>(),
        "One side of an ALS epoch, exactly, for y with orthogonal columns.");

    m.def(
        "rating_sgd",
        [](In<std::int64_t, 1> indptr, In<std::int32_t, 1> items, In<float, 1> ratings, float mean,
           Out<float, 1> user_bias, Out<float, 1> item_bias, Out<float, 2> user_factors, Out<float, 2> item_factors,
           std::optional<Out<float, 2>> implicit_factors, In<float, 1> rates, In<float, 1> decays,
           std::optional<Out<float, 1>> estimates) {
            const std::size_t users = user_bias.shape(0), f = user_factors.shape(1);
            check(f % 16 == 0 && item_factors.shape(1) == f && (!implicit_factors || implicit_factors->shape(1) == f),
                  kWidth);
            check(indptr.shape(0) == users + 1 && user_factors.shape(0) == users &&
                      item_factors.shape(0) == item_bias.shape(0) && items.shape(0) == ratings.shape(0) &&
                      (!implicit_factors || implicit_factors->shape(0) == item_bias.shape(0)) &&
                      (!estimates || estimates->shape(0) == ratings.shape(0)),
                  "ratings, biases and factors don't fit together");
            check(rates.shape(0) == endcap::kRatingParts && decays.shape(0) == endcap::kRatingParts,
                  "give a rate and a decay for each of the five parts");
            ENDCAP_CALL(rating_sgd, {indptr.data(), items.data(), ratings.data(), users, mean, user_bias.data(),
                                     item_bias.data(), user_factors.data(), item_factors.data(),
                                     implicit_factors ? implicit_factors->data() : nullptr, f, rates.data(),
                                     decays.data(), estimates ? estimates->data() : nullptr});
        },
        "indptr"_a, "items"_a, "ratings"_a, "mean"_a, "user_bias"_a, "item_bias"_a, "user_factors"_a, "item_factors"_a,
        "implicit_factors"_a.none(), "rates"_a, "decays"_a, "estimates"_a.none(),
        nb::call_guard<nb::gil_scoped_release>(), "One epoch of gradient descent over ratings, in their order.");
    m.def(
        "nmf_update",
        [](In<std::int64_t, 1> indptr, In<std::int32_t, 1> columns, In<float, 1> ratings,
           std::optional<In<float, 1>> estimates, In<float, 2> x, In<float, 2> y, float regularization,
           Out<float, 2> updated, int threads) {
            const std::size_t rows = x.shape(0), f = x.shape(1);
            check(f % 16 == 0 && y.shape(1) == f && updated.shape(1) == f, kWidth);
            check(indptr.shape(0) == rows + 1 && updated.shape(0) == rows && columns.shape(0) == ratings.shape(0) &&
                      (!estimates || estimates->shape(0) == ratings.shape(0)),
                  "ratings and factors don't fit together");
            ENDCAP_CALL(nmf_update,
                        {indptr.data(), columns.data(), ratings.data(), estimates ? estimates->data() : nullptr, rows,
                         x.data(), y.data(), f, regularization, updated.data(), threads});
        },
        "indptr"_a, "columns"_a, "ratings"_a, "estimates"_a.none(), "x"_a, "y"_a, "regularization"_a, "updated"_a,
        "threads"_a, nb::call_guard<nb::gil_scoped_release>(), "One side of an epoch of non-negative factors.");
    m.def(
        "look_up",
        [](Whole numbers, std::int64_t first, In<std::int32_t, 1> table, Out<std::int32_t, 1> positions, int threads) {
            check(numbers.shape(0) == positions.shape(0), "numbers and positions don't fit together");
            ENDCAP_CALL(look_up, {integers(numbers), numbers.shape(0), first, table.data(), table.shape(0),
                                  positions.data(), threads});
        },
        "numbers"_a, "first"_a, "table"_a, "positions"_a, "threads"_a, nb::call_guard<nb::gil_scoped_release>(),
        "Positions of numbers by a table that begins with `first`; -1 beyond it.");
    m.def(
        "pair_lists",
        [](Whole rows, In<std::int32_t, 1> columns, Out<std::int64_t, 1> indptr) {
            check(rows.shape(0) == columns.shape(0) && indptr.shape(0) > 0, "rows and columns don't fit together");
            return ENDCAP_CALL(pair_lists,
                               {integers(rows), columns.data(), columns.shape(0), indptr.shape(0) - 1, indptr.data()});
        },
        "rows"_a, "columns"_a, "indptr"_a, nb::call_guard<nb::gil_scoped_release>(),
        "Where each row's list begins, if the pairs are in order and distinct; returns whether they are.");
    m.def(
        "fill_lists",
        [](In<std::int32_t, 1> rows, In<std::int64_t, 1> ranks, In<std::int32_t, 1> items, Out<std::int32_t, 2> lists) {
            check(rows.shape(0) == ranks.shape(0) && rows.shape(0) == items.shape(0),
                  "rows, ranks and items don't fit together");
            return ENDCAP_CALL(fill_lists,
                               {rows.data(), ranks.data(), items.data(), rows.shape(0), lists.shape(1), lists.data()});
        },
        "rows"_a, "ranks"_a, "items"_a, "lists"_a, nb::call_guard<nb::gil_scoped_release>(),
        "Puts items into lists at their ranks; returns the first entry that can't be placed, or -1.");
    m.def(
        "first_places",
        [](In<std::int32_t, 2> lists, Out<std::int32_t, 1> first) {
            ENDCAP_CALL(first_places, {lists.data(), lists.shape(0), lists.shape(1), first.shape(0), first.data()});
        },
        "lists"_a, "first"_a, nb::call_guard<nb::gil_scoped_release>(),
        "The lowest place that each item has in any list.");
    m.def(
        "count_items",
        [](In<std::int32_t, 1> positions, Out<std::int64_t, 1> counts) {
            ENDCAP_CALL(count_items, {positions.data(), positions.shape(0), counts.data()});
        },
        "positions"_a, "counts"_a, nb::call_guard<nb::gil_scoped_release>(), "How often each position is there.");
    m.def(
        "ranking_metrics",
        [](In<std::int32_t, 2> recommended, In<std::int64_t, 1> relevant_ptr, In<std::int32_t, 1> relevant_items,
           std::optional<In<double, 1>> relevant_values, std::optional<In<std::int64_t, 1>> seen_ptr,
           std::optional<In<std::int32_t, 1>> seen_items, bool exclude_seen,
           std::optional<In<std::int32_t, 2>> best_sellers, std::optional<In<std::int32_t, 1>> categories,
           std::size_t n_categories, std::optional<In<double, 1>> novelty, std::optional<In<double, 1>> popularity,
           std::size_t items, std::size_t ids, In<std::int32_t, 1> cutoffs, In<double, 1> discounts,
           Out<double, 3> values, int threads) {
            const std::size_t users = recommended.shape(0), width = recommended.shape(1), n = cutoffs.shape(0);
            check(relevant_ptr.shape(0) == users + 1 && values.shape(0) == users && values.shape(1) == n &&
                      values.shape(2) == endcap::kRankingMetrics && discounts.shape(0) == width && ids >= items,
                  "users, cutoffs and results don't fit together");
            for (std::size_t c = 0; c < n; ++c)
                check(cutoffs.data()[c] > (c ? cutoffs.data()[c - 1] : 0) && std::size_t(cutoffs.data()[c]) <= width,
                      "cutoffs must be ascending, from 1 to the number of places");
            check(!relevant_values || relevant_values->shape(0) == relevant_items.shape(0), "values don't fit");
            check(seen_ptr.has_value() == seen_items.has_value() && (!seen_ptr || seen_ptr->shape(0) == users + 1),
                  "histories don't fit");
            check(!best_sellers || (best_sellers->shape(0) == users && best_sellers->shape(1) == width),
                  "best-sellers don't fit");
            check((!categories || categories->shape(0) == items) && (!novelty || novelty->shape(0) == items) &&
                      (!popularity || popularity->shape(0) == items),
                  "what is known of items doesn't fit the catalogue");
            return ENDCAP_CALL(ranking_metrics, {recommended.data(),
                                                 users,
                                                 width,
                                                 relevant_ptr.data(),
                                                 relevant_items.data(),
                                                 relevant_values ? relevant_values->data() : nullptr,
                                                 seen_ptr ? seen_ptr->data() : nullptr,
                                                 seen_items ? seen_items->data() : nullptr,
                                                 exclude_seen,
                                                 best_sellers ? best_sellers->data() : nullptr,
                                                 categories ? categories->data() : nullptr,
                                                 n_categories,
                                                 novelty ? novelty->data() : nullptr,
                                                 popularity ? popularity->data() : nullptr,
                                                 items,
                                                 ids,
                                                 cutoffs.data(),
                                                 n,
                                                 discounts.data(),
                                                 values.data(),
                                                 threads});
        },
        "recommended"_a, "relevant_ptr"_a, "relevant_items"_a, "relevant_values"_a.none(), "seen_ptr"_a.none(),
        "seen_items"_a.none(), "exclude_seen"_a, "best_sellers"_a.none(), "categories"_a.none(), "n_categories"_a,
        "novelty"_a.none(), "popularity"_a.none(), "items"_a, "ids"_a, "cutoffs"_a, "discounts"_a, "values"_a,
        "threads"_a, nb::call_guard<nb::gil_scoped_release>(),
        "Every user's metrics at every cutoff; returns a user who is recommended an item twice, or -1.");
    m.def(
        "column_means",
        [](In<double, 2> values, Out<double, 1> means, int threads) {
            check(values.shape(1) == means.shape(0), "values and means don't fit together");
            ENDCAP_CALL(column_means, {values.data(), values.shape(0), values.shape(1), means.data(), threads});
        },
        "values"_a, "means"_a, "threads"_a, nb::call_guard<nb::gil_scoped_release>(),
        "The mean of each column's values that aren't NaN; NaN where all are.");
    m.def(
        "resampled_means",
        [](In<double, 2> values, std::uint64_t seed, Out<double, 2> means, int threads) {
            check(means.shape(1) == values.shape(0) && values.shape(1) > 0, "values and means don't fit together");
            ENDCAP_CALL(resampled_means,
                        {values.data(), values.shape(0), values.shape(1), seed, means.shape(0), means.data(), threads});
        },
        "values"_a, "seed"_a, "means"_a, "threads"_a, nb::call_guard<nb::gil_scoped_release>(),
        "Means over users drawn with replacement, many times over.");
    m.def(
        "sign_flips",
        [](In<double, 2> differences, std::uint64_t seed, std::size_t flips, Out<std::int64_t, 1> as_extreme,
           int threads) {
            check(as_extreme.shape(0) == differences.shape(0), "differences and counts don't fit together");
            ENDCAP_CALL(sign_flips, {differences.data(), differences.shape(0), differences.shape(1), seed, flips,
                                     as_extreme.data(), threads});
        },
        "differences"_a, "seed"_a, "flips"_a, "as_extreme"_a, "threads"_a, nb::call_guard<nb::gil_scoped_release>(),
        "How often sums with signs drawn anew are as far from zero.");
    m.def(
        "slope_one",
        [](In<std::int64_t, 1> user_ptr, In<std::int32_t, 1> user_items, In<float, 1> user_ratings,
           In<std::int64_t, 1> item_ptr, In<std::int32_t, 1> item_users, In<float, 1> item_ratings,
           In<std::int64_t, 1> history_ptr, In<std::int32_t, 1> history_items, In<std::int64_t, 1> group_ptr,
           In<std::int32_t, 1> group_items, In<std::int32_t, 1> pair_histories, Out<float, 1> deviations, int threads) {
            check(user_items.shape(0) == user_ratings.shape(0) && item_users.shape(0) == item_ratings.shape(0) &&
                      user_items.shape(0) == item_users.shape(0),
                  "ratings by user and by item don't fit together");
            check(group_ptr.shape(0) == group_items.shape(0) + 1 && pair_histories.shape(0) == deviations.shape(0),
                  "groups and pairs don't fit together");
            ENDCAP_CALL(slope_one, {user_ptr.data(), user_items.data(), user_ratings.data(), item_ptr.data(),
                                    item_users.data(), item_ratings.data(), item_ptr.shape(0) - 1, history_ptr.data(),
                                    history_items.data(), group_ptr.data(), group_items.data(), group_items.shape(0),
                                    pair_histories.data(), deviations.data(), threads});
        },
        "user_ptr"_a, "user_items"_a, "user_ratings"_a, "item_ptr"_a, "item_users"_a, "item_ratings"_a, "history_ptr"_a,
        "history_items"_a, "group_ptr"_a, "group_items"_a, "pair_histories"_a, "deviations"_a, "threads"_a,
        nb::call_guard<nb::gil_scoped_release>(), "How much higher items are rated than a history.");
    m.def(
        "rating_neighbours",
        [](In<std::int64_t, 1> row_ptr, In<std::int32_t, 1> row_columns, In<float, 1> row_values,
           In<std::int64_t, 1> column_ptr, In<std::int32_t, 1> column_rows, In<float, 1> column_values,
           std::size_t training_rows, In<std::int64_t, 1> list_ptr, In<std::int32_t, 1> list_rows,
           In<float, 1> list_values, In<std::int64_t, 1> group_ptr, In<std::int32_t, 1> group_rows,
           In<std::int32_t, 1> pair_lists, const std::string& similarity, int min_support, float shrinkage,
           std::size_t k, Out<float, 1> means, Out<std::int32_t, 1> counts, int threads) {
            check(row_columns.shape(0) == row_values.shape(0) && column_rows.shape(0) == column_values.shape(0) &&
                      list_rows.shape(0) == list_values.shape(0),
                  "positions and values don't fit together");
            check(group_ptr.shape(0) == group_rows.shape(0) + 1 && pair_lists.shape(0) == means.shape(0) &&
                      pair_lists.shape(0) == counts.shape(0) && k > 0,
                  "groups, pairs and results don't fit together");
            check(similarity == "msd" || similarity == "cosine" || similarity == "pearson",
                  "similarity must be 'msd', 'cosine' or 'pearson'");
            const auto kind = similarity == "msd"      ? endcap::RatingSimilarity::msd
                              : similarity == "cosine" ? endcap::RatingSimilarity::cosine
                                                       : endcap::RatingSimilarity::pearson;
            ENDCAP_CALL(rating_neighbours, {row_ptr.data(),      row_columns.data(), row_values.data(),
                                            column_ptr.data(),   column_rows.data(), column_values.data(),
                                            training_rows,       list_ptr.data(),    list_rows.data(),
                                            list_values.data(),  group_ptr.data(),   group_rows.data(),
                                            group_rows.shape(0), pair_lists.data(),  kind,
                                            min_support,         shrinkage,          k,
                                            means.data(),        counts.data(),      threads});
        },
        "row_ptr"_a, "row_columns"_a, "row_values"_a, "column_ptr"_a, "column_rows"_a, "column_values"_a,
        "training_rows"_a, "list_ptr"_a, "list_rows"_a, "list_values"_a, "group_ptr"_a, "group_rows"_a, "pair_lists"_a,
        "similarity"_a, "min_support"_a, "shrinkage"_a, "k"_a, "means"_a, "counts"_a, "threads"_a,
        nb::call_guard<nb::gil_scoped_release>(), "What the nearest neighbours of a row gave.");

    m.def(
        "ranking_sgd",
        [](In<std::int64_t, 1> indptr, In<std::int32_t, 1> columns, In<float, 1> weights, Out<float, 2> user_factors,
           Out<float, 2> item_factors, Out<float, 1> user_squares, Out<float, 1> item_squares,
           In<std::int32_t, 1> item_order, In<std::int64_t, 1> user_bounds, const std::string& loss, int negatives,
           float learning_rate, float user_regularization, float item_regularization, std::uint64_t key, int threads) {
            const std::size_t users = user_factors.shape(0), items = item_factors.shape(0), f = user_factors.shape(1);
            check(f % 16 == 0 && item_factors.shape(1) == f, kWidth);
            check(indptr.shape(0) == users + 1 && user_squares.shape(0) == users && item_squares.shape(0) == items &&
                      columns.shape(0) == weights.shape(0) && item_order.shape(0) == items,
                  "pairs, factors, squares and the order of items don't fit together");
            const std::size_t blocks = user_bounds.shape(0) - 1;
            check(blocks > 0 && blocks <= items && blocks < 65536, "there must be a block or more, none without items");
            ENDCAP_CALL(
                ranking_sgd,
                {indptr.data(), columns.data(), weights.data(), users, items, user_factors.data(), item_factors.data(),
                 user_squares.data(), item_squares.data(), f, item_order.data(), user_bounds.data(), blocks,
                 ranking_steps(loss, negatives, learning_rate, user_regularization, item_regularization, key),
                 threads});
        },
        "indptr"_a, "columns"_a, "weights"_a, "user_factors"_a, "item_factors"_a, "user_squares"_a, "item_squares"_a,
        "item_order"_a, "user_bounds"_a, "loss"_a, "negatives"_a, "learning_rate"_a, "user_regularization"_a,
        "item_regularization"_a, "key"_a, "threads"_a, nb::call_guard<nb::gil_scoped_release>(),
        "One epoch of gradient descent over observed pairs and drawn negatives.");
    m.def(
        "ranking_fold_in",
        [](In<std::int64_t, 1> indptr, In<std::int32_t, 1> columns, In<float, 1> weights, In<float, 2> item_factors,
           float first_square, int epochs, const std::string& loss, int negatives, float learning_rate,
           float user_regularization, std::uint64_t key, Out<float, 2> user_factors,
           std::optional<In<std::int32_t, 1>> targets, std::optional<Out<double, 1>> contributions, int threads) {
            const std::size_t users = user_factors.shape(0), items = item_factors.shape(0), f = user_factors.shape(1);
            check(f % 16 == 0 && item_factors.shape(1) == f, kWidth);
            check(indptr.shape(0) == users + 1 && columns.shape(0) == weights.shape(0) &&
                      targets.has_value() == contributions.has_value() && (!targets || targets->shape(0) == users) &&
                      (!contributions || contributions->shape(0) == columns.shape(0)),
                  "pairs, factors, targets and contributions don't fit together");
            ENDCAP_CALL(ranking_fold_in, {indptr.data(), columns.data(), weights.data(), users, items,
                                          item_factors.data(), f, first_square, epochs,
                                          ranking_steps(loss, negatives, learning_rate, user_regularization, 0, key),
                                          user_factors.data(), targets ? targets->data() : nullptr,
                                          contributions ? contributions->data() : nullptr, threads});
        },
        "indptr"_a, "columns"_a, "weights"_a, "item_factors"_a, "first_square"_a, "epochs"_a, "loss"_a, "negatives"_a,
        "learning_rate"_a, "user_regularization"_a, "key"_a, "user_factors"_a, "targets"_a.none(),
        "contributions"_a.none(), "threads"_a, nb::call_guard<nb::gil_scoped_release>(),
        "The vectors of users by the same steps, with the items left as they are.");

    nb::class_<SessionArrays>(m, "SessionIndex", "The sessions of the past; it keeps the arrays it is made of.")
        .def(nb::init<In<std::int64_t, 1>, In<std::int32_t, 1>, In<float, 1>, In<std::int64_t, 1>, In<std::int32_t, 1>,
                      In<float, 1>, In<float, 1>>(),
             "session_ptr"_a, "session_items"_a, "session_weights"_a, "item_ptr"_a, "item_sessions"_a, "by_distance"_a,
             "item_weights"_a);
    nb::class_<SessionHistories>(m, "SessionQueries", "The sessions that are to go on; it keeps its arrays.")
        .def(nb::init<In<std::int64_t, 1>, In<std::int32_t, 1>, In<float, 1>, In<float, 1>, In<std::int32_t, 1>>(),
             "own_ptr"_a, "own_items"_a, "own_weights"_a, "own_latest"_a, "skip"_a);
    m.def(
        "top_k_sessions",
        [](const SessionArrays& index, const SessionHistories& histories, std::size_t recent, std::size_t neighbours,
           In<std::int64_t, 1> exclude_ptr, In<std::int32_t, 1> exclude_items,
           std::optional<In<std::uint8_t, 1>> allowed, Out<std::int32_t, 2> top_items, Out<float, 2> top_scores,
           int threads) {
            const std::size_t queries = top_items.shape(0), k = top_items.shape(1);
            check(histories.skip.shape(0) == queries && exclude_ptr.shape(0) == queries + 1 &&
                      (!allowed || allowed->shape(0) == index.item_weights.shape(0)),
                  "sessions, exclusions and candidates don't fit together");
            check(top_scores.shape(0) == queries && top_scores.shape(1) == k && k > 0,
                  "the results must have shape (queries, k)");
            ENDCAP_CALL(top_k_sessions, {index.index(), histories.asked(recent, neighbours), index.votes(),
                                         exclude_ptr.data(), exclude_items.data(), allowed ? allowed->data() : nullptr,
                                         k, top_items.data(), top_scores.data(), threads});
        },
        "index"_a, "queries"_a, "recent"_a, "neighbours"_a, "exclude_ptr"_a, "exclude_items"_a, "allowed"_a.none(),
        "top_items"_a, "top_scores"_a, "threads"_a, nb::call_guard<nb::gil_scoped_release>(),
        "The best k items for sessions by what similar sessions of the past hold.");
    m.def(
        "score_sessions",
        [](const SessionArrays& index, const SessionHistories& histories, std::size_t recent, std::size_t neighbours,
           In<std::int64_t, 1> pair_ptr, In<std::int32_t, 1> pair_items, Out<float, 1> scores, int threads) {
            check(pair_ptr.shape(0) == histories.skip.shape(0) + 1 && pair_items.shape(0) == scores.shape(0),
                  "sessions, items and scores don't fit together");
            ENDCAP_CALL(score_sessions, {index.index(), histories.asked(recent, neighbours), index.votes(),
                                         pair_ptr.data(), pair_items.data(), scores.data(), threads});
        },
        "index"_a, "queries"_a, "recent"_a, "neighbours"_a, "pair_ptr"_a, "pair_items"_a, "scores"_a, "threads"_a,
        nb::call_guard<nb::gil_scoped_release>(), "The score of given items for each session.");
    m.def(
        "nearest_sessions",
        [](const SessionArrays& index, const SessionHistories& histories, std::size_t recent,
           Out<std::int32_t, 2> sessions, Out<float, 2> similarities, int threads) {
            const std::size_t queries = sessions.shape(0), k = sessions.shape(1);
            check(histories.skip.shape(0) == queries && similarities.shape(0) == queries && similarities.shape(1) == k,
                  "the results must have shape (queries, neighbours)");
            ENDCAP_CALL(nearest_sessions,
                        {index.index(), histories.asked(recent, k), sessions.data(), similarities.data(), threads});
        },
        "index"_a, "queries"_a, "recent"_a, "sessions"_a, "similarities"_a, "threads"_a,
        nb::call_guard<nb::gil_scoped_release>(), "The sessions of the past most like each session.");
}
