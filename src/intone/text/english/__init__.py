"""English text → symbols: normalisation, CMUdict, heteronyms, guesses for unknown words.

The lexicon is derived from CMUdict; see CMUDICT-LICENSE.
"""

from intone.text.english.frontend import EnglishFrontend, build, from_state

__all__ = ["EnglishFrontend", "build", "from_state"]
