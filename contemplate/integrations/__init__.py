"""Integrations: a panel as a node, a module, a tool, a model or a provider of other people's frameworks."""
