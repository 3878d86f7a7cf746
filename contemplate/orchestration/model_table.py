"""The models that an orchestrator knows something of: what their names stand for, on panels and in stored runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from contemplate.errors import InputError
from contemplate.models.backends.model import Model, ModelSpec


class ModelTable:
    """The facts of models by name. A name that is not in it is a plain name, and means itself.

    Attributes:
        specs: the table; it grows as models are named.
    """

    def __init__(self, configured: Mapping[str, ModelSpec]) -> None:
        """Start with the models of the settings.

        Args:
            configured: by what they are called. A model that is named later wins over the one of the settings.
        """
        self.specs: dict[str, ModelSpec] = dict(configured)
        self._named: dict[str, Model] = {}

    def names(self, models: Sequence[str | Model] | str | Model) -> tuple[str, ...]:
        """The names of `models`; those that say more than a name are in the table from now on.

        Args:
            models: each a `Model`, `NAME@URL`, `LABEL=NAME@URL`, or a plain name, which may be one of the table. One that
                stands alone needs no list.

        Raises:
            InputError: two different models are called the same, or an address is malformed.
        """
        return tuple(self._name(one) for one in ([models] if isinstance(models, str | Model) else models))

    def _name(self, given: str | Model) -> str:
        model = given if isinstance(given, Model) else Model.read(given)
        if model is None:
            return str(given)
        name = model.called
        if (before := self._named.get(name)) is not None and before != model:
            locations = " and ".join(one.base_url or "its provider" for one in (before, model))
            raise InputError(
                f"two models are called {name!r} ({locations}): give one a label, as Model({model.name!r}, ..., label='other'), "
                f"or other={model.name}@{model.base_url or 'URL'}"
            )
        self._named[name] = model
        self.specs[name] = model
        return name

    def routes(self, names: Iterable[str]) -> dict[str, ModelSpec]:
        """The facts stored with a run of the models that it names: nothing of those that are plain names."""
        known = {name: self.specs[name].with_run() for name in names if name in self.specs}
        return {name: spec for name, spec in known.items() if spec != ModelSpec(name=name)}

    def elsewhere(self, names: Iterable[str], routes: Mapping[str, ModelSpec]) -> dict[str, ModelSpec]:
        """The models of a stored run whose location is another one than this table says.

        Args:
            names: the models that the run names.
            routes: what is stored of them.
        """
        stored = {name: routes.get(name) or ModelSpec(name=name) for name in names if name in routes or name in self.specs}
        return {name: spec for name, spec in stored.items() if not spec.same_location(self.specs.get(name, ModelSpec(name=name)))}

    def written(self) -> dict[str, ModelSpec]:
        """The table without the keys in it."""
        return {name: spec.spec() if isinstance(spec, Model) else spec for name, spec in self.specs.items()}

    @property
    def holds_keys(self) -> bool:
        """Whether a key was given as such, and not by the name of an environment variable."""
        return any(model.key is not None for model in self._named.values())
