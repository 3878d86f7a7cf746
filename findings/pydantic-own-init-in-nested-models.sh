#!/usr/bin/env bash
# pydantic 2.14.3: a model's own __init__ is called for nested models too, while a parent is validated. An error that it raises in
# place of pydantic's (to say it in other words, where the model is built by hand) therefore hides where the mistake is: the parent
# reports one "value_error" at the field that holds the model, and neither the inner field's name nor the kind of the mistake.
# With the mark that pydantic sets on its own BaseModel.__init__ (__pydantic_base_init__), the own one is called only where the model
# is built by hand, and nested errors keep their path.
#
# Output seen:
#   own __init__: ('y',) value_error
#   with the mark: ('y', 'n') int_parsing
#   by hand: n is wrong
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --target "$folder" "pydantic==2.14.3" 2> /dev/null
cat > "$folder/program.py" << 'PYTHON'
from pydantic import BaseModel, ValidationError


class Plain(BaseModel):
    n: int

    def __init__(self, **data):
        try:
            super().__init__(**data)
        except ValidationError:
            raise ValueError("n is wrong") from None


class Marked(BaseModel):
    n: int

    def __init__(self, **data):
        try:
            super().__init__(**data)
        except ValidationError:
            raise ValueError("n is wrong") from None

    __init__.__pydantic_base_init__ = True


for name, kind in (("own __init__", Plain), ("with the mark", Marked)):

    class Parent(BaseModel):
        y: kind

    try:
        Parent.model_validate({"y": {"n": "a"}})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        print(f"{name}: {first['loc']} {first['type']}")
try:
    Marked(n="a")
except ValueError as error:
    print(f"by hand: {error}")
PYTHON
seen=$(PYTHONPATH=$folder python3 "$folder/program.py")
echo "$seen"
[ "$seen" = "own __init__: ('y',) value_error
with the mark: ('y', 'n') int_parsing
by hand: n is wrong" ]
