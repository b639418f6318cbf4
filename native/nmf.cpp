#include "nmf.hpp"

#include <memory>
#include <vector>

#include "parallel.hpp"
#include "simd.hpp"

namespace endcap::ENDCAP_ISA {

void nmf_update(const NmfArgs& a) {
    const std::size_t f = a.factors;
    std::vector<std::unique_ptr<float[]>> scratch(resolve_threads(a.threads));
    parallel_for(a.rows, 16, a.threads, [&](std::size_t begin, std::size_t end, unsigned worker) {
        if (!scratch[worker]) scratch[worker].reset(new float[2 * f]);
        float *above = scratch[worker].get(), *below = above + f;
        for (std::size_t u = begin; u < end; ++u) {
            const float* x = a.x + u * f;
            const std::int64_t first = a.indptr[u], last = a.indptr[u + 1];
            const vfloat decay = broadcast(a.regularization * float(last - first));
            for (std::size_t c = 0; c < f; c += kLanes) {
                store(above + c, vfloat{});
                store(below + c, decay * load(x + c));
            }
            for (auto t = first; t < last; ++t) {
                const float* y = a.y + std::size_t(a.columns[t]) * f;
                const vfloat rating = broadcast(a.ratings[t]);
                const vfloat estimate = broadcast(a.estimates ? a.estimates[t] : dot(x, y, f));
                for (std::size_t c = 0; c < f; c += kLanes) {
                    store(above + c, load(above + c) + rating * load(y + c));
                    store(below + c, load(below + c) + estimate * load(y + c));
                }
            }
            for (std::size_t c = 0; c < f; ++c) a.updated[u * f + c] = below[c] > 0 ? x[c] * above[c] / below[c] : 0.0f;
        }
    });
}

}  // namespace endcap::ENDCAP_ISA
