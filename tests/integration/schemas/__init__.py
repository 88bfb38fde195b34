"""The schemas of the versions before, each as PostgreSQL dumped it with rows in it: upgrades are tested on them.

`python -m tests.integration.schemas` writes that of this version: call it before a new migration is added.
"""
