"""What the tests of caps draw from: faults that end by themselves, and caps of each kind."""

from __future__ import annotations

from hypothesis import strategies as st

from contemplate import Budget
from contemplate.testing import KINDS, Fault

every_kind = [Fault(kind=kind, status=503, retry_after=0.0, seconds=0.05) for kind in KINDS if kind not in {"hang", "down"}]
"""All that ends by itself; what hangs has its own test."""
caps = st.one_of(
    st.builds(Budget, calls=st.integers(1, 60)),
    st.builds(Budget, tokens=st.integers(200, 40_000)),
    st.builds(Budget, usd=st.floats(0.0001, 0.05)),
)
