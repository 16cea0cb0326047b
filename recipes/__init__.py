"""Jobs beside the main one, one folder each, and the runner of whole suites."""
