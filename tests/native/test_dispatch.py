import pytest

from endcap import native


def test_every_instruction_set_below_the_best_can_be_used(simd):
    assert native.simd() == simd


def test_an_unknown_one_is_refused():
    before = native.simd()
    with pytest.raises(ValueError, match="unknown instruction set 'sse9'; known: baseline, avx2, avx512"):
        native.use_simd("sse9")
    assert native.simd() == before == native.best_simd()


def test_the_peak_grows_with_the_width_of_vectors():
    def peak(name):
        native.use_simd(name)
        return native.peak_flops(0.05, 1)

    try:
        narrow, best = peak("baseline"), peak(native.best_simd())
    finally:
        native.use_simd(native.best_simd())
    assert narrow > 1e8
    assert best > 0.5 * narrow
