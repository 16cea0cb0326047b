"""Is the reader a woman or a man: analysis of MFCCs, and classifiers of them."""
