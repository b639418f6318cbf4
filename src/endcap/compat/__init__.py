"""Other libraries' interfaces over Endcap's models: scripts written for them run after a change of their import."""
