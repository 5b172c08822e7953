"""Stands before the C extension of mysql-connector-python, so that its pure form is taken."""

raise ImportError("the pure form of the connector is wanted")
