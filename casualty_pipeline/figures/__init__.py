"""Figures: how they are computed, addressed, and what must hold between them."""
