"""How newsqa's own reading model is made: `python -m training`."""
