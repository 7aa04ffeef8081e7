"""Writes the modules by which code in the kernel calls the tools of MCP servers.

Everything of a server goes into a tree of Python as a name that was made to be one, or as a
constant; no text is ever put together. What comes out is read back and must be that same tree.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sessions.errors import RefusedError
from tools_registry.mcp import names, schema
from tools_registry.mcp.definition import Definition
from tools_registry.mcp.text import one_line

PACKAGE = "agent_mcp"
"""What the folder of the modules is called inside the kernel."""

INIT = '''"""The tools of the MCP servers that the person added, one module for each server.

They run on the host, which checks the arguments and asks the person; a call returns plain data.
"""

import base64 as _base64
import json as _json

import agent_host as _host


class McpError(_host.HostError):
    """The server says that it could not do it; the message is its own."""


def _call(server, tool, arguments):
    given = {name: value for name, value in arguments.items() if value is not ...}
    told = _host.call("mcp_call", server=server, tool=tool, arguments=given)
    if "pieces" in told:
        ticket = told["ticket"]
        pieces = [
            _host.call("mcp_piece", ticket=ticket, index=index) for index in range(told["pieces"])
        ]
        told = _json.loads("".join(pieces))
    if "error" in told:
        raise McpError(told["error"])
    return told["value"] if "value" in told else [_block(block) for block in told["content"]]


def _block(block):
    if isinstance(block, dict) and "base64" in block:
        data = _base64.b64decode(block.pop("base64"))
        return {**block, "data": data}
    return block
'''

_HEAD = """from __future__ import annotations
from typing import Any, Literal
from agent_mcp import McpError, _call
"""
_LONGEST_SIGNATURE = 1_200  # characters
_LONGEST_ANNOTATION = 240
_LONGEST_SUMMARY = 200


def module_source(server: str, module: str, definitions: Iterable[Definition]) -> str:
    """The module of one server.

    Args:
        server: Its name.
        module: The name of its module.
        definitions: Its tools.

    Raises:
        RefusedError: If the source can't be read back as what it is to be.
    """
    tools = sorted(definitions, key=lambda tool: tool.name)
    doc = f"Tools of the MCP server {server}, which runs on the host."
    body: list[ast.stmt] = [ast.Expr(ast.Constant(doc)), *ast.parse(_HEAD).body]
    body += [_function(server, tool) for tool in tools]
    body += _aliases(module, {tool.function for tool in tools})
    tree = ast.fix_missing_locations(ast.Module(body=body, type_ignores=[]))
    text = ast.unparse(tree) + "\n"
    if ast.dump(ast.parse(text)) != ast.dump(tree):
        msg = f"the tools of the server {server} can't be written as Python: remove the server"
        raise RefusedError(msg)
    return text


def alias(module: str, function: str) -> str:
    """A second name of a function, for when its first is taken in the registry."""
    return f"{module}_{function}"


def _aliases(module: str, functions: set[str]) -> Iterator[ast.stmt]:
    for function in sorted(functions):
        if (name := alias(module, function)) not in functions:
            yield ast.Assign(
                targets=[ast.Name(name, ast.Store())], value=ast.Name(function, ast.Load())
            )


def _function(server: str, tool: Definition) -> ast.stmt:
    parameters = _parameters(tool.arguments)
    arguments, values = _signature(tool.arguments, parameters)
    call = ast.Call(
        func=ast.Name("_call", ast.Load()),
        args=[ast.Constant(server), ast.Constant(tool.name), values],
        keywords=[],
    )
    made = ast.parse("def f(): pass").body[0]
    assert isinstance(made, ast.FunctionDef)
    made.name = tool.function
    made.args = arguments
    made.body = [ast.Expr(ast.Constant(_doc(server, tool, parameters))), ast.Return(call)]
    made.returns = _type(_result(tool))
    return made


def _parameters(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Names of arguments as names of parameters, those that must be given first."""
    properties = arguments.get("properties", {})
    required = [name for name in properties if name in arguments.get("required", ())]
    ordered = [*required, *(name for name in properties if name not in required)]
    return names.identifiers(ordered, names.PARAMETERS, "arg")


def _is_open(arguments: Mapping[str, Any]) -> bool:
    """Whether nobody knows which arguments there are."""
    return "properties" not in arguments and arguments.get("additionalProperties") is not False


def _signature(
    arguments: Mapping[str, Any], parameters: Mapping[str, str]
) -> tuple[ast.arguments, ast.expr]:
    """The parameters, and the arguments that are passed on."""
    required = arguments.get("required", ())
    made = ast.arguments(
        posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[], vararg=None, kwarg=None
    )
    for name, parameter in parameters.items():
        given = ast.arg(parameter, _type(schema.annotation(arguments["properties"][name])))
        if name in required:
            made.args.append(given)
        else:
            made.kwonlyargs.append(given)
            made.kw_defaults.append(ast.Constant(...))
    if _is_open(arguments) or len(ast.unparse(made)) > _LONGEST_SIGNATURE:
        return _anything()
    values = [ast.Name(parameter, ast.Load()) for parameter in parameters.values()]
    return made, ast.Dict(keys=[ast.Constant(name) for name in parameters], values=list(values))


def _anything() -> tuple[ast.arguments, ast.expr]:
    made = ast.arguments(
        posonlyargs=[],
        args=[],
        kwonlyargs=[],
        kw_defaults=[],
        defaults=[],
        vararg=None,
        kwarg=ast.arg("arguments", _type("Any")),
    )
    return made, ast.Name("arguments", ast.Load())


def _result(tool: Definition) -> str:
    if tool.result is None:
        return "Any"
    inner = tool.result["properties"]["result"] if tool.wraps else tool.result
    return schema.annotation(inner)


def _type(source: str) -> ast.expr:
    return ast.parse(source if len(source) <= _LONGEST_ANNOTATION else "Any", mode="eval").body


def _doc(server: str, tool: Definition, parameters: Mapping[str, str]) -> str:
    properties = tool.arguments.get("properties", {})
    told = {p: properties[n].get("description", "") for n, p in parameters.items()}
    summary, rest = _split(tool.description)
    lines = [summary or f"Call {one_line(tool.name, 80)} of {server}."]
    lines += ["", *rest.splitlines()] if rest else []
    lines += ["", f"Described by the MCP server {server}; it runs on the host."]
    if said := {name: text for name, text in told.items() if text}:
        lines += ["", "Args:", *(f"    {name}: {text}" for name, text in said.items())]
    lines += ["", "Raises:", "    McpError: If the server could not do it."]
    return "\n".join(lines)


def _split(description: str) -> tuple[str, str]:
    """The first paragraph as a line, and the rest without what would look like our sections."""
    first, _, rest = description.partition("\n\n")
    summary = one_line(first, _LONGEST_SUMMARY)
    if summary.endswith("…"):
        rest = description
    return summary, "\n".join(f"| {line}".rstrip() for line in rest.splitlines())
