"""Scores answers against a file of questions whose answers are known.

    questions = read_questions("seeds/questions.jsonl")
    evaluation = evaluate(qa, questions)

One row per question, and the measures over all rows:

    answer@k           a gold string stands in one of the first k passages found
    MRR                1 / the rank of the first such passage, 0 where there is none
    EM, F1             SQuAD's, of the short answer, the best over the gold strings
    answer in text     a gold string stands in the answer's text
    citation validity  citations whose quote stands exactly where they say, by all citations
    refusals           right where the archive holds no answer, wrong where it does
    latency            of search and of ask, after loading

The first four are over the questions that have an answer.
"""

from newsqa.evaluation.conversations import (
    Conversation,
    FollowUp,
    follow,
    rank,
    read_conversations,
)
from newsqa.evaluation.measures import (
    Interval,
    answer_at_k,
    answer_rank,
    calibration_error,
    exact_match,
    f1,
    holds,
    interval,
    normalise,
)
from newsqa.evaluation.questions import Question, read_questions
from newsqa.evaluation.running import (
    CUTOFFS,
    CitationCheck,
    Evaluation,
    Row,
    check_citations,
    evaluate,
    intervals,
    summarise,
)

__all__ = [
    "CUTOFFS",
    "CitationCheck",
    "Conversation",
    "Evaluation",
    "FollowUp",
    "Interval",
    "Question",
    "Row",
    "answer_at_k",
    "answer_rank",
    "calibration_error",
    "check_citations",
    "evaluate",
    "exact_match",
    "f1",
    "follow",
    "holds",
    "interval",
    "intervals",
    "normalise",
    "rank",
    "read_conversations",
    "read_questions",
    "summarise",
]
