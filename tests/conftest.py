"""What all tests share."""

from hypothesis import HealthCheck, settings

# Tests say what is right, never how fast the machine is: neither one example nor the making of
# examples has a time limit, which a first run on a busy machine would miss.
settings.register_profile("wayout", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("wayout")
