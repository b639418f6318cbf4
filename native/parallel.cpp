#include "parallel.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sched.h>
#endif
#ifndef _WIN32
#include <pthread.h>
#endif

namespace endcap {
namespace {

using Clock = std::chrono::steady_clock;
using Body = std::function<void(std::size_t, std::size_t, unsigned)>;

std::atomic<bool (*)()> interrupt_check{nullptr};

struct Job {
    std::size_t n, grain;
    const Body& body;
    std::atomic<std::size_t> next{0};
    std::atomic<bool> stop{false};
    std::mutex error_mutex;
    std::exception_ptr error;

    void fail(std::exception_ptr e) {
        std::lock_guard lock(error_mutex);
        if (!error) error = e;
        stop = true;
    }

    void work(unsigned worker, bool is_caller) {
        thread_local Clock::time_point last_check;  // outlives the job: many short ones in a row hear Ctrl-C as well
        while (!stop.load(std::memory_order_relaxed)) {
            const std::size_t begin = next.fetch_add(grain);
            if (begin >= n) return;
            try {
                body(begin, std::min(n, begin + grain), worker);
                if (is_caller && Clock::now() - last_check > std::chrono::milliseconds(50)) {
                    last_check = Clock::now();
                    auto check = interrupt_check.load();
                    if (check && check()) throw Interrupted{};
                }
            } catch (...) {
                fail(std::current_exception());
            }
        }
    }
};

// Threads sleep between jobs. One job runs at a time.
class Pool {
  public:
    // False where the pool is busy with another caller's job.
    bool try_run(Job& job, unsigned threads) {
        std::unique_lock busy(job_mutex_, std::try_to_lock);
        if (!busy) return false;
        {
            std::lock_guard lock(mutex_);
            while (threads_.size() + 1 < threads)
                threads_.emplace_back([this, id = threads_.size() + 1] { loop(unsigned(id)); });
            job_ = &job;
            wanted_ = threads - 1;
            ++generation_;
        }
        wake_.notify_all();
        job.work(0, true);
        std::unique_lock lock(mutex_);
        job_ = nullptr;  // all is given out: who wakes up only now isn't waited for
        done_.wait(lock, [this] { return running_ == 0; });
        return true;
    }

  private:
    void loop(unsigned id) {
        std::size_t seen = 0;
        std::unique_lock lock(mutex_);
        for (;;) {
            wake_.wait(lock, [&] { return generation_ != seen; });
            seen = generation_;
            Job* job = job_;
            if (!job || id > wanted_) continue;
            ++running_;
            lock.unlock();
            job->work(id, false);
            lock.lock();
            if (--running_ == 0) done_.notify_one();
        }
    }

    std::mutex job_mutex_, mutex_;
    std::condition_variable wake_, done_;
    std::vector<std::thread> threads_;
    Job* job_ = nullptr;
    std::size_t generation_ = 0;
    unsigned wanted_ = 0, running_ = 0;
};

// Never destroyed: its threads sleep until the process ends. A forked child has none of the parent's
// threads, so it starts with a pool of its own.
std::atomic<Pool*> pool{nullptr};

Pool& the_pool() {
    static std::once_flag once;
    std::call_once(once, [] {
        pool = new Pool;
#ifndef _WIN32
        pthread_atfork(nullptr, nullptr, [] { pool = new Pool; });
#endif
    });
    return *pool;
}

}  // namespace

void set_interrupt_check(bool (*check)()) { interrupt_check = check; }

unsigned resolve_threads(int requested) {
    if (requested > 0) return unsigned(requested);
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return unsigned(std::max(1, CPU_COUNT(&set)));
#endif
    return std::max(1u, std::thread::hardware_concurrency());
}

void parallel_for(std::size_t n, std::size_t grain, int threads, const Body& body) {
    if (n == 0) return;
    grain = std::max<std::size_t>(1, grain);
    const std::size_t chunks = (n + grain - 1) / grain;
    const unsigned workers = unsigned(std::min<std::size_t>(resolve_threads(threads), chunks));
    Job job{n, grain, body};
    if (workers <= 1 || !the_pool().try_run(job, workers)) job.work(0, true);
    if (job.error) std::rethrow_exception(job.error);
}

}  // namespace endcap
