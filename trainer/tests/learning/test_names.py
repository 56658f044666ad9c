"""The name and the hash of the class that every registered model holds."""

import skops.io

from kit.registry.fingerprint import model_sha256
from seismic.learning.features import TraceFeatures
from seismic.model_code import MODEL_CODE


def test_the_features_have_the_hash_and_the_name_of_the_first_release():
    """Otherwise no model of an earlier release loads, and each model gets another hash."""
    features = TraceFeatures(n_components=4, interval_us=4000)
    assert model_sha256(features) == "3387e604f2e884a789e11090802a922bb0d3503ddf9c845fc37db9062f9b9e37"
    saved = skops.io.dumps(features)
    assert skops.io.get_untrusted_types(data=saved) == ["seismic.features.TraceFeatures"]
    loaded = skops.io.loads(saved, trusted=sorted(MODEL_CODE.trusted))
    assert type(loaded) is TraceFeatures
