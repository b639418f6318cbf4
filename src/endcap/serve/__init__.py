"""The service that a shop's pages call: HTTP in, recommendations out, events onto the disk."""
