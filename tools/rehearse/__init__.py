"""`rollcall rehearse`: runs all of Rollcall in an owner's own AWS account, writes evidence, and leaves nothing behind.

A rehearsal is a sequence of steps. A step is one function with the decorator `step`. Its docstring says what it proves,
and its return value is its evidence. To add a step, write it into the module of its subject. Steps run in the order of
the modules in `plan.py`, and within a module in the order of its functions. Then name the step in
`tests/cloud/test_rehearsal.py`.
"""
