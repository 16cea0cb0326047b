"""What others do, trained and tested on the same data: the figures to beat."""
