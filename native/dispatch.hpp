// Which instruction set the kernels use, chosen at run time.
#pragma once

#include <string>

namespace endcap {

enum class Isa { baseline = 0, avx2 = 1, avx512 = 2 };

Isa best_isa();     // the best that this CPU runs and this build holds
Isa current_isa();  // the one in use
void use_isa(Isa isa);
Isa isa_from_name(const std::string& name);
const char* isa_name(Isa isa);

}  // namespace endcap

// ENDCAP_KERNEL(void, f, (int a)) declares f once in the namespace of each instruction set; ENDCAP_CALL(f, args...)
// calls the one in use.
#if defined(__x86_64__) || defined(_M_X64)
#define ENDCAP_KERNEL(ret, name, args) \
    namespace endcap::baseline {       \
    ret name args;                     \
    }                                  \
    namespace endcap::avx2 {           \
    ret name args;                     \
    }                                  \
    namespace endcap::avx512 {         \
    ret name args;                     \
    }
#define ENDCAP_CALL(name, ...)                                                              \
    (::endcap::current_isa() == ::endcap::Isa::avx512 ? ::endcap::avx512::name(__VA_ARGS__) \
     : ::endcap::current_isa() == ::endcap::Isa::avx2 ? ::endcap::avx2::name(__VA_ARGS__)   \
                                                      : ::endcap::baseline::name(__VA_ARGS__))
#else
#define ENDCAP_KERNEL(ret, name, args) \
    namespace endcap::baseline {       \
    ret name args;                     \
    }
#define ENDCAP_CALL(name, ...) ::endcap::baseline::name(__VA_ARGS__)
#endif
