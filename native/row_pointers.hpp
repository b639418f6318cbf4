// Where the rows of a CSR matrix begin: 32 or 64 bits wide, as SciPy has it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace endcap {

// A model's weights are passed for every single shopper, so widening them first would cost more than the answer.
struct RowPointers {
    const std::int32_t* narrow;
    const std::int64_t* wide;
    std::int64_t operator[](std::size_t row) const { return narrow ? narrow[row] : wide[row]; }
};

}  // namespace endcap
