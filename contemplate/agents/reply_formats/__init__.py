"""Reply formats: what a reply must hold, and how it is asked for and read.

Where the endpoint can see to it, a reply is asked for as a JSON object that satisfies a schema; elsewhere in a tagged
text form, a last line such as `Verdict: sound`. An object is read field by field, text by its last marked line, and both give
the same `Parsed`. Reading is total.
"""

from __future__ import annotations

from contemplate.agents.reply_formats.answers import answer, brief, confident_answer
from contemplate.agents.reply_formats.anything import anything
from contemplate.agents.reply_formats.attacks import attack
from contemplate.agents.reply_formats.ballots import TOTAL_POINTS, BallotFormat, ballot
from contemplate.agents.reply_formats.base import Parsed, Read, ReplyFormat
from contemplate.agents.reply_formats.choices import choice
from contemplate.agents.reply_formats.compositions import composition
from contemplate.agents.reply_formats.criteria_scores import criteria_scores, proposed_criteria
from contemplate.agents.reply_formats.entailments import entailment
from contemplate.agents.reply_formats.grades import graded_answer
from contemplate.agents.reply_formats.likelihoods import LIKELIHOODS, likelihood
from contemplate.agents.reply_formats.lists import items
from contemplate.agents.reply_formats.opinions import opinions
from contemplate.agents.reply_formats.pair_scores import pair_scores
from contemplate.agents.reply_formats.picks import pick
from contemplate.agents.reply_formats.programs import program
from contemplate.agents.reply_formats.refinements import refinement
from contemplate.agents.reply_formats.rulings import ruling
from contemplate.agents.reply_formats.same_pairs import same_pairs
from contemplate.agents.reply_formats.scores import score, sure
from contemplate.agents.reply_formats.stances import stance
from contemplate.agents.reply_formats.verdicts import DIGEST_WORDS, verdict
from contemplate.agents.reply_formats.wrong_steps import wrong_step

__all__ = [
    "DIGEST_WORDS",
    "LIKELIHOODS",
    "TOTAL_POINTS",
    "BallotFormat",
    "Parsed",
    "Read",
    "ReplyFormat",
    "answer",
    "anything",
    "attack",
    "ballot",
    "brief",
    "choice",
    "composition",
    "confident_answer",
    "criteria_scores",
    "entailment",
    "graded_answer",
    "items",
    "likelihood",
    "opinions",
    "pair_scores",
    "pick",
    "program",
    "proposed_criteria",
    "refinement",
    "ruling",
    "same_pairs",
    "score",
    "stance",
    "sure",
    "verdict",
    "wrong_step",
]
