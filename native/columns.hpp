// A sparse user x item matrix in the forms in which kernels read its columns.
#pragma once

#include <cstddef>
#include <cstdint>

namespace endcap {

// The matrix by user and by item (CSR and CSC, positions ascending), and, where there is memory for it, its lower
// triangle of item-item products as `sparse_gram` makes it (else null): product (i, h), h <= i, at rows[row_ptr[i] +
// h].
struct Columns {
    std::size_t users, items;
    const std::int64_t* user_ptr;
    const std::int32_t* user_items;
    const float* user_values;
    const std::int64_t* item_ptr;
    const std::int32_t* item_users;
    const float* item_values;
    const std::int64_t* row_ptr;
    const float* rows;
};

}  // namespace endcap
