"""What a model or a document says, made harmless to the prompts of others: it can't speak as a chat template, or unseen.

Servers join the messages of a prompt by control tags, and many read such tags in what a message says, too. So each has a space
put into it here. What nobody sees but a model reads (zero-width and tag characters, direction marks, control characters) is
dropped. Nothing that can be seen is lost.
"""

from __future__ import annotations

import re
import unicodedata

_BARS = "|｜¦￤│┃∣❘ǀ"
_OPENS, _CLOSES = "<＜﹤", ">＞﹥"

_NAMES = r"""(?:
      s | bos | eos | pad | unk | mask | cls | sep | sop | eop | eot | eom | bos_token | eos_token | end_of_text | unused\d+
    | fim_\w+ | pre | mid | suf                            # infilling: Code Llama, StarCoder
    | (?:start|end)_of_(?:turn|image|audio|utterance) | (?:image|audio)_soft_token | role            # turns: Gemma 2 and 3, Ling
    | tools? | tool_(?:calls?|responses?|results?|list|declare|output) | toolcall | available_tools  # tools: Qwen, Granite
    | function_(?:calls?|results?) | (?:start|end)_function_\w+ | invoke | function | parameter | arg_(?:key|value) | escape
    | documents? | rag
    | think | thinking | thought | think_o(?:n|ff) | reasoning
    | seed:\w+ | minimax:\w+ | mm:\w+ | dsml:\w+ | longcat_\w+ | osagent_mode | tts_\w+            # names of single vendors
)"""
_IN_BRACKETS = r"""(?:
      INST | AVAILABLE_TOOLS | TOOL_CALLS? | TOOL_RESULTS? | TOOL_CONTENT | SYSTEM_PROMPT | ARGS | CALL_ID | THINK   # Mistral
    | MODEL_SETTINGS | IMG | IMG_BREAK | IMG_END | PREFIX | MIDDLE | SUFFIX | AUDIO | BEGIN_AUDIO | TRANSCRIBE | control_\d+
    | gMASK | sMASK | MASK | CLS | SEP | EOT | (?:start|end)_header_id                                               # GLM, Kimi
)"""

_TAG = re.compile(
    rf"""
      [{_OPENS}](?=[{_BARS}])                                                  # <|im_start|>, <｜User｜>, <|turn>
    | (?P<closes>(?<=[{_BARS}])[{_CLOSES}])                                    # <turn|>
    | [{_OPENS}](?=[/／]?{_NAMES}(?:[={_CLOSES}]|\s[^{_OPENS}{_CLOSES}\n]{{0,200}}[{_CLOSES}]))   # </s>, <function=f>
    | <(?=<SYS>>|</SYS>>)                                                      # Llama 2
    | [\[［](?=[/／]?{_IN_BRACKETS}[\]］])                                 # [INST]
    | \[(?=\|\w{{1,40}}\|\])                                                   # EXAONE: [|user|]
    | \](?=<\]|~\w{{1,8}}\]|!\w~\[) | \[(?=e~\[)                               # MiniMax: ]~b]
    | >(?=>[A-Z_]{{3,20}}<<)                                                   # Falcon: >>QUESTION<<
    | (?<![\w/.])/(?=(?:no_)?think\b)                                          # Qwen 3: /no_think
    """,
    re.IGNORECASE | re.VERBOSE,
)

_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
"""What some readers take for the end of a line."""

_DOUBTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""What may be unseen."""
_SEEN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Format characters that have a shape of their own."""
_JOINERS = "\u200c\u200d"
_FLAGS = re.compile("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
                    "|\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
                    "|\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f")  # fmt: skip
"""The flags of England, Scotland and Wales, which are made of tag characters."""


def disarm(text: str) -> str:
    """Break the control tags of chat templates, and drop what a model reads and nobody sees.

    Each tag gets a space after its first character, or before its last. Line breaks of all kinds become one kind. Joiners and
    variation selectors stay where a script or an emoji needs them.
    """
    seen = text if text.isascii() and text.isprintable() else _seen(_BREAKS.sub("\n", text))
    return _TAG.sub(lambda tag: f" {tag.group()}" if tag["closes"] else f"{tag.group()} ", seen)


def _seen(text: str) -> str:
    """`text` without what is unseen."""
    if _DOUBTED.search(text) is None:
        return text
    kept, at = [], 0
    for flag in _FLAGS.finditer(text):
        kept += [_dropped(text[at : flag.start()]), flag.group()]
        at = flag.end()
    return "".join([*kept, _dropped(text[at:])])


def _dropped(text: str) -> str:
    return _DOUBTED.sub(lambda found: found.group() if _needed(text, found.start()) else "", text)


def _needed(text: str, at: int) -> bool:
    """Whether what may be unseen at a place is seen, or shapes what is beside it."""
    character, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if character in _SEEN:
        return True
    if character in _JOINERS:
        return _joins(before) and _joins(after)
    if "\ufe00" <= character <= "\ufe0f":
        return before in tuple("0123456789#*") or (bool(before) and unicodedata.category(before) in _SHAPED)
    if "\U000e0100" <= character <= "\U000e01ef":
        return bool(before) and unicodedata.category(before) == "Lo"
    return False


_SHAPED = {"So", "Sm", "Sk", "Lo", "Po", "Pd"}
"""The categories of signs that a variation selector chooses a shape of."""


def _joins(character: str) -> bool:
    """Whether a joiner beside it may be needed: a letter or mark of a script without cases, or part of an emoji."""
    return bool(character) and (character == "\ufe0f" or unicodedata.category(character) in {"Lo", "Mn", "Mc", "So", "Sk", "Sm"})
