"""Figures to what people look at and hand in."""
