"""The compiled kernels, with the type stubs beside them.

Kernels check nothing twice: arrays must be contiguous and of the stated type, indices in range. Callers in
`models` see to that.
"""

from endcap.native._kernels import *  # noqa: F403
