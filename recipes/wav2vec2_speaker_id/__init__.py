"""Which of the known readers speaks: classifiers of features, split in four ways."""
