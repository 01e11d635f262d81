"""`intone` turns recordings into a speaking voice, and text into speech with it.

The folders are layers; each imports only from those below it:

1. `core`: types, errors, settings, registry, bundles
2. `text`, `audio`, `nn`: symbols, sound, building blocks
3. `acoustic`, `vocoder`, `codec`, `corpus`, `data`: models and data
4. `train`, `speech`: the loop, and the voice
5. `evaluate`, `export`: judges, other runtimes
6. `cli`: one file a verb
"""

__version__ = "0.1.0"
