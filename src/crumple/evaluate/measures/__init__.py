"""The measures: every figure of one branch, its intervals, and what several of them share (`matching`, `bootstrap`)."""
