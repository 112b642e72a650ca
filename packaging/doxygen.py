#!/usr/bin/env python3
"""doxygen.py FILE: the header, or a page in Markdown, as doxygen wants it. The header's sections become topics. For:
packaging/Doxyfile"""

import pathlib
import re
import sys

from man import Header


def prose(text):
    text = re.sub(r"([\\@&<>#%])", r"\\\1", text).replace("*", "&lowast;").replace("`", "&#96;")
    text = re.sub(r"\w+", lambda m: ("#" if m[0] in names else "") + m[0], text)
    return re.sub(r"\b[Rr]ule \d+|(?<!\d )\bsection \d+(?![\d.]*\d)", r'@ref header "\g<0>"', text)


def comment(*paragraphs):
    return "/**\n" + "\n\n".join(p for p in paragraphs if p) + "\n*/"


def function(f):
    arguments = [f"@param {','.join(tags)} {prose(said)}" for tags, said in f.arguments]
    result = f.returns.removeprefix("Returns ") if f.result == "etoauth_status " else f.description[0]
    parameters = ", ".join(kind + name for kind, name in f.parameters) or "void"
    more = prose(result or "A status: 0 is success, negative is failure.").replace(". #ETOAUTH", ".\n\n#ETOAUTH")
    return comment(prose(f.description[0]), *map(prose, f.description[1:]), "\n".join(arguments), prose(f.note) and
                   "@par\n" + prose(f.note), "@return " + more, f.source and "@par Source\n" + prose(f.source)
                   ) + f"\n{f.result}{f.name}({parameters});\n"


header = Header(pathlib.Path(__file__).parent.parent / "include/etoauth.h")
names = {f.name for f in header.functions} | {name for _, name, _, _ in header.constants}
if sys.argv[1].endswith(".md"):
    text = pathlib.Path(sys.argv[1]).read_text()
    text = re.sub(r"\[([^]]*)\]\((?:\.\./)?include/etoauth\.h\)", r'@ref header "\1"', text)
    text = re.sub(r"`(\w+)`", lambda m: f"<code>@ref {m[1]}</code>" if m[1] in names else m[0], text)
    # Doxygen knows no headings by GitHub's names.
    text = re.sub(r"\[([^]]*)\]\(#[^)]*\)", r"\1", text)
    # What is no page here is named. A picture is none of it.
    print(re.sub(r"(?<!!)\[([^]]*)\]\((?:\.\./)?((?:sandbox|packaging)/[^)]*)\)", r"\1 (\2)", text), end="")
    sys.exit()

title, before, program, after, rules = header.overview()
listed = "\n".join(f"- @ref section{n} \"{n} {prose(heading)}\"" for n, heading in header.sections.items())
ruled = "\n".join(f"{i}. {prose(rule)}" for i, rule in enumerate(rules, 1))
print(comment(f"@file\n@brief {prose(title)}\n\nIts rules and sections: @ref header"))
print(comment("@page header The header: rules and sections", prose(title), prose(before),
              f"@code{{.c}}\n{program}\n@endcode", prose(after),
              f"@par Sections\n{listed}", f"@par Rules\n{ruled}"))
print("#include <stddef.h>\n#include <stdint.h>\n")
print("/**\n@defgroup types Types\n@{\n*/")
for code, said in header.types:
    print(comment(prose(said)), code, sep="\n")
print("/** @} */")
for number, heading in header.sections.items():
    print(f"/**\n@defgroup section{number} {number} {prose(heading)}")
    print("The rules that hold for all: @ref header\n@{\n*/")
    for section, name, value, said in header.constants:
        if section == number:
            print(comment(*map(prose, said)), f"#define {name} ({value})", sep="\n")
    for f in header.functions:
        if f.section == number:
            print(function(f))
    print("/** @} */")
