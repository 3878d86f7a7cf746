"""Open answers by what they claim: how claims are told, counted and cited, without a call."""
