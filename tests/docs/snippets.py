"""Takes the C++ out of the documents, so that the compiler reads them too.

    snippets.py ROOT FOLDER     writes source files to FOLDER and prints their names, one a line

A fenced block of C++ is preceded by a comment that says what becomes of it:

    <!-- compile -->             begins a source file, as it stands
    <!-- compile: continue -->   goes on in the file of the block before
    <!-- compile: members -->    the same, as members of a hub class
    <!-- compile: statements --> the same, as statements of a function that was given `hubbub::server& app`
    <!-- not compiled: why -->   stays text

A block of more than three lines without such a comment is an error: it would grow old unseen.
"""
import os
import re
import sys

LONGEST_UNMARKED = 3
FENCE = re.compile(r"^```(\S*)\s*$")
MARK = re.compile(r"^<!--\s*(not compiled|compile)\s*(?::\s*(.*?))?\s*-->\s*$")
WAYS = {None, "continue", "members", "statements"}


class Broken(Exception):
    """A document that breaks the rules above; the text says where."""


def documents(root):
    """What users read: both READMEs and everything below docs/. The samples' own code is compiled as it is."""
    found = ["README.md", "hub/README.md"]
    for folder, below, files in os.walk(os.path.join(root, "docs")):
        below.sort()
        found += [os.path.relpath(os.path.join(folder, name), root) for name in sorted(files) if name.endswith(".md")]
    return [name for name in found if os.path.isfile(os.path.join(root, name))]


def blocks(name, text):
    """(line of the first code line, way, code lines) of each block to be compiled."""
    mark, fence, begin, lines = None, None, 0, []
    for number, line in enumerate(text.splitlines(), 1):
        if fence is not None:
            if line.rstrip() != "```":
                lines.append(line)
                continue
            if fence == "cpp" and mark is None and len(lines) > LONGEST_UNMARKED:
                raise Broken(f"{name}:{begin}: {len(lines)} lines of C++ and no <!-- compile --> above them")
            if mark is not None and mark[0] == "compile":
                yield begin, mark[1], lines
            mark, fence, lines = None, None, []
        elif opened := FENCE.match(line):
            fence, begin = opened.group(1), number + 1
            if mark is not None and fence != "cpp":
                raise Broken(f"{name}:{number}: a compile comment above a block that is no ```cpp")
        elif found := MARK.match(line):
            mark = found.groups()
            if mark[0] == "compile" and mark[1] not in WAYS:
                raise Broken(f"{name}:{number}: unknown way to compile: {mark[1]}")
            if mark[0] == "not compiled" and not mark[1]:
                raise Broken(f"{name}:{number}: why is it not compiled?")
        elif line.strip() and mark is not None:
            raise Broken(f"{name}:{number}: text between a compile comment and its block")
    if fence is not None:
        raise Broken(f"{name}:{begin}: a block without an end")


def sources(name, text):
    """Source files of one document, in order."""
    made = []
    for number, (line, way, code) in enumerate(blocks(name, text), 1):
        body = "\n".join([f'#line {line} "{name}"', *code]) + "\n"
        if way is None:
            made.append(f"// Block {number} of {name}.\n")
        elif not made:
            raise Broken(f"{name}:{line}: there is no block before this one to go on from")
        if way == "members":
            body = f"class snippet_hub_{number} : public hubbub::hub<snippet_hub_{number}> {{\n public:\n{body}}};\n"
        elif way == "statements":
            body = (f"void snippet_{number}([[maybe_unused]] hubbub::server& app);\n"
                    f"void snippet_{number}([[maybe_unused]] hubbub::server& app) {{\n{body}}}\n")
        made[-1] += body
    return made


def write_changed(path, text):
    """Leaves a file that is right already untouched, so that nothing is compiled for it."""
    if os.path.isfile(path):
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def main(arguments):
    root, folder = arguments
    os.makedirs(folder, exist_ok=True)
    try:
        for name in documents(root):
            with open(os.path.join(root, name), encoding="utf-8") as file:
                text = file.read()
            for number, source in enumerate(sources(name, text), 1):
                path = os.path.join(folder, re.sub(r"\W", "_", name.removesuffix(".md")) + f"_{number}.cpp")
                write_changed(path, source)
                print(path)
    except Broken as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
