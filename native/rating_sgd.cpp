#include "rating_sgd.hpp"

#include <cmath>
#include <memory>

#include "parallel.hpp"
#include "simd.hpp"

namespace endcap::ENDCAP_ISA {
namespace {

// What the user's implicit factors add up to, and how far they have moved since the user's first rating.
struct Implicit {
    float* total;  // (f): |I_u|^-1/2 sum of y_j, as of now
    float* shift;  // (f): b
    float scale;   // a
};

void begin_implicit(const RatingSgdArgs& a, std::size_t u, Implicit& implicit) {
    const std::size_t f = a.factors;
    const std::int64_t first = a.indptr[u], last = a.indptr[u + 1];
    for (std::size_t c = 0; c < f; c += kLanes) {
        vfloat total{};
        for (auto t = first; t < last; ++t) total += load(a.implicit_factors + std::size_t(a.items[t]) * f + c);
        store(implicit.total + c, total / std::sqrt(float(last - first)));
        store(implicit.shift + c, vfloat{});
    }
    implicit.scale = 1;
}

void end_implicit(const RatingSgdArgs& a, std::size_t u, const Implicit& implicit) {
    const std::size_t f = a.factors;
    for (auto t = a.indptr[u]; t < a.indptr[u + 1]; ++t) {
        float* y = a.implicit_factors + std::size_t(a.items[t]) * f;
        for (std::size_t c = 0; c < f; c += kLanes)
            store(y + c, implicit.scale * load(y + c) + load(implicit.shift + c));
    }
}

// The steps of all parts with factors for one rating with error e; q and p are read before either is changed.
void step(const RatingSgdArgs& a, float* p, float* q, float e) {
    const float to_p = a.rates[kUserFactors] * e, to_q = a.rates[kItemFactors] * e;
    const float keep_p = 1 - a.rates[kUserFactors] * a.decays[kUserFactors];
    const float keep_q = 1 - a.rates[kItemFactors] * a.decays[kItemFactors];
    for (std::size_t c = 0; c < a.factors; c += kLanes) {
        const vfloat pc = load(p + c), qc = load(q + c);
        store(p + c, keep_p * pc + to_p * qc);
        store(q + c, keep_q * qc + to_q * pc);
    }
}

void step(const RatingSgdArgs& a, float* p, float* q, float e, float items, Implicit& implicit) {
    const float to_p = a.rates[kUserFactors] * e, to_q = a.rates[kItemFactors] * e;
    const float to_y = a.rates[kImplicitFactors] * e, to_each = to_y / std::sqrt(items);
    const float keep_p = 1 - a.rates[kUserFactors] * a.decays[kUserFactors];
    const float keep_q = 1 - a.rates[kItemFactors] * a.decays[kItemFactors];
    const float keep_y = 1 - a.rates[kImplicitFactors] * a.decays[kImplicitFactors];
    for (std::size_t c = 0; c < a.factors; c += kLanes) {
        const vfloat pc = load(p + c), qc = load(q + c), total = load(implicit.total + c);
        store(p + c, keep_p * pc + to_p * qc);
        store(q + c, keep_q * qc + to_q * (pc + total));
        store(implicit.total + c, keep_y * total + to_y * qc);
        store(implicit.shift + c, keep_y * load(implicit.shift + c) + to_each * qc);
    }
    implicit.scale *= keep_y;
}

float dot_with_sum(const float* q, const float* p, const float* total, std::size_t f) {
    vfloat s{};
    for (std::size_t c = 0; c < f; c += kLanes) s += load(q + c) * (load(p + c) + load(total + c));
    return sum(s);
}

}  // namespace

void rating_sgd(const RatingSgdArgs& a) {
    const std::size_t f = a.factors;
    const bool has_implicit = a.implicit_factors != nullptr;
    const std::unique_ptr<float[]> scratch(new float[2 * f]);
    Implicit implicit{scratch.get(), scratch.get() + f, 1};
    // One thread works the chunks off in order; they only give Ctrl-C a chance.
    parallel_for(a.users, 64, 1, [&](std::size_t begin, std::size_t end, unsigned) {
        for (std::size_t u = begin; u < end; ++u) {
            const std::int64_t first = a.indptr[u], last = a.indptr[u + 1];
            if (first == last) continue;
            float* p = a.user_factors + u * f;
            float bias = a.user_bias[u];
            if (has_implicit) begin_implicit(a, u, implicit);
            for (auto t = first; t < last; ++t) {
                const std::size_t i = std::size_t(a.items[t]);
                float* q = a.item_factors + i * f;
                if (t + 2 < last) {
                    const float* next = a.item_factors + std::size_t(a.items[t + 2]) * f;
                    for (std::size_t c = 0; c < f; c += 16) __builtin_prefetch(next + c, 1);
                }
                const float product = has_implicit ? dot_with_sum(q, p, implicit.total, f) : dot(p, q, f);
                const float estimate = a.mean + bias + a.item_bias[i] + product;
                if (a.estimates) a.estimates[t] = estimate;
                const float e = a.ratings[t] - estimate;
                bias += a.rates[kUserBias] * (e - a.decays[kUserBias] * bias);
                a.item_bias[i] += a.rates[kItemBias] * (e - a.decays[kItemBias] * a.item_bias[i]);
                if (has_implicit)
                    step(a, p, q, e, float(last - first), implicit);
                else
                    step(a, p, q, e);
            }
            a.user_bias[u] = bias;
            if (has_implicit) end_implicit(a, u, implicit);
        }
    });
}

}  // namespace endcap::ENDCAP_ISA
