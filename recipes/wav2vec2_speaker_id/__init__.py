"""Which of the known readers speaks: features of two seconds, classifiers, maps."""
