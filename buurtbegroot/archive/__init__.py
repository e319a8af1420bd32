"""Rounds of the past, brought in from a file in the Pabulib format with the winners that they had."""
