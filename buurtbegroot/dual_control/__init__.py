"""Two people for one act: request, confirm, withdraw, lapse; which acts there are is declared by later rooms."""
