#include "dispatch.hpp"

#include <atomic>
#include <stdexcept>

namespace endcap {
namespace {
std::atomic<Isa> in_use{best_isa()};
}

Isa best_isa() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd"))
        return Isa::avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
        return Isa::avx2;
#endif
    return Isa::baseline;
}

Isa current_isa() { return in_use.load(std::memory_order_relaxed); }

void use_isa(Isa isa) {
    if (isa > best_isa()) throw std::invalid_argument(std::string("this CPU does not run ") + isa_name(isa));
    in_use = isa;
}

Isa isa_from_name(const std::string& name) {
    for (Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512})
        if (name == isa_name(isa)) return isa;
    throw std::invalid_argument("unknown instruction set '" + name + "'; known: baseline, avx2, avx512");
}

const char* isa_name(Isa isa) {
    switch (isa) {
        case Isa::avx512:
            return "avx512";
        case Isa::avx2:
            return "avx2";
        default:
            return "baseline";
    }
}

}  // namespace endcap
