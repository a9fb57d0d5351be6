"""Compiles a file once as it is, and once for each of its cases, which must fail with the text the case names.

    check_cases.py SOURCE COMPILER FLAG...

A case begins with a line `#ifdef CASE_NAME  // text`, and the compiler must say this text behind `hubbub: `.
"""
import re
import subprocess
import sys

CASE = re.compile(r"^#ifdef (CASE_\w+)\s*// (.+?)\s*$", re.MULTILINE)


def main(source, *command):
    with open(source, encoding="utf-8") as file:
        cases = CASE.findall(file.read())
    if not cases:
        sys.exit(f"{source} has no cases")

    def compiled(*more):
        run = subprocess.run([*command, *more, source], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             check=False)
        return run.returncode == 0, run.stdout

    complaints = []
    passes, output = compiled()
    if not passes:
        complaints.append(f"without a case it does not compile:\n{output}")
    for name, text in cases:
        passes, output = compiled(f"-D{name}")
        if passes:
            complaints.append(f"{name} compiles")
        elif not re.search("hubbub: .*" + re.escape(text), output):
            complaints.append(f"{name} fails without saying '{text}':\n{output}")
        else:
            print(f"{name}: {text}")
    sys.exit("\n".join(complaints) or 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
