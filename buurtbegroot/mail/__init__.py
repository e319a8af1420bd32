"""The outbox: mail written in the transaction that caused it, delivered afterwards."""
