"""What all tests share."""

import gc

from hypothesis import HealthCheck, settings

# Tests say what is right, never how fast the machine is: neither one example nor the making of
# examples has a time limit, which a first run on a busy machine would miss.
settings.register_profile("wayout", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("wayout")

# A fifth of the time would go into looking for garbage among all the models and rules that stay.
gc.set_threshold(50_000)
