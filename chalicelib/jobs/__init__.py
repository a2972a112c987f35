"""Long work with a state that can be watched: imports, exports, replays, erasures.

A job is one row of `jobs` (part `job`); the parts it is cut into are rows of their own under the same id. Its
pages travel on the `jobs` queue, or its state machine runs them.
"""

from chalicelib.jobs.store import ENDED, Jobs, changes, jobs, queue_page

__all__ = ["ENDED", "Jobs", "changes", "jobs", "queue_page", "state_machines"]
