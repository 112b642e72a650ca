#!/usr/bin/env python3
"""man.py HEADER VERSION DIRECTORY: writes the manual's pages from the header's comments: etoauth.3, and one for each
function. It relies on the form that tests/header.rs asks for, and stops at a comment that it does not understand."""

import pathlib
import re
import sys


class Function:
    """What a comment and a prototype say. Texts are lists of paragraphs."""

    def __init__(self, prototype, comment, section):
        self.section, self.more, self.arguments, self.note, self.returns, self.source = section, [], [], "", "", ""
        self.result, self.name, rest = re.fullmatch(
            r"ETOAUTH_API (.*?)ETOAUTH_CALL (\w+)\( ?(.*)\);", " ".join(prototype.split())).groups()
        self.parameters = [] if rest == "void" else [re.fullmatch(r"(.*?)(\w+)", p).groups() for p in rest.split(", ")]
        names = [name for _, name in self.parameters]
        one = "(?:" + "|".join(names or ["(?!)"]) + ")"
        entry = re.compile(rf"(?:^|(?<=\. ))({one}(?:, {one})*): ")
        self.description = []
        for text in paragraphs(comment):
            text, _, source = text.partition("\nSource: ")
            self.source = source or self.source
            text = text.replace("\n", " ")
            if entry.match(text):
                text, self.note = re.fullmatch(r"(.*?\.)(?: ((?:Each|Both) (?!.*: ).*))?", text).groups("")
                _, *parts = entry.split(text)
                self.arguments += [(tag.split(", "), said.strip()) for tag, said in zip(parts[::2], parts[1::2])]
                continue
            before, returns, after = re.fullmatch(r"(.*?)(?:(?:^|(?<=\. ))(Returns )(.*))?", text).groups()
            if returns:
                self.returns = returns + after
            if before:
                self.description.append(re.sub(r"^Local\.", "Local: it uses no network.", before.strip()))
        self.first = re.split(r"(?<=[\w\")])\. ", self.description[0])[0].rstrip(".")
        self.plain = len(self.description) == 1 and "\n" not in comment


def paragraphs(comment):
    lines = [re.sub(r"^ ?\* ?", "", line) for line in comment.strip().split("\n")]
    return [text for text in re.split(r"\n\n+", "\n".join(lines).strip()) if text]


class Header:
    def __init__(self, path):
        text = pathlib.Path(path).read_text()
        self.top = re.match(r"/\*\n(.*?)\*/", text, re.S)[1]
        self.functions, self.constants, self.types, self.sections = [], [], [], {}
        section = 0
        for block in text.split("\n\n"):
            banner = re.match(r"/\* =+\n \* (\d+)  (.*)\n", block)
            if banner:
                section = int(banner[1])
                self.sections[section] = banner[2]
            comment, _, code = block[3:].partition("*/\n") if block.startswith("/**") else ("", "", block)
            if code.startswith("ETOAUTH_API "):
                self.functions.append(Function(code.strip(), comment, section))
            elif code.startswith("typedef "):
                self.types.append((code.strip(), " ".join(paragraphs(comment))))
            elif section and code.startswith("#define "):
                _, name, value = code.strip().split(" ")
                self.constants.append((section, name, value.strip("()"), paragraphs(comment)))
        for before, function in zip(self.functions, self.functions[1:]):
            if re.match("The same|Sets it", function.first):
                function.first += f" (see {before.name})"
                function.description.insert(0, f"To be read after {before.name}.")
        for function in self.functions:
            self.complete(function)

    def complete(self, function):
        """Handles explain themselves, and a line explains its only argument."""
        named = {name for names, _ in function.arguments for name in names}
        for kind, name in function.parameters:
            handle = re.fullmatch(r"etoauth_(\w+) \*", kind)
            if name in named:
                continue
            if not handle and not function.plain:
                sys.exit(f"{function.name} does not explain {name}")
            makers = [f.name for f in self.functions if any(k == kind + "*" for k, _ in f.parameters)]
            what = {"prepared": "prepared request"}.get(handle[1], handle[1]) if handle else ""
            said = f"the {what}, from {' or '.join(makers)}." if handle else "see DESCRIPTION."
            function.arguments.append(([name], said))
        order = [name for _, name in function.parameters]
        function.arguments.sort(key=lambda argument: order.index(argument[0][0]))

    def overview(self):
        """The first page: its title, what stands before, in and after the program, and the rules."""
        parts = re.sub(r"(?m)^ \* ?", "", self.top).strip("\n")
        parts = parts.split("\nSECTIONS\n")[0], parts.split("\nRULES\n")[1].split("\nSPDX")[0]
        title, rest = parts[0].split("\n", 1)
        before, program, after = re.fullmatch(
            r"(?s)\n*(.*?)\n\n((?: {4}.*\n|\n| {0,3}\w+:\n)+)\n(.*)", rest).groups()
        # What follows a statement is a remark.
        program = re.sub(r"(?m)^( *)(.*;) {2,}(.*)", r"\1/* \3 */\n\1\2", program.strip("\n"))
        rules = [" ".join(rule.split()) for rule in re.split(r"(?m)^ +\d+ ", parts[1])[1:]]
        return title, before, program, " ".join(after.split()), rules


