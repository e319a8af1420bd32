"""Where the processes of a run share what is made once; a module of its own, for servers need nothing else of tests."""

SHARED = "TEST_SHARED"
"""The variable that names the folder for all processes of a run, and all steps of `tests.run`."""
