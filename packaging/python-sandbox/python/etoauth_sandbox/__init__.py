"""A simulated E*TRADE on your own machine."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import urllib.parse
import urllib.request

__all__ = ["Sandbox"]

# The sandbox is on this machine, whatever proxy the environment has.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _program():
    """The program beside this Python, or else in the path."""
    name = "etoauth-sandbox" + (".exe" if sys.platform == "win32" else "")
    beside = os.path.join(sysconfig.get_path("scripts"), name)
    return beside if os.path.exists(beside) else shutil.which(name) or name


class Sandbox:
    """A running sandbox, which ends with its block."""

    def __init__(self, *options):
        self._process = subprocess.Popen(
            [_program(), *options, "--json", "--until-stdin-closes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"etoauth-sandbox has ended with {self._process.wait()}")
        facts = json.loads(line)
        self.url = facts["url"]
        self.tls_url = facts["tls_url"]
        self.ca_file = facts["ca_file"]
        self.consumer_key = facts["consumer_key"]
        self.consumer_secret = facts["consumer_secret"]

    def admin(self, path, **parameters):
        """What a path under /sandbox answers."""
        query = urllib.parse.urlencode(parameters)
        with _DIRECT.open(f"{self.url}/sandbox/{path}?{query}") as response:
            return json.load(response)

    def approve(self, token, person=""):
        """A person approves this request token: the verification code."""
        return self.admin("approve", token=token, person=person)["oauth_verifier"]

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
