"""A shop of a few pages, on which every surface is shown through `endcap.js` alone: a living example of its use."""
