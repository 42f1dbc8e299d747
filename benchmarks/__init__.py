"""Speed and size, measured beside a floor."""
