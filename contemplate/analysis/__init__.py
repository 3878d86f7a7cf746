"""Figures from replies that are there already: no call is made here."""
