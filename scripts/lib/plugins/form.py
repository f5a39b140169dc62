"""Draws the form of a Dify node, or of a plugin's credentials, from its YAML."""

import html

WIDTH = 460
_MARGIN = 20
_FIELD = 62
_OUTPUT = 26
_FONT = "Inter, Helvetica, Arial, sans-serif"


def text(x, y, words, size=13, color="#344054", weight=400, anchor="start"):
    return (f'<text x="{x}" y="{y}" font-family="{_FONT}" font-size="{size}" fill="{color}" '
            f'font-weight="{weight}" text-anchor="{anchor}">{html.escape(str(words))}</text>')


def box(y, height, fill="#F2F4F7"):
    return (f'<rect x="{_MARGIN}" y="{y}" width="{WIDTH - 2 * _MARGIN}" height="{height}" '
            f'rx="8" fill="{fill}"/>')


def field(y, label, content, required, is_select):
    """A label with the input below it."""
    parts = [text(_MARGIN, y + 14, label, weight=600)]
    if required:
        parts[0] = parts[0].replace("</text>", ' <tspan fill="#D92D20">*</tspan></text>')
    parts += [box(y + 22, 32), text(_MARGIN + 12, y + 43, content,
                                    color="#101828" if is_select else "#667085")]
    if is_select:
        x, middle = WIDTH - _MARGIN - 22, y + 36
        parts.append(f'<path d="M{x} {middle}l5 5l5 -5" fill="none" stroke="#667085" '
                     'stroke-width="1.5"/>')
    return parts


def output(y, name, kind):
    return [text(_MARGIN, y + 16, name, weight=600),
            text(WIDTH - _MARGIN, y + 16, kind, color="#667085", anchor="end")]


def draw(title, fields, outputs):
    """SVG. A field is (label, content, required, is_select); an output (name, type)."""
    y, parts = 64, [text(_MARGIN, 38, title, size=17, color="#101828", weight=700)]
    for entry in fields:
        parts += field(y, *entry)
        y += _FIELD
    if outputs:
        parts.append(text(_MARGIN, y + 22, "OUTPUT VARIABLES", size=11, color="#667085",
                          weight=600))
        y += 34
    for entry in outputs:
        parts += output(y, *entry)
        y += _OUTPUT
    height = y + _MARGIN
    body = "\n".join(f"  {part}" for part in parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
            f'viewBox="0 0 {WIDTH} {height}">\n'
            f'  <rect x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="16" '
            f'fill="#FFFFFF" stroke="#D0D5DD"/>\n{body}\n</svg>\n')


def chosen(options, default):
    """What a select shows."""
    return next((o["label"]["en_US"] for o in options if o["value"] == default), "Select")


def content_of(entry):
    if entry.get("options"):
        return chosen(entry["options"], entry.get("default"))
    if entry.get("default") not in (None, ""):
        return entry["default"]
    return entry.get("placeholder", entry.get("human_description", {})).get("en_US", "")


def node_form(tool):
    fields = [(p["label"]["en_US"], content_of(p), p["required"], p["type"] == "select")
              for p in tool["parameters"]]
    own = [(name, entry["type"]) for name, entry in tool["output_schema"]["properties"].items()]
    fixed = [("text", "string"), ("files", "array[file]"), ("json", "array[object]")]
    return draw(tool["identity"]["label"]["en_US"], fields, fixed + own)


def credentials_form(provider):
    fields = [(c["label"]["en_US"], content_of(c), c["required"], c["type"] == "select")
              for c in provider["provider_credential_schema"]["credential_form_schemas"]]
    return draw(f"Set up {provider['label']['en_US']}", fields, [])
