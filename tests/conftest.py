"""What all tests share: Hypothesis without deadlines, because machines are noisy, and the same examples each time."""

from hypothesis import settings

settings.register_profile("motewise", deadline=None, derandomize=True)
settings.load_profile("motewise")
