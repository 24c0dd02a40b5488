#!/usr/bin/env python3
"""Replay the sessions printed in a page of documentation on a real lab.

    replay_page.py list PAGE           the line number of every session
    replay_page.py run PAGE LINE BOND  the session at LINE; BOND is a file

A session is a fenced block whose first line starts with "$ ".  Lines that
start so are typed into bash at the top of the tree; what stands below is the
output.  "$ ssh root@NODE COMMAND" runs it on the node's host.  "$ ssh
ADMIN@NODE" and "$ tools/lab ssh NODE", without a command, open the shell of
that node on a terminal over SSH: below stands what is said there from the
first "admin:" on.  Typed there are the line behind "admin:", the answers
behind questions, and passwords, which the page shows as stars or not at all;
a new password gets as many characters as there are stars.

The output must be that of the page line for line.  What may differ:

  *  a line "…" in the page stands for any lines, also none;
  *  blanks at the end of a line, and empty lines at the end of the output;
  *  how often the state of a service (NAME[STATE]) is repeated;
  *  dates, as those of show itl, show cert and show network cluster;
  *  how large a file is that file get transfers;
  *  the bytes of a signature: lines of two tabs and eight numbers, and the
     base64 lines of a certificate;
  *  checksums, hashes and serial numbers (16 bytes or more as hexadecimal
     digits, with ":", one blank or nothing between) and the names CAPF-….
     But what is equal in the page must be equal in the lab and what differs
     must differ, through all sessions of the page: BOND keeps what belongs
     to what.

Exit status: 0 when the session went as printed, else 1 with the first line
that did not.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

PROMPT = "admin:"
# Questions that are answered with a word of the page, ...
QUESTION = re.compile(
    r"(.*(?:\(yes\|no\)\? |\(yes/no\)\? |\[y/n\]\? |Continue \(y/n\)\?"
    r"|^SFTP server IP: |^SFTP server port \[22\]: |^User ID: "
    r"|^Download directory: ))(\S*)$")
# ... with a password of the lab, ...
PASSWORDS = {
    "Enter CCM Administrator password :": "LAB_CCM_PASSWORD",
    "Enter Sftp password :": "SFTP_PASSWORD",
    "Password: ": "SFTP_PASSWORD",
    "Please enter the old password: ": "LAB_SECURITY_PASSWORD",
}
# ... and with a new one.
NEW = re.compile(r"(?:   )?(Please enter the new password: "
                 r"|Reenter new password to confirm: )(\*+)$")
NEW_WORDS = "Howto-4-Word-of-the-Page"
LOGIN = re.compile(r"\$ (?:tools/lab ssh |ssh \w+@)(\w+)$")
SIZE = re.compile(r"Total size in (Bytes|Kbytes): [0-9.]+$")
STATE = re.compile(r"[A-Z][\w ]*\[[A-Z]+\]$")
DATE = re.compile(r"\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d "
                  r"(?:[A-Z]{2,5} )?\d{4}\b")
BYTES = re.compile(r"\t\t[0-9a-f]{1,2}(?:  [0-9a-f]{1,2}){7}$"
                   r"|[A-Za-z0-9+/=]{60,64}$")
TOKEN = re.compile(r"\b[0-9A-Fa-f]{2}(?:[: ]?[0-9A-Fa-f]{2}){15,}\b"
                   r"|(?<=CAPF-)[0-9a-f]{8}\b")
SECONDS = 180


def sessions(page):
    """Every session: the number of its first line, and its lines."""
    block = None
    with open(page, encoding="utf-8") as text:
        for number, line in enumerate(text.read().split("\n"), 1):
            if not line.startswith("```"):
                if block is not None:
                    block.append(line)
            elif block is None:
                block = []
                start = number + 1
            else:
                if block and block[0].startswith("$ "):
                    yield start, block
                block = None


def tidy(lines):
    """Without blanks at the ends, repeated states and empty last lines."""
    kept = []
    for line in lines:
        line = line.rstrip()
        if not (kept and line == kept[-1] and STATE.match(line)):
            kept.append(line)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def shape(line):
    """What of a line must not differ, and its checksums and the like."""
    if BYTES.match(line):
        return "bytes", []
    line = SIZE.sub(r"Total size in \1", line)
    line = DATE.sub("date", line)
    tokens = [re.sub("[: ]", "", t).lower() for t in TOKEN.findall(line)]
    return TOKEN.sub("#", line), tokens


class Bond:
    """Which checksum of the page belongs to which of the lab."""

    def __init__(self, path):
        self.path = path
        self.lab = {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as text:
                self.lab = json.load(text)

    def same(self, page, lab):
        """Do these two lines say the same?"""
        page_shape, page_tokens = shape(page)
        lab_shape, lab_tokens = shape(lab)
        if page_shape != lab_shape:
            return False
        new = dict(self.lab)
        for one, other in zip(page_tokens, lab_tokens):
            if new.setdefault(one, other) != other:
                return False
        if len(set(new.values())) != len(new):
            return False
        self.lab = new
        return True

    def save(self):
        """For the next session of the page."""
        with open(self.path, "w", encoding="utf-8") as text:
            json.dump(self.lab, text)


def compare(page, lab, bond):
    """None, or the first line that is not as printed and what came."""
    page, lab = tidy(page), tidy(lab)
    at = 0
    skip = False
    for line in page:
        if line == "…":
            skip = True
            continue
        while skip and at < len(lab) and not bond.same(line, lab[at]):
            at += 1
        if at == len(lab):
            return line, "the end of the output"
        if not skip and not bond.same(line, lab[at]):
            return line, lab[at]
        at += 1
        skip = False
    if at < len(lab) and not skip:
        return "the end of the session", lab[at]
    return None


def steps(lines):
    """The other side of a conversation, for session.exp."""
    for line in lines:
        # The page has no blank where a line ends.
        answer = QUESTION.match(line) or QUESTION.match(line + " ")
        new = NEW.match(line)
        old = next((q for q in PASSWORDS if line.rstrip("*") == q), None)
        if line.startswith(PROMPT):
            yield "prompt"
            yield f"send {line[len(PROMPT):]}"
        elif old:
            yield f"wait {old}"
            yield f"send {os.environ[PASSWORDS[old]]}"
        elif new:
            yield f"wait {new[1]}"
            yield f"send {NEW_WORDS[:len(new[2])]}"
        elif answer:
            yield f"wait {answer[1]}"
            yield f"send {answer[2]}"
    if f"{PROMPT}exit" not in lines:
        yield "prompt"
        yield "send exit"
    yield "end"


def talk(node, lines):
    """Hold the conversation in lines with a node; what was said."""
    env = dict(os.environ, SESSION_PASSWORD=os.environ["LAB_ADMIN_PASSWORD"])
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as script:
        script.write("\n".join(steps(lines)) + "\n")
        script.flush()
        done = subprocess.run(
            ["tests/expect/session.exp", os.environ[f"LAB_ADDRESS_{node}"],
             os.environ["LAB_SSH_PORT"], os.environ["LAB_ADMIN_USER"],
             script.name],
            env=env, capture_output=True, encoding="utf-8",
            timeout=SECONDS, check=False)
    said = done.stdout.replace("\r", "")
    if done.returncode != 0:
        return [*said.split("\n"), done.stderr]
    said = said[said.find(PROMPT):]
    if f"{PROMPT}exit" not in lines:
        said = said[:said.rfind(PROMPT)]
    return said.split("\n")


def run_bash(command, tools):
    """What a command line prints.  "ssh ADMIN@NODE …" reaches the lab."""
    env = dict(os.environ, PATH=f"{tools}:{os.environ['PATH']}")
    done = subprocess.run(["bash", "-c", command], env=env,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding="utf-8",
                          timeout=SECONDS, check=False)
    return done.stdout.split("\n")


def make_ssh(tools):
    """An ssh that knows the lab's nodes, keys and password.  tools/lab has
    its own use of ssh, which begins with options."""
    path = os.path.join(tools, "ssh")
    with open(path, "w", encoding="utf-8") as script:
        script.write(f"#!/bin/sh\nPATH='{os.environ['PATH']}'\n"
                     "case $1 in\n-*) exec ssh \"$@\" ;;\nesac\n"
                     "user=${1%%@*} node=${1#*@}\nshift\n"
                     "[ $user != root ] ||"
                     " exec tools/lab exec \"$node\" \"$@\"\n"
                     "exec tools/lab ssh \"$node\" \"$@\"\n")
    os.chmod(path, 0o755)


def run(lines, bond):
    """One session: every command in it and what it must print."""
    starts = [i for i, line in enumerate(lines) if line.startswith("$ ")]
    with tempfile.TemporaryDirectory() as tools:
        make_ssh(tools)
        for start, end in zip(starts, [*starts[1:], len(lines)]):
            page = lines[start + 1:end]
            login = LOGIN.match(lines[start])
            lab = (talk(login[1], page) if login else
                   run_bash(lines[start][2:], tools))
            wrong = compare(page, lab, bond)
            if wrong:
                print(f"{lines[start]}\nprinted: {wrong[0]}\n"
                      f"came:    {wrong[1]}\nall of it:", *lab, sep="\n")
                return 1
    bond.save()
    return 0


def main():
    """See the top."""
    if len(sys.argv) == 3 and sys.argv[1] == "list":
        for start, _ in sessions(sys.argv[2]):
            print(start)
        return 0
    if len(sys.argv) != 5 or sys.argv[1] != "run":
        print(__doc__, file=sys.stderr)
        return 2
    lines = dict(sessions(sys.argv[2]))[int(sys.argv[3])]
    return run(lines, Bond(sys.argv[4]))


if __name__ == "__main__":
    sys.exit(main())
