"""What the rules need to know of C++ text: without its comments and literals, and where its functions are."""
import re

# Comments, raw strings, strings and characters. A digit separator (1'000) is no character.
_TOKEN = re.compile(
    r'(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<raw>R"(?P<tag>[^(\s]{0,16})\(.*?\)(?P=tag)")'
    r'|(?P<string>"(?:\\.|[^"\\\n])*")|(?P<number>\b[0-9][0-9a-fA-FxX\']*[0-9a-fA-F])'
    r'|(?P<char>\'(?:\\.|[^\'\\\n])+\')', re.S)


def blank(text):
    """The same text with comments and literals blanked, every line and column in its place. #include is kept."""
    def cover(match):
        if match.lastgroup == "number":
            return match.group()
        start = text.rfind("\n", 0, match.start()) + 1
        if match.group("string") and text[start:match.start()].lstrip().startswith("#include"):
            return match.group()
        edge = '"' if match.group("string") or match.group("raw") else " "
        body = re.sub(r"[^\n]", " ", match.group())
        return edge + body[1:-1] + edge if len(body) > 1 else body
    return _TOKEN.sub(cover, text)


_SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
_AFTER_PARAMETERS = re.compile(r"\)\s*(const|noexcept|override|final|\s)*$")


def functions(code):
    """(first line, number of lines) of each outermost function body of blanked code, its head included."""
    code = re.sub(r"(?m)^[ \t]*#.*(?:\\\n.*)*$", lambda m: re.sub(r"[^\n]", " ", m.group()), code)
    found, scopes, depth, head = [], 0, 0, 0
    for match in re.finditer(r"[{};]", code):
        at, sign = match.start(), match.group()
        if depth:
            depth += {"{": 1, "}": -1}.get(sign, 0)
            if depth == 0:
                if begin is not None:
                    found.append((begin, code.count("\n", 0, at) + 2 - begin))
                head = at + 1
            continue
        if sign == "{":
            before = code[head:at]
            # The last head of several labels such as `public:`; a scope has no parameter list.
            if _SCOPE.search(before.split("(")[0]) and not _AFTER_PARAMETERS.search(before):
                scopes += 1
                head = at + 1
                continue
            depth = 1
            is_function = ")" in before and not before.rstrip().endswith(("=", ",", "("))
            first = at - len(before) + (len(before) - len(before.lstrip()))
            begin = code.count("\n", 0, first) + 1 if is_function else None
        else:
            scopes -= sign == "}"
            head = at + 1
    return found
