"""The person: opens the application's link, logs on, accepts and reads the code.

As a program it prints the code for a link; what is wrong with the link goes to the standard error.
"""

import html
import re
import sys
import urllib.parse
import urllib.request


def objection(link):
    """What is wrong with a link that the real service refuses at random, or an empty string."""
    token = re.search(r"[?&]token=([^&]*)", link)
    if token and re.search(r"[+/=]", token.group(1)):
        return "the token in its link is not percent-encoded"
    return ""


def approve(link):
    link = link.replace("+", "%2B") + "&USER=Pat"
    page = _open(link)
    fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page))
    fields = {name: html.unescape(value) for name, value in fields.items()}
    form = urllib.parse.urlencode({**fields, "decision": "Accept"}).encode()
    page = _open(link.split("?")[0], form)
    return re.search(r'<code id="verifier">([^<]*)</code>', page).group(1)


def _open(url, form=None):
    with urllib.request.urlopen(url, form, timeout=20) as response:
        return response.read().decode()


if __name__ == "__main__":
    print(approve(sys.argv[1]))
    print(objection(sys.argv[1]), file=sys.stderr)
