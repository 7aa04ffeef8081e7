"""Components that make one type of another."""

from __future__ import annotations

from agent.offline.synthesis.component import component as one

COMPONENTS = (
    one(
        "as_int", "int({0})", "numstr", 3, "integer, number, convert, whole, int, numeric",
        guard="not (isinstance({0}, float) and abs({0}) > 10**15)",
    ),
    one("as_float", "float({0})", "numstr", 4, "float, decimal, convert, floating"),
    one("as_text", "str({0})", "num", 3, "string, text, digit, convert, palindrome, concatenate"),
    one("shown", "str({0})", "seq", 6, "string, convert, representation"),
    one("as_list", "list({0})", "notlist", 3, "list, convert, character, array"),
    one("as_tuple", "tuple({0})", "sized", 3, "tuple, convert"),
    one(
        "as_set", "set({0})", "sized", 3,
        "unique, distinct, duplicate, set, common, repeated, different",
    ),
    one("all_as_text", "[str(v) for v in {0}]", "seq", 4, "string, convert, join, concatenate"),
    one(
        "all_as_ints", "[int(v) for v in {0}]", "strings", 4,
        "integer, convert, digit, number, int",
    ),
    one("all_as_floats", "[float(v) for v in {0}]", "strings", 5, "float, convert, decimal"),
    one("rows_as_lists", "[list(v) for v in {0}]", "rows", 5, "list of lists, convert, list"),
    one("rows_as_tuples", "[tuple(v) for v in {0}]", "rows", 6, "tuple, list of tuples"),
    one("parsed", "ast.literal_eval({0})", "str", 8, "parse, evaluate, convert"),
    one("boolean", "bool({0})", "any", 6, "boolean, true, empty, truth"),
    one("type_name", "type({0}).__name__", "any", 7, "type, data type, name"),
    one("flag", "int({0})", "bool", 5, "count, number, bit"),
)  # fmt: skip
