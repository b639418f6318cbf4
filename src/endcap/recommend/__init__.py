"""From a model's answer to what a shopper is shown."""