def capital(text):
    return text[0].upper() + text[1:] if re.match(r"[a-z]+[ ,;:.']", text) else text


def lower(text):
    return text if re.match(r"\w+ [A-Z][a-z]|E\*", text) else text[0].lower() + text[1:]


def escape(text):
    text = text.replace("\\", "\\e").replace("~", "\\(ti").replace("^", "\\(ha").replace("`", "\\(ga")
    text = re.sub(r"(?<![A-Za-z])-|-(?![A-Za-z])", r"\\-", text)
    return re.sub(r"(?m)^([.'])", r"\\&\1", text)


def prose(text, names):
    """A sentence a line, as roff wants it. Functions and constants are bold."""
    text = re.sub(r"(?<=[\w\")]\.\)) (?=[A-Z(\"])|(?<=[\w\")][.]) (?=[A-Z(\"]|\*)", "\n", escape(text))
    text = re.sub(r"\b[Rr]ule \d+|\bSection \d+", lambda m: m[0] + " in etoauth", text)
    link = lambda m: f"\\fB{m[0]}\\fR(3)" if m[0] in names or m[0] == "etoauth" else f"\\fB{m[0]}\\fR"
    return re.sub(r"(?<![\w/\"])(etoauth(?:_\w+)?|ETOAUTH_\w+)\b(?![/\"])", link, text)


def synopsis(function):
    """The prototype as .BI wants it, in lines that fit the page."""
    lines, room = [[(function.result + function.name + "(", "")]], 72
    if not function.parameters:
        return f".B {function.result}{function.name}(void);"
    arguments = [(kind, name) for kind, name in function.parameters]
    width = len(lines[0][0][0]) + sum(len(k + n) + 2 for k, n in arguments)
    if width > room:
        lines.append([("    ", "")])
    for i, (kind, name) in enumerate(arguments):
        if sum(len(k + n) for k, n in lines[-1]) + len(kind + name) + 2 > room:
            lines[-1][-1] = lines[-1][-1][0].rstrip(), ""
            lines.append([("    ", "")])
        lines[-1] += [(kind, name), (", " if i + 1 < len(arguments) else ");", "")]
    out = []
    for line in lines:
        bold, fields = "", []
        for text, italic in line:
            bold += text
            if italic:
                fields += [bold, italic]
                bold = ""
        fields += [bold.rstrip()] if bold.rstrip() else []
        out.append(".BI " + " ".join(f'"{field}"' for field in fields))
    return "\n".join(out)


def fit(line):
    """A line of a program, in as many as the page needs."""
    indent = line[:len(line) - len(line.lstrip())]
    if len(line) <= 72:
        return line
    places = [m for m in re.finditer(r'"(?:[^"\\]|\\.)*"|, |\|\| ', line) if m[0][0] != '"' and m.end() <= 72]
    if places:
        place = next((m for m in places if m[0] == "|| "), places[-1])
        more = " " * (4 if place[0] == "|| " else 8)
        return line[:place.end()].rstrip() + "\n" + fit(indent + more + line[place.end():])
    place = line.rindex(" ", 0, 70) + 1
    return line[:place] + '"\n' + fit(indent + " " * 7 + '"' + line[place:])


