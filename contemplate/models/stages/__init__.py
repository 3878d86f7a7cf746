"""The stages of the path of a call, one in each file; `contemplate.models.path` lists them in their order."""
