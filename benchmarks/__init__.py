"""Speed and memory, measured side by side with a floor or a peer in the same run. Never part of the tests."""
