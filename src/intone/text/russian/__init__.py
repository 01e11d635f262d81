"""Russian: normalisation, stress, phonemes."""

from intone.text.russian.frontend import RussianFrontend, build, from_state
from intone.text.russian.processor import RussianPhonemeProcessor, StressInfo

__all__ = ["RussianFrontend", "RussianPhonemeProcessor", "StressInfo", "build", "from_state"]
