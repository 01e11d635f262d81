"""Sound files, resampling, trimming, and the features of a frame: mel, pitch, energy."""
