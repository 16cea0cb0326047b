"""Is the reader a woman or a man: classifiers of MFCCs, judged on readers unheard."""
