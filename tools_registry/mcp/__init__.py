"""Tools of MCP servers: what they say of themselves is data of strangers, and is kept as such."""
