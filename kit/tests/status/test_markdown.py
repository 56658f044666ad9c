import json
import re

import pytest

from kit.status.markdown import ELEMENTS, nodes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Run\nof *dev*,\nwell", [["h3", ["Run"]], ["p", ["of ", ["em", ["dev"]], ",", "\n", "well"]]]),
        ("- **a**\n- `b`", [["ul", [["li", [["strong", ["a"]]]], ["li", [["code", ["b"]]]]]]]),
        (
            "|a|\n|-|\n|b|",
            [["table", [["thead", [["tr", [["th", ["a"]]]]]], ["tbody", [["tr", [["td", ["b"]]]]]]]]],
        ),
        ("a\n\n---\n\nb", [["p", ["a"]], ["hr", []], ["p", ["b"]]]),
        ("```\n<b>\n```", [["pre", ["<b>\n"]]]),
        ("[the run](https://host/run?a=1&b=2)", [["p", [["a", ["the run"], "https://host/run?a=1&b=2"]]]]),
        ("", []),
    ],
)
def test_markdown_becomes_elements(text, expected):
    assert nodes(text) == expected


HOSTILE = [
    "<script>alert(1)</script>",
    "a <img src=x onerror=alert(1)> b",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,AAAA)",
    "[x](//host/path)",
    "<javascript:alert(1)>",
    "![x](https://host/pixel.png)",
    "[![x](https://host/pixel.png)](vbscript:x)",
    '[x](https://host "onclick=alert(1)")',
    "<div style=position:fixed>\n\n# x\n\n</div>",
    "> " * 300 + "deep",
    "- " * 300 + "deep",
    "[" * 3000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_description_becomes_markup_or_a_script_or_a_request(text):
    found = []

    def walk(children):
        for node in children:
            if isinstance(node, list):
                found.append(node)
                walk(node[1])

    walk(nodes(text))

    assert {node[0] for node in found} <= ELEMENTS | {"a", "h3", "pre", "code"}
    assert all(re.match(r"https?://|mailto:", node[2]) for node in found if node[0] == "a")
    assert not {"img", "script", "div"} & {node[0] for node in found}
    assert json.loads(json.dumps(nodes(text))) == nodes(text)
