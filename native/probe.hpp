// Arithmetic at full speed on every thread: the machine's limit that the kernels are measured against.
#pragma once

#include "dispatch.hpp"

ENDCAP_KERNEL(double, peak_flops, (double seconds, int threads))
