// What Python sees of the kernels: shapes and types are checked here, the arithmetic is elsewhere.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>

#include "dispatch.hpp"
#include "parallel.hpp"
#include "probe.hpp"

namespace nb = nanobind;
using namespace nb::literals;

NB_MODULE(_kernels, m) {
    m.doc() = "Endcap's kernels; see native/ in the source tree.";

    // Kernels run without the GIL; between chunks the calling thread takes it to hear Ctrl-C.
    endcap::set_interrupt_check([] {
        nb::gil_scoped_acquire gil;
        return PyErr_CheckSignals() != 0;
    });
    nb::register_exception_translator([](const std::exception_ptr& p, void*) {
        try {
            std::rethrow_exception(p);
        } catch (const endcap::Interrupted&) {
            // PyErr_CheckSignals has set the handler's exception, KeyboardInterrupt as a rule.
            if (!PyErr_Occurred()) PyErr_SetNone(PyExc_KeyboardInterrupt);
        }
    });

    m.def(
        "simd", [] { return std::string(endcap::isa_name(endcap::current_isa())); },
        "The instruction set in use: 'baseline', 'avx2' or 'avx512'.");
    m.def(
        "best_simd", [] { return std::string(endcap::isa_name(endcap::best_isa())); },
        "The best instruction set that this CPU runs.");
    m.def(
        "use_simd", [](const std::string& name) { endcap::use_isa(endcap::isa_from_name(name)); }, "name"_a,
        "Use another instruction set, as tests do.");
    m.def("resolve_threads", &endcap::resolve_threads, "threads"_a,
          "The number of threads that a `threads` parameter stands for (0: all cores).");
    m.def(
        "peak_flops", [](double seconds, int threads) { return ENDCAP_CALL(peak_flops, seconds, threads); },
        "seconds"_a, "threads"_a, nb::call_guard<nb::gil_scoped_release>(),
        "Single-precision operations a second that this machine reaches in registers.");
}
