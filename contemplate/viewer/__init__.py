"""The trace page: a stored run as one HTML file that needs nothing else, and loads nothing."""

from __future__ import annotations

from contemplate.viewer.beside import Beside
from contemplate.viewer.building import page_model
from contemplate.viewer.html import page
from contemplate.viewer.model import PageModel
from contemplate.viewer.stored import StoredRun

__all__ = ["Beside", "PageModel", "StoredRun", "page", "page_model"]
