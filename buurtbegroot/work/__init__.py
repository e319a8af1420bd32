"""Background work: jobs that are rows, and the worker that takes them up; what is done lives in each room's tasks."""
