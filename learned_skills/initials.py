def initials(text: str) -> str:
    """The initials of a full name, in capitals.

    Args:
        text: For example `"ada lovelace"`.

    Returns:
        For that example `"AL"`.

    Examples:
        >>> initials("ada lovelace")
        'AL'
        >>> initials("jean luc picard")
        'JLP'
        >>> initials("Grace Hopper")
        'GH'
    """
    return "".join(x[0].upper() for x in text.split())


# /// skill
# status = "approved"
# created = "2026-11-21T00:48:15Z"
# model = "offline"
# session = "20261121-004814-e977dd"
# content = "sha256:c3503b77a28536d6fab941f0af71c5e544cb9f815adbedc1e9205cc13e1cccd2"
# evidence = [
#   { signal = "syntax", passed = true, detail = "defines initials once" },
#   { signal = "evidence", passed = true, detail = "4 examples, 4 tests" },
#   { signal = "policy", passed = true, detail = "nothing refused" },
#   { signal = "examples", passed = true, detail = "4 of 4 hold" },
#   { signal = "tests", passed = true, detail = "4 of 4 passed" },
# ]
# ///
