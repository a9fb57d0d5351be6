"""Compares docs/options.md with the headers: every option is told, with the default it has, and nothing else is.

    check_options.py [FOLDER]     exit status 0: they agree

A section of the document belongs to a struct or class when its heading holds the name in back quotes. Its tables have the
option's name in back quotes in the first column and its default in the second; a second column of `-` has none.
"""
import os
import re
import sys

DOCUMENT = "docs/options.md"

# Where options come from: the heading's name, the header, and members that are told elsewhere.
STRUCTS = [
    ("server_options", "transports/include/hubbub/server_options.hpp", {}),
    ("listen_options", "transports/include/hubbub/server_options.hpp", {}),
    ("tls_options", "transports/include/hubbub/tls_options.hpp", {}),
    ("websocket_limits", "transports/include/hubbub/raw_websocket.hpp", {}),
    ("http_limits", "transports/src/http/request_reader.hpp",
     {"max_head": "server option max_request_head", "max_body": "server option max_request_body"}),
    ("connection_limits", "hub/include/hubbub/connection/connection.hpp", {"outbox": "endpoint option outbox_limit"}),
]
BUILDER = "transports/include/hubbub/endpoint_builder.hpp"
TESTING = "hub/include/hubbub/testing/endpoint.hpp"  # sets up hubs under test by the same names
# Where the builder's defaults stand, and what is called otherwise there.
BUILDER_DEFAULTS = [
    ("hub_settings", "hub/include/hubbub/hub/hub_settings.hpp", {"kept_headers": "keep_headers"}),
    ("hub_mapping", "transports/src/site.hpp", {}),
]

UNITS = {"b": 1, "byte": 1, "bytes": 1, "kib": 1024, "mib": 1024 ** 2, "gib": 1024 ** 3,
         "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000}
EMPTY = ("", "empty", "none", "nothing")


def members(header, struct):
    """Names and default texts of a struct's members, in order."""
    found = re.search(r"struct " + struct + r" \{\n(.*?)\n\};", header, re.DOTALL)
    if not found:
        raise LookupError(f"struct {struct} is not in its header any more")
    made = {}
    body = re.sub(r"//[^\n]*", "", found.group(1))
    for statement in body.split(";"):
        one = re.match(r"\s*[\w:<>, ]+?[ >](\w+)\s*(?:=\s*(.*?)|\{(.*?)\})?\s*$", statement, re.DOTALL)
        if one:
            made[one.group(1)] = (one.group(2) or one.group(3) or "").strip()
    return made


def builder_functions(header, builder="endpoint_builder"):
    """Names of the functions by which an endpoint is set up."""
    return re.findall(r"^  " + builder + r"& (\w+)\(", header, re.MULTILINE)


def value_of_code(text):
    """A default as the header has it: a number, or text."""
    if text.startswith('"'):
        return text.strip('"')
    plain = text.replace("'", "")
    if re.fullmatch(r"[\d *]+", plain):
        product = 1
        for factor in plain.split("*"):
            product *= int(factor)
        return product
    return re.sub(r"\b\w+::", "", plain)  # enumerators without their types


def value_of_document(cell):
    """A default as the document tells it: `32 KiB`, `100 000`, `15 s`, `127.0.0.1`, empty, ..."""
    text = cell.replace("`", "").strip().strip('"')
    if text in EMPTY:
        return ""
    number = re.fullmatch(r"([\d ,]+?) ?([A-Za-z]*)", text)
    if number and re.search(r"\d", number.group(1)):
        unit = number.group(2).lower()
        if unit in UNITS:
            return int(re.sub(r"[ ,]", "", number.group(1))) * UNITS[unit]
        if not unit:
            return int(re.sub(r"[ ,]", "", number.group(1)))
    return text


def told(document):
    """Per back-quoted name of a heading: option name -> default cell, from the tables below that heading."""
    sections, current = {}, []
    for line in document.splitlines():
        if line.startswith("#"):
            current = [sections.setdefault(name, {}) for name in re.findall(r"`(\w+)`", line)]
            continue
        row = re.match(r"^\|\s*`(\w+)`[^|]*\|([^|]*)\|", line)
        for section in current if row else []:
            section[row.group(1)] = row.group(2)
    return sections


def compare(where, expected, documented):
    """What is missing, too much or different. `expected`: name -> default, None when it cannot be told."""
    broken = []
    for name, default in expected.items():
        if name not in documented:
            broken.append(f"{where}: option {name} is missing in {DOCUMENT}")
        elif default == "" and documented[name].strip() == "-":
            continue  # its type's own default: told in words
        elif default is not None and value_of_document(documented[name]) != default:
            broken.append(f"{where}: the default of {name} is {default!r}, {DOCUMENT} says {documented[name].strip()!r}")
    broken += [f"{where}: {DOCUMENT} tells of {name}, which does not exist" for name in documented if name not in expected]
    return broken


def check(read):
    """All differences. `read` gives the text of a file of the project."""
    sections = told(read(DOCUMENT))
    broken = []
    for struct, header, elsewhere in STRUCTS:
        expected = {name: value_of_code(text) for name, text in members(read(header), struct).items()}
        expected = {name: value for name, value in expected.items() if name not in elsewhere}
        broken += compare(struct, expected, sections.get(struct, {}))

    under_test = builder_functions(read(TESTING), "endpoint")
    expected = dict.fromkeys(builder_functions(read(BUILDER).partition("\n private:\n  endpoint_builder& ")[0]))
    for struct, header, renamed in BUILDER_DEFAULTS:
        for name, text in members(read(header), struct).items():
            name = renamed.get(name, name)
            if name in expected:
                expected[name] = value_of_code(text)
            elif struct == "hub_settings":
                broken.append(f"{struct}: {name} cannot be set through endpoint_builder")
            if struct == "hub_settings" and name not in under_test:
                broken.append(f"{struct}: {name} cannot be set through testing::endpoint")
    return broken + compare("endpoint_builder", expected, sections.get("endpoint_builder", {}))


def main(arguments):
    root = os.path.abspath(arguments[0] if arguments else os.path.join(os.path.dirname(__file__), "..", ".."))

    def read(name):
        with open(os.path.join(root, name), encoding="utf-8") as file:
            return file.read()

    broken = check(read)
    for line in broken:
        print(line)
    print(f"{len(broken)} differences between the headers and {DOCUMENT}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
