"""The dashboard: pages made by the server, without a script."""
