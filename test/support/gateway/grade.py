"""Compares a server's TLS with Mozilla's recommendations: grade.py HOST PORT. Prints what differs, by level.

A certificate of our own is not compared: its issuer and lifetime are not the server's settings.
"""

import json
import sys

from sslyze import Scanner, ServerNetworkLocation, ServerScanRequest
from sslyze.mozilla_tls_profile.tls_config_checker import (
    MozillaTlsConfiguration,
    ServerNotCompliantWithTlsConfiguration,
    TlsConfigurationEnum,
    check_server_against_tls_configuration,
)

LEVELS = (TlsConfigurationEnum.MOZILLA_MODERN, TlsConfigurationEnum.MOZILLA_INTERMEDIATE)
OF_THE_CERTIFICATE = ("certificate_path_validation", "maximum_certificate_lifespan")


def differences(result, level) -> dict:
    """What differs from a level, by the checker's names. Raises if a scan has no result."""
    try:
        check_server_against_tls_configuration(result, MozillaTlsConfiguration.get(level))
    except ServerNotCompliantWithTlsConfiguration as error:
        return {name: text for name, text in error.issues.items() if name not in OF_THE_CERTIFICATE}
    return {}


host, port = sys.argv[1:]
scanner = Scanner()
scanner.queue_scans([ServerScanRequest(ServerNetworkLocation(host, int(port), ip_address="127.0.0.1"))])
(scanned,) = scanner.get_results()
print(json.dumps({level.value: differences(scanned, level) for level in LEVELS}))
