"""A whole result as plain JSON, for programs."""

import json
from typing import Any

from buurtbegroot.results.domain.outcome import Result


def result_json(result: Result) -> dict[str, Any]:
    """Return the whole result as plain JSON: about the round, the figures and the trace; amounts in cents."""
    return {
        "round": {
            "id": result.round.slug,
            "title": result.round.title,
            "area": result.round.owner_code,
            "note": result.round.note,
            "certified_at": result.round.certified_at.isoformat() if result.round.certified_at else None,
            "fingerprint": result.round.fingerprint,
            "accord_points": [point.number for point in result.round.points],
        },
        "envelopes": result.tally.envelopes,
        "left_out": result.tally.left_out,
        "closing_sha256": result.tally.closing,
        "valid_ballots": result.tally.valid_ballots,
        "spent_cents": result.tally.spent_cents,
        "left_cents": result.tally.left_cents,
        "plans": [plan._asdict() for plan in result.plans.values()],
        "trace_sha256": result.tally.trace_hash,
        "trace": json.loads(result.tally.trace),
    }
