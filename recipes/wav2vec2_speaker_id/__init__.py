"""Which of the readers known speaks: by wav2vec 2.0 and what else is heard of them."""
