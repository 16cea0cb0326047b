"""Corpus on disk to wavs and CSV manifests."""
