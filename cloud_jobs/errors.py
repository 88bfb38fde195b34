"""What goes wrong between here and a Spark service.

CloudJobError
├── PackageError        what a cluster needs could not be packed, or a package is not whole
├── TargetError         a target is described so that nothing can be sent to it: mend the configuration
├── MissingClient       the service's official client is not installed here
├── Refused             the service answered, and said no: rights, quotas, a wrong name
└── Unreachable         the service did not answer: try again
"""

from __future__ import annotations


class CloudJobError(Exception):
    """A job could not be sent, looked at or ended."""


class PackageError(CloudJobError):
    """What a cluster needs could not be packed."""


class TargetError(CloudJobError):
    """The target's settings say something that its service cannot do."""


class MissingClient(CloudJobError):
    """The service's official client is not installed: `pip install 'tradewind[jobs]'`."""


class Refused(CloudJobError):
    """The service said no."""


class Unreachable(CloudJobError):
    """The service did not answer; try again."""
