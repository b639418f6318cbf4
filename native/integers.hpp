// Whole numbers that come as 32 or 64 bits, such as where the rows of a SciPy matrix begin.
#pragma once

#include <cstddef>
#include <cstdint>

namespace endcap {

// Widening them first would cost more than what is done with them: a model's weights are passed for every shopper.
struct Integers {
    const std::int32_t* narrow;
    const std::int64_t* wide;
    std::int64_t operator[](std::size_t i) const { return narrow ? narrow[i] : wide[i]; }
};

}  // namespace endcap
