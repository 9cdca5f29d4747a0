"""Photos from open sources, each with its author and licence: search, check, download, write down."""
