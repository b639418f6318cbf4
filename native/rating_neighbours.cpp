#include "rating_neighbours.hpp"

#include <cmath>
#include <memory>
#include <vector>

#include "best_keys.hpp"
#include "parallel.hpp"

namespace endcap::ENDCAP_ISA {
namespace {

typedef float Two __attribute__((vector_size(8)));
typedef float Four __attribute__((vector_size(16)));
typedef float Eight __attribute__((vector_size(32)));

// A similarity is what a common column adds, where among it the number of columns stands, and what comes of it.
struct Msd {
    using Sums = Two;
    static constexpr int kCount = 1;
    static Sums term(float a, float b) { return Sums{(a - b) * (a - b), 1}; }
    static float value(const Sums& s, float) { return s[1] / (s[0] + s[1]); }
};

struct Cosine {
    using Sums = Four;
    static constexpr int kCount = 3;
    static Sums term(float a, float b) { return Sums{a * b, a * a, b * b, 1}; }
    static float value(const Sums& s, float shrinkage) {
        const float norms = std::sqrt(s[1]) * std::sqrt(s[2]);
        if (!(norms > 0)) return 0;
        const float trust = shrinkage > 0 ? (s[3] - 1) / (s[3] - 1 + shrinkage) : 1.0f;
        return s[0] / norms * trust;
    }
};

struct Pearson {
    using Sums = Eight;
    static constexpr int kCount = 5;
    static Sums term(float a, float b) { return Sums{a * b, a * a, b * b, a, b, 1, 0, 0}; }
    static float value(const Sums& s, float) {
        const double n = s[5], va = n * s[1] - double(s[3]) * s[3], vb = n * s[2] - double(s[4]) * s[4];
        // Sums are in single precision: below this, a row's variance is rounding.
        if (va <= 1e-6 * n * s[1] || vb <= 1e-6 * n * s[2]) return 0;
        return float((n * s[0] - double(s[3]) * s[4]) / (std::sqrt(va) * std::sqrt(vb)));
    }
};

template <class Similarity>
class Worker {
    using Sums = typename Similarity::Sums;

  public:
    explicit Worker(const RatingNeighboursArgs& a)
        : a_(a),
          sums_(new Sums[a.training_rows]()),
          similarities_(new float[a.training_rows]()),
          touched_(new std::int32_t[a.training_rows + 1]),
          best_(a.k) {}

    void group(std::size_t g) {
        compare(std::size_t(a_.group_rows[g]));
        for (auto p = a_.group_ptr[g]; p < a_.group_ptr[g + 1]; ++p) average(std::size_t(p));
        for (std::size_t t = 0; t < count_; ++t) similarities_[touched_[t]] = 0;
    }

  private:
    void compare(std::size_t x) {
        Sums* sums = sums_.get();
        std::int32_t* touched = touched_.get();
        std::size_t count = 0;
        for (auto s = a_.row_ptr[x]; s < a_.row_ptr[x + 1]; ++s) {
            const std::size_t column = std::size_t(a_.row_columns[s]);
            const float value = a_.row_values[s];
            const std::int64_t last = a_.column_ptr[column + 1];
            for (auto t = a_.column_ptr[column]; t < last; ++t) {
                const std::int32_t row = a_.column_rows[t];
                touched[count] = row;
                count += sums[row][Similarity::kCount] == 0;
                sums[row] += Similarity::term(value, a_.column_values[t]);
            }
        }
        for (std::size_t t = 0; t < count; ++t) {
            Sums& mine = sums[touched[t]];
            const bool enough = mine[Similarity::kCount] >= float(a_.min_support);
            similarities_[touched[t]] = enough ? Similarity::value(mine, a_.shrinkage) : 0.0f;
            mine = Sums{};
        }
        count_ = count;
    }

    void average(std::size_t p) {
        const std::size_t list = std::size_t(a_.pair_lists[p]);
        const std::int64_t first = a_.list_ptr[list], last = a_.list_ptr[list + 1];
        best_.clear();
        float threshold = 0;
        for (auto t = first; t < last; ++t) {
            const float similarity = similarities_[a_.list_rows[t]];
            if (similarity > threshold) {
                best_.push(similarity, std::uint32_t(t - first));
                threshold = best_.threshold();
            }
        }
        const std::size_t found = best_.finish();
        float total = 0, weight = 0;
        for (std::size_t n = 0; n < found; ++n) {
            total += best_.score(n) * a_.list_values[first + best_.position(n)];
            weight += best_.score(n);
        }
        a_.means[p] = found ? total / weight : 0.0f;
        a_.counts[p] = std::int32_t(found);
    }

    const RatingNeighboursArgs& a_;
    std::unique_ptr<Sums[]> sums_;
    std::unique_ptr<float[]> similarities_;
    std::unique_ptr<std::int32_t[]> touched_;
    std::size_t count_ = 0;
    BestKeys best_;
};

template <class Similarity>
void run(const RatingNeighboursArgs& a) {
    std::vector<std::unique_ptr<Worker<Similarity>>> workers(resolve_threads(a.threads));
    parallel_for(a.groups, 4, a.threads, [&](std::size_t begin, std::size_t end, unsigned worker) {
        if (!workers[worker]) workers[worker].reset(new Worker<Similarity>(a));
        for (std::size_t g = begin; g < end; ++g) workers[worker]->group(g);
    });
}

}  // namespace

void rating_neighbours(const RatingNeighboursArgs& a) {
    if (a.similarity == RatingSimilarity::msd)
        run<Msd>(a);
    else if (a.similarity == RatingSimilarity::cosine)
        run<Cosine>(a);
    else
        run<Pearson>(a);
}

}  // namespace endcap::ENDCAP_ISA
