"""Calls to AWS without botocore's session, models and HTTP client, which are most of what a call costs.

`client` is what `core.aws.clients` makes. Behind it: `services` (which, and their operations) with the protocols
(`json_protocol`, `query_protocol`, `ses_protocol`, `s3_protocol`), `signing`, `credentials`, `endpoints`, `connections`
with `bodies`, `retries`, `behind` (botocore, for the rest), and `events` for tests.
"""

from chalicelib.core.aws.calls.client import client, reset

__all__ = ["client", "reset"]
