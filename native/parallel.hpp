// A small pool of threads and one loop over it.
#pragma once

#include <cstddef>
#include <functional>

namespace endcap {

// Thrown by parallel_for when the interrupt check asked for it.
struct Interrupted {};

// Called by the calling thread between its own chunks, at most every 50 ms; true stops the loop. Set once,
// when the Python module loads (it looks for Ctrl-C); none by default.
void set_interrupt_check(bool (*check)());

// The number of threads that `requested` stands for: itself, or every core available to this process for 0.
unsigned resolve_threads(int requested);

// Runs body(begin, end, worker) over chunks of at most `grain` out of [0, n), on at most `threads` threads
// (0: all cores), the caller among them; `worker` is in [0, resolve_threads(threads)) and no two chunks with the
// same worker run at once, so it may index scratch. Which worker gets which chunk is not fixed: a body whose
// result depends on it isn't deterministic. An exception in a chunk is thrown here once the others ended.
// A call made while another runs is worked off by its caller alone. Keep a chunk below some 20 ms, so that
// Ctrl-C is heard.
void parallel_for(std::size_t n, std::size_t grain, int threads,
                  const std::function<void(std::size_t, std::size_t, unsigned)>& body);

}  // namespace endcap
