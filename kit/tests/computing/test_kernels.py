"""The kernels of OpenBLAS, by the processor and by what is chosen already."""

import pytest

from kit.computing import kernels


def test_the_kernels_are_those_of_a_processor_that_has_them():
    environment: dict[str, str] = {}
    assert kernels.pin_kernels(environment, "processor : 0\nflags\t\t: fpu avx avx2 fma sse4_2\n")
    assert environment == kernels.KERNELS


@pytest.mark.parametrize("processor", ["", "flags : fpu sse4_2\n", "Features : fp asimd\n"])
def test_a_processor_without_them_keeps_its_own(processor):
    environment: dict[str, str] = {}
    assert not kernels.pin_kernels(environment, processor)
    assert environment == {}


def test_kernels_that_somebody_chose_stay():
    environment = {"OPENBLAS_CORETYPE": "SkylakeX"}
    kernels.pin_kernels(environment, "flags : avx2 fma\n")
    assert environment == {"OPENBLAS_CORETYPE": "SkylakeX"}
