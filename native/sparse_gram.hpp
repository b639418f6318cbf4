// Item-item products of a sparse user x item matrix, as a dense lower triangle.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"

namespace endcap {

struct SparseGramArgs {
    std::size_t items;
    // The matrix by user (CSR) and by item (CSC), positions ascending.
    const std::int64_t* user_ptr;
    const std::int32_t* user_items;
    const float* user_values;
    const std::int64_t* item_ptr;
    const std::int32_t* item_users;
    const float* item_values;
    // Out: row i, of row_ptr[i + 1] - row_ptr[i] > i places, starts at row_ptr[i]; places beyond i become zero.
    const std::int64_t* row_ptr;
    float* rows;
    int threads;
};

}  // namespace endcap

ENDCAP_KERNEL(void, sparse_gram, (const SparseGramArgs& args))
