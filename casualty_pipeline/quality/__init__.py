"""What checks found: failing rows kept and closed, months audited before they replace the old ones, what is overdue.

What a check expects stands in `checks/`; how Dagster is told of it in `checks/` and `orchestration/`.
"""
