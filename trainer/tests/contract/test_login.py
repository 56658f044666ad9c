"""The variables by which the services that read sign in at MLflow."""

import pytest

from kit.registry.login import PASSWORD, USERNAME
from seismic.serving.settings import Settings as ServingSettings
from seismic.status.settings import Settings as StatusSettings


@pytest.mark.parametrize(("given", "missing"), [(USERNAME, PASSWORD), (PASSWORD, USERNAME)])
def test_half_a_login_is_a_problem_of_each_service_that_reads(given, missing):
    for settings in (ServingSettings, StatusSettings):
        _, problems = settings.read({given: "x"})
        assert f"{missing}: not given; {USERNAME} and {PASSWORD} are given together, or neither" in problems
        _, problems = settings.read({given: "x", missing: "y"})
        assert not [each for each in problems if "TRACKING_U" in each and "together" in each]
