"""Texts become numbers and times, whole columns at once."""
