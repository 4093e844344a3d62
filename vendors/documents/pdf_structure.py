"""Looks into one PDF, which comes by standard input, and says in one word what it is.

A program of its own, which vendors/documents/pdf.py starts: qpdf is written in C++ and reads what strangers send, so it
gets no environment, and the operating system ends it when it takes too long or too much memory.
"""

from __future__ import annotations

import io
import re
import resource
import signal
import sys

import pikepdf
from pikepdf import settings

# In what qpdf writes, brackets inside a string always have a backslash.
_STRING = re.compile(rb"\((?:[^\\()]|\\.)*\)", re.DOTALL)
_NAME = re.compile(rb"/[^\s/<>\[\]()]+")


def main(cpu_seconds: str, memory: str, *forbidden: str) -> str:
    content = sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    signal.setitimer(signal.ITIMER_PROF, float(cpu_seconds))  # nobody handles its signal, which ends the process
    settings.set_qpdf_limits(flate_max_memory=int(memory) // 4, run_length_max_memory=int(memory) // 4)
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            return judge(pdf, {b"/" + name.encode() for name in forbidden})
    except pikepdf.PasswordError:
        return "password"
    except pikepdf.PdfError:
        return "unreadable"


def judge(pdf: pikepdf.Pdf, forbidden: set[bytes]) -> str:
    """Every object there is, also those that nothing refers to. qpdf has put all names into their plain spelling."""
    for item in pdf.objects:
        if isinstance(item, pikepdf.Stream):
            text = item.stream_dict.unparse()
            if item.get("/Type") == "/ObjStm":
                item.read_bytes()  # raises when it is damaged: qpdf itself would go on without what is in it
        else:
            text = item.unparse(resolved=True) if isinstance(item, pikepdf.Object) else b""
        if not forbidden.isdisjoint(_NAME.findall(_STRING.sub(b"", text))):
            return "forbidden"
    return "harmless" if not settings.qpdf_limit_errors() else "limits"


if __name__ == "__main__":
    sys.stdout.write(main(*sys.argv[1:]))
