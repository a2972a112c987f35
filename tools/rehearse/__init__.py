"""`make rehearse`: the whole of Rollcall in an owner's own AWS account, with evidence, and nothing left behind.

A rehearsal is a row of steps. A step is one function with the decorator `step`: its docstring says what it proves, what
it returns is its evidence. To add one, write it into the file of its kind: the order is that of the modules in
`plan.py`, and within a module that of its functions. Then name it in `tests/cloud/test_rehearsal.py`.
"""