def page(name, version, *sections):
    return "\n".join(['.\\" Made by packaging/man.py from include/etoauth.h.',
                      f'.TH {name} 3 "" "libetoauth {version}" " "', ".nr HY 0", ".nh", ".ad l",
                      *(f".SH {title}\n{text}" for title, text in sections if text), ""])


def function_page(function, header, version):
    names = [f.name for f in header.functions]
    text = lambda paragraph: prose(paragraph, set(names) - {function.name})
    comma = ' ", " '
    arguments = [f".TP\n.IR {comma.join(tags)}\n{text(capital(said))}" for tags, said in function.arguments]
    arguments += [f".P\n{text(function.note)}"] if function.note else []
    if function.result != "etoauth_status ":
        returns = text(function.description[0])
    else:
        returns = text(function.returns).replace("\n\\fBETOAUTH", "\n.P\n\\fBETOAUTH")
        returns += "\n.P\n" if returns else ""
        returns += text("0 is success, negative is failure. Rule 2 names the statuses that any function may return.")
        if "network or server status" in function.returns:
            returns += "\n" + text("Section 12 says what the network or server statuses are.")
    said = " ".join([*function.description, *(said for _, said in function.arguments), function.note, function.returns])
    also = {f.name for f in header.functions if f.section == function.section} | set(re.findall(r"etoauth_\w+", said))
    also = ["etoauth", *sorted(also & set(names) - {function.name})]
    return page(function.name, version,
        ("NAME", f"{function.name} \\- {escape(lower(function.first))}"),
        ("SYNOPSIS", f".nf\n.B #include <etoauth.h>\n.P\n{synopsis(function)}\n.fi"),
        ("DESCRIPTION", "\n.P\n".join(map(text, function.description))),
        ("ARGUMENTS", "\n".join(arguments)),
        ('"RETURN VALUE"', returns),
        ("SOURCE", re.sub(r"(?<=\w/)", r"\\:", escape(function.source.replace("\n", " ")))),
        ('"SEE ALSO"', ",\n".join(f".BR {n} (3)" for n in also)))


def overview_page(header, version):
    names = [f.name for f in header.functions]
    title, before, program, after, rules = header.overview()
    program = "\n".join(map(fit, program.split("\n"))).replace("\\", "\\e").replace("'", "\\(aq")
    listed = []
    for number, heading in header.sections.items():
        listed.append(f'.SS "{number} {escape(heading)}"')
        for f in header.functions:
            if f.section == number:
                listed.append(f".TP\n.BR {f.name} (3)\n{prose(capital(f.first), names)}.")
        for section, name, value, said in header.constants:
            if section == number:
                texts = "\n.IP\n".join(prose(paragraph, names) for paragraph in said)
                listed.append(f".TP\n.BR {name} \" = {escape(value)}\"\n{texts}")
    types = [f".TP\n.B {code}\n{prose(said, names)}" for code, said in header.types]
    listed_rules = [f".IP {i + 1} 4\n{prose(rule, names)}" for i, rule in enumerate(rules)]
    return page("etoauth", version,
        ("NAME", "etoauth \\- " + escape(title.split(": ", 1)[1].rstrip("."))),
        ("SYNOPSIS", f".B #include <etoauth.h>\n.P\n{prose(after, names)}"),
        ("DESCRIPTION", f"{prose(before, names)}\n.P\n.EX\n{program}\n.EE"),
        ("RULES", "\n".join(listed_rules)),
        ("TYPES", "\n".join(types)),
        ("SECTIONS", "\n".join(listed)))


def main(path, version, directory):
    header, directory = Header(path), pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.glob("*.3"):
        old.unlink()
    (directory / "etoauth.3").write_text(overview_page(header, version))
    for function in header.functions:
        (directory / f"{function.name}.3").write_text(function_page(function, header, version))


if __name__ == "__main__":
    main(*sys.argv[1:])
