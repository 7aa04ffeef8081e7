"""The pre-populated tools, by category; inside a kernel they are the package `agent_tools`."""
