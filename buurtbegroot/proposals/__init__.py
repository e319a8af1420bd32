"""Plans of residents: submitting, costing, admitting, finding and reading them."""
