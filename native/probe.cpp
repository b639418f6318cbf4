#include "probe.hpp"

#include <chrono>
#include <numeric>
#include <vector>

#include "parallel.hpp"
#include "simd.hpp"

namespace endcap::ENDCAP_ISA {

// Single-precision operations a second when every thread does independent fused multiply-adds in registers.
double peak_flops(double seconds, int threads) {
    using Clock = std::chrono::steady_clock;
    constexpr int kChains = 10, kSteps = 10000;
    const unsigned n = resolve_threads(threads);
    std::vector<double> rate(n, 0.0), sink(n, 0.0);
    parallel_for(n, 1, threads, [&](std::size_t begin, std::size_t, unsigned) {
        vfloat acc[kChains];
        for (int c = 0; c < kChains; ++c) acc[c] = broadcast(float(c));
        const vfloat a = broadcast(0.999f), b = broadcast(1e-3f);
        const auto start = Clock::now();
        double elapsed = 0, rounds = 0;
        while (elapsed < seconds) {
            for (int s = 0; s < kSteps; ++s)
                for (int c = 0; c < kChains; ++c) acc[c] = acc[c] * a + b;
            rounds += 1;
            elapsed = std::chrono::duration<double>(Clock::now() - start).count();
        }
        for (int c = 0; c < kChains; ++c) sink[begin] += sum(acc[c]);
        rate[begin] = rounds * kSteps * kChains * kLanes * 2 / elapsed;
    });
    return std::accumulate(rate.begin(), rate.end(), 0.0) + 0 * sink[0];
}

}  // namespace endcap::ENDCAP_ISA
