"""Asset checks, a module per stage: reconciliation rules in SQL, and Great Expectations suites over the stage's tables."""
