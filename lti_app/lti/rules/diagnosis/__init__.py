"""The registration doctor's judgement: measured facts in, findings out. Pure.

Each finding says what it means and who must change what. French texts, stable codes.
"""

from lti_app.lti.rules.diagnosis import addresses, services, usage
from lti_app.lti.rules.diagnosis.facts import Facts
from lti_app.lti.rules.diagnosis.finding import Finding, Level, Who

__all__ = ["Facts", "Finding", "Level", "Who", "diagnose", "has_errors"]

_CHECKS = (
    usage.state,
    usage.deployments,
    addresses.our_address,
    addresses.our_keys,
    addresses.their_addresses,
    addresses.their_keys,
    services.tokens,
    services.clocks,
    usage.launches,
    usage.withheld,
    usage.services_named,
    services.roster,
    usage.grades,
)


def diagnose(facts: Facts) -> list[Finding]:
    """The findings, in the order in which somebody would check by hand."""
    return [finding for check in _CHECKS for finding in check(facts)]


def has_errors(findings: list[Finding]) -> bool:
    """Whether something does not work."""
    return any(finding.level == Level.ERROR for finding in findings)
