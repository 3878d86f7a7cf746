"""How the words of others stand in a prompt: as data, between delimiters whose tag nobody can work out without the secret.

A run has a secret, which stands in its record and in no prompt. The tag of a quotation is a keyed hash of the place and of all
words quoted there, so that it can't be foreseen, not even by the author of all of them, nor carried over from another quotation.

Runs of earlier versions have none. Their tags come from the seed alone, and their prompts stay what they were, to the letter:
the keys of their replies are made of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from contemplate.seeds import derive
from contemplate.text import disarm

_TAG_BYTES = 6
_SECRET_BYTES = 16
_PERSON = b"contemplate"

_FIRST_TAGS = re.compile(
    r"<(?=\|)|(?<=\|)>|<(?=/?(?:s|bos|eos|pad|start_of_turn|end_of_turn)>)|\[(?=/?INST\])|<(?=<SYS>>|</SYS>>)", re.IGNORECASE
)
"""The control tags that prompts without a secret break."""

_DASHES = r"[-\u2010-\u2015\u2212\u2500\u2501\u2e3a\u2e3b\ufe58\ufe63\uff0d]"
_DELIMITER = re.compile(
    rf"^(?P<before>[^\S\n]*(?:>[^\S\n]*)*{_DASHES})(?={_DASHES}[^\n]*{_DASHES}{{2}}[^\S\n]*$)(?=[^\n]*\w)", re.MULTILINE
)
"""A line that looks like the beginning or the end of a quotation, up to its first dash."""


@dataclass(frozen=True)
class Quoting:
    """The way in which a run quotes.

    Attributes:
        seed: of the run; tags come from it where there is no secret.
        secret: 32 hexadecimal digits; None in runs that were made before there were secrets.
    """

    seed: int = 0
    secret: str | None = field(default=None, repr=False)

    def tag(self, texts: Sequence[str], *path: str) -> str:
        """The tag on the delimiters around `texts`.

        Args:
            texts: all words that are quoted there.
            path: tells apart places of a run where the same is quoted.

        Returns:
            12 hexadecimal digits; 8 where there is no secret.
        """
        if self.secret is None:
            return f"{derive(self.seed, 'quote', *path, *texts):016x}"[:8]
        return _keyed(bytes.fromhex(self.secret), [list(path), list(texts)], _TAG_BYTES)

    def tag_of_documents(self, texts: Sequence[str]) -> str:
        """The tag on the delimiters around documents: 16 hexadecimal digits without a secret, else as for all other words."""
        if self.secret is not None:
            return self.tag(texts, "documents")
        attempt = 0
        while any((tag := f"{derive(0, 'documents', str(attempt), *texts):016x}") in text for text in texts):
            attempt += 1
        return tag

    def inert(self, text: str) -> str:
        """`text` as it can be quoted: control tags of templates broken, and lines that look like our delimiters too."""
        return self.harmless(text) if self.secret is None else _DELIMITER.sub(r"\g<before> ", self.harmless(text))

    def cut(self, text: str) -> str:
        """A text that was made inert and then cut: a line of another form may begin at the cut."""
        return text if self.secret is None else self.inert(text)

    def harmless(self, text: str) -> str:
        """`text` with the control tags of templates broken."""
        if self.secret is None:
            return _FIRST_TAGS.sub(lambda tag: tag.group()[0] + " " if tag.group() != ">" else " >", text)
        return disarm(text)


def secret_from(source: str, *path: object) -> str:
    """A secret for `path`, that tells nothing of the one that it comes from.

    Args:
        source: a longer-lived secret, of any form.
        path: JSON values.

    Returns:
        32 hexadecimal digits.
    """
    key = blake2b(source.encode("utf-8", "surrogatepass"), digest_size=32, person=_PERSON).digest()
    return _keyed(key, list(path), _SECRET_BYTES)


def _keyed(key: bytes, value: object, size: int) -> str:
    """The keyed hash of a JSON value, in hexadecimal digits. JSON, since no two values have the same."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), default=str)
    return blake2b(text.encode("ascii"), key=key, digest_size=size, person=_PERSON).hexdigest()
