#include "resampling.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <vector>

#include "parallel.hpp"

namespace endcap::ENDCAP_ISA {
namespace {

typedef double Lanes __attribute__((vector_size(64)));
typedef std::uint16_t Counts __attribute__((vector_size(16)));
typedef std::int32_t Wide __attribute__((vector_size(32)));
constexpr std::size_t kLanes = 8;
constexpr std::size_t kTogether = 4;  // resamples that are worked on at once
constexpr std::size_t kFlips = 1024;  // flips in a chunk of work
constexpr std::size_t kBlock = 64;    // users whose signs are one random number

// SplitMix64 (Steele, Lea and Flood 2014): the number at a place of a stream, without the ones before it.
std::uint64_t random_at(std::uint64_t stream, std::uint64_t place) {
    std::uint64_t z = stream + (place + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

// The sums of values times counts for several resamples at once, so that values are read once for all of them.
void weighted_sums(const std::uint16_t* counts, const double* values, std::size_t n, double* totals) {
    Lanes sums[kTogether]{};
    std::size_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
        Lanes value;
        std::memcpy(&value, values + i, sizeof value);
        for (std::size_t r = 0; r < kTogether; ++r) {
            Counts times;
            std::memcpy(&times, counts + r * n + i, sizeof times);
            sums[r] += __builtin_convertvector(__builtin_convertvector(times, Wide), Lanes) * value;
        }
    }
    for (std::size_t r = 0; r < kTogether; ++r) {
        totals[r] = 0;
        for (std::size_t lane = 0; lane < kLanes; ++lane) totals[r] += sums[r][lane];
        for (std::size_t rest = i; rest < n; ++rest) totals[r] += counts[r * n + rest] * values[rest];
    }
}

// The sums of eight differences under all 256 choices of signs; a set bit is a plus.
void sums_of_eight(const double* differences, std::size_t n, double* sums) {
    sums[0] = 0;
    for (std::size_t i = 0; i < n; ++i) sums[0] -= differences[i];
    for (std::size_t i = 0; i < kLanes; ++i) {
        const double twice = i < n ? 2 * differences[i] : 0;
        for (std::size_t bits = 0; bits < (std::size_t(1) << i); ++bits)
            sums[bits | (std::size_t(1) << i)] = sums[bits] + twice;
    }
}

}  // namespace

void resampled_means(const ResampledMeansArgs& a) {
    std::vector<std::vector<std::uint16_t>> scratch(resolve_threads(a.threads));
    const std::size_t groups = (a.resamples + kTogether - 1) / kTogether;
    parallel_for(groups, 1, a.threads, [&](std::size_t begin, std::size_t end, unsigned worker) {
        auto& counts = scratch[worker];
        double totals[kTogether];
        for (std::size_t first = begin * kTogether; first < std::min(end * kTogether, a.resamples);
             first += kTogether) {
            const std::size_t size = std::min(kTogether, a.resamples - first);
            counts.assign(kTogether * a.users, 0);
            for (std::size_t r = 0; r < size; ++r) {
                std::uint16_t* own = counts.data() + r * a.users;
                const std::uint64_t stream = random_at(a.seed, first + r);
                for (std::size_t i = 0; i < a.users; ++i)
                    ++own[std::size_t((static_cast<unsigned __int128>(random_at(stream, i)) * a.users) >> 64)];
            }
            for (std::size_t c = 0; c < a.columns; ++c) {
                weighted_sums(counts.data(), a.values + c * a.users, a.users, totals);
                for (std::size_t r = 0; r < size; ++r)
                    a.means[(first + r) * a.columns + c] = totals[r] / double(a.users);
            }
        }
    });
}

void sign_flips(const SignFlipsArgs& a) {
    const std::size_t chunks = (a.flips + kFlips - 1) / kFlips;
    std::vector<double> limits(a.rows);
    for (std::size_t row = 0; row < a.rows; ++row) {
        double sum = 0, size = 0;
        for (std::size_t i = 0; i < a.users; ++i) {
            sum += a.differences[row * a.users + i];
            size += std::abs(a.differences[row * a.users + i]);
        }
        limits[row] = std::abs(sum) - 1e-12 * size;  // sums that differ by rounding alone are equal
    }
    parallel_for(a.rows * chunks, 1, a.threads, [&](std::size_t begin, std::size_t end, unsigned) {
        std::vector<double> sums(kFlips), table(kLanes * 256);
        for (std::size_t unit = begin; unit < end; ++unit) {
            const std::size_t row = unit / chunks, first = unit % chunks * kFlips;
            const std::size_t flips = std::min(kFlips, a.flips - first);
            const double* differences = a.differences + row * a.users;
            std::fill(sums.begin(), sums.end(), 0.0);
            for (std::size_t user = 0; user < a.users; user += kBlock) {
                for (std::size_t part = 0; part < kLanes; ++part) {
                    const std::size_t from = std::min(user + part * kLanes, a.users);
                    sums_of_eight(differences + from, std::min(kLanes, a.users - from), &table[part * 256]);
                }
                const std::uint64_t stream = random_at(a.seed, user / kBlock);
                for (std::size_t f = 0; f < flips; ++f) {
                    std::uint64_t signs = random_at(stream, first + f);
                    double sum = 0;
                    for (std::size_t part = 0; part < kLanes; ++part, signs >>= 8)
                        sum += table[part * 256 + (signs & 255)];
                    sums[f] += sum;
                }
            }
            std::int64_t count = 0;
            for (std::size_t f = 0; f < flips; ++f) count += std::abs(sums[f]) >= limits[row];
            std::atomic_ref<std::int64_t>(a.as_extreme[row]) += count;
        }
    });
}

}  // namespace endcap::ENDCAP_ISA
