import re


def latin_name(text: str) -> str:
    """The scientific name between the parentheses.

    Args:
        text: For example `"Adelie Penguin (Pygoscelis adeliae)"`.

    Returns:
        For that example `"Pygoscelis adeliae"`.

    Examples:
        >>> latin_name("Adelie Penguin (Pygoscelis adeliae)")
        'Pygoscelis adeliae'
        >>> latin_name("Gentoo penguin (Pygoscelis papua)")
        'Pygoscelis papua'
        >>> latin_name("Chinstrap (Pygoscelis antarctica)")
        'Pygoscelis antarctica'
    """
    return re.search(r"\((.*?)\)", text).group(1)


# /// skill
# status = "approved"
# created = "2026-11-21T00:44:28Z"
# model = "offline"
# session = "20261121-004425-c114ed"
# content = "sha256:0a821feb43c5620e84f7db5509c7bd10abfac224363414ddf10ea024e979819a"
# evidence = [
#   { signal = "syntax", passed = true, detail = "defines latin_name once" },
#   { signal = "evidence", passed = true, detail = "4 examples, 4 tests" },
#   { signal = "policy", passed = true, detail = "nothing refused" },
#   { signal = "examples", passed = true, detail = "4 of 4 hold" },
#   { signal = "tests", passed = true, detail = "4 of 4 passed" },
# ]
# ///
