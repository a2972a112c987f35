"""What AWS refuses in a template, or understands otherwise than the emulators do: pure functions, template → findings.

They are held to what CloudFormation gets, after the transform of SAM: by `make check` to the packaged templates, by the
unit tests to templates made in process, and to broken ones.
"""
