"""The same fake API and the same telemetry in memory as the tests of the patches have."""

from tests.patch.conftest import api, telemetry

__all__ = ["api", "telemetry"]
