"""Ways to files of the host: links, races, devices, and what the host would read of them."""

from __future__ import annotations

from tests.conformance.escapes.case import Case, attacks

_ATTEMPT = """
import os
def attempt(action, *arguments, **options):
    try:
        print(action(*arguments, **options))
    except Exception as error:
        print(type(error).__name__, str(error)[:80])
def read(path):
    with open(path, "rb") as file:
        return file.read(200)
def write(path):
    with open(path, "ab") as file:
        file.write(b"planted")
def clear(*names):
    for name in names:
        if os.path.lexists(name):
            os.remove(name)
print("tried")
"""


def _files(kind: str, variants: dict[str, str], harmless_because: str | None = None) -> list[Case]:
    found = {name: f"{_ATTEMPT}{code.strip()}" for name, code in variants.items()}
    return attacks(kind, found, harmless_because=harmless_because)


CASES: list[Case] = [
    *_files(
        "plain paths",
        {
            "reads": """
for path in ("@secret@", "@readable@", "@home_secret@", "../outside/secret.txt",
             "/proc/self/cwd/../outside/secret.txt", "/proc/self/root@secret@"):
    attempt(read, path)
""",
            "writes": """
for path in ("@victim@", "@mark@", "../outside/marks/dots", "@home@/.bashrc"):
    attempt(write, path)
attempt(os.mkdir, "@mark@-folder")
attempt(os.mkfifo, "@mark@-pipe")
attempt(os.remove, "@victim@")
attempt(os.truncate, "@victim@", 1)
""",
            "where everybody may write": """
for folder in ("/tmp", "/var/tmp", "/dev/shm"):
    attempt(write, f"{folder}/@name@") if not os.path.ismount(folder) else None
attempt(write, "@packages@/@name@.pth")
""",
            "of everybody": """
for path in ("/etc/shadow", "/root/.bash_history", "/proc/kcore", "/dev/mem", "/dev/sda",
             "/dev/vda", "/dev/kmsg", "/dev/fuse", "/dev/kvm", "/dev/net/tun", "/dev/ptmx"):
    try:
        os.close(os.open(path, os.O_RDWR))
        print(path, "@leak@" if path != "/dev/ptmx" else "")
    except OSError as error:
        print(error)
attempt(read, "@secret@")
""",
        },
    ),
    *_files(
        "names and modes",
        {
            "modes": """
attempt(os.chmod, "@victim@", 0o777)
attempt(os.utime, "@victim@", (1, 1))
attempt(os.setxattr, "@victim@", "user.planted", b"x")
""",
            "modes through a link": """
clear("link")
os.symlink("@victim@", "link")
attempt(os.chmod, "link", 0o777)
attempt(os.utime, "link", (1, 1))
attempt(os.truncate, "link", 1)
attempt(os.setxattr, "link", "user.planted", b"x")
clear("link")
""",
            "renamed away": """
attempt(os.rename, "@victim@", "taken")
attempt(os.rename, "@victim@", "@mark@")
write("given")
attempt(os.replace, "given", "@mark@-given")
clear("taken", "given")
""",
        },
    ),
    *_files(
        "links",
        {
            "symbolic to a file": """
clear("link")
os.symlink("@secret@", "link")
attempt(read, "link")
clear("link")
os.symlink("@victim@", "link")
attempt(write, "link")
clear("link")
""",
            "symbolic to a folder": """
clear("link")
os.symlink("@outside@", "link")
attempt(os.listdir, "link")
attempt(read, "link/secret.txt")
attempt(write, "link/marks/linked")
clear("link")
""",
            "hard": """
attempt(os.link, "@secret@", "hard")
attempt(os.link, "@victim@", "hard_too")
attempt(write, "hard_too")
clear("hard", "hard_too")
""",
            "of a descriptor": """
folder = os.open(".", os.O_PATH)
for path in ("../outside/secret.txt", "@secret@"):
    attempt(lambda: os.read(os.open(path, os.O_RDONLY, dir_fd=folder), 99))
    attempt(os.link, path, "hard", src_dir_fd=folder)
clear("hard")
""",
            "of other processes": """
for pid in ("1", "2", "@sentinel@", "@tests@", "self", "thread-self", str(os.getppid())):
    for way in ("root@secret@", "cwd/../outside/secret.txt", "environ", "fd/3", "fd/4"):
        attempt(read, f"/proc/{pid}/{way}")
    attempt(os.listdir, f"/proc/{pid}/map_files")
""",
        },
    ),
    *_files(
        "races",
        {
            "a folder that is a link by turns": """
import shutil, threading, time
clear("turns")
end = time.monotonic() + 0.15
def turn():
    while time.monotonic() < end:
        try:
            os.mkdir("turns")
            os.rmdir("turns")
            os.symlink("@outside@", "turns")
            os.remove("turns")
        except OSError:
            pass
thread = threading.Thread(target=turn)
thread.start()
while thread.is_alive():
    for action, path in ((read, "turns/secret.txt"), (write, "turns/marks/turned")):
        try: print(action(path))
        except OSError: pass
thread.join()
shutil.rmtree("turns") if os.path.isdir("turns") and not os.path.islink("turns") else clear("turns")
""",
            "where overflowing output goes": """
import shutil
for path in (".agent/outputs", ".agent", ".git", "agent.toml", "learned_skills"):
    attempt(os.rename, path, "elsewhere")
    attempt(shutil.rmtree, path)
    attempt(os.symlink, "@outside@/marks", path)
print("x" * (3 << 20))
""",
            "the workspace itself": """
here = os.getcwd()
for action in (os.rename, os.link, os.symlink):
    attempt(action, here, here + "-away")
attempt(os.rmdir, here)
attempt(os.rename, "@outside@", here + "/taken")
""",
        },
        harmless_because="it may or may not come in time",
    ),
    *_files(
        "the workspace's protected names",
        {
            "written": """
for path in (".git/config", ".git/hooks/pre-commit", ".git/HEAD", "agent.toml", ".agent/canary",
             "learned_skills/known.py", "learned_skills/evil.py", ".agent/approved"):
    attempt(write, path)
attempt(read, ".agent/canary")
""",
            "moved": """
for path in (".git", ".agent", "agent.toml", "learned_skills", "learned_skills/known.py"):
    attempt(os.rename, path, "moved")
    attempt(os.remove, path)
    attempt(os.symlink, "/tmp", path)
clear("moved") if not os.path.isdir("moved") else None
""",
            "their modes": """
for path in (".git/config", "agent.toml", "learned_skills/known.py", ".agent", ".agent/canary"):
    attempt(os.chmod, path, 0o777)
    attempt(os.truncate, path, 1)
    attempt(os.link, path, "hard")
clear("hard")
""",
            "a sibling's": """
for path in ("@sibling_workspace@/agent.toml", "@sibling_workspace@/.git/config",
             "@sibling_workspace@/learned_skills/evil.py", "@sibling_workspace@/.agent/canary"):
    attempt(write, path)
    attempt(read, path)
""",
        },
    ),
    *_files(
        "devices and powers",
        {
            "devices": """
import stat
attempt(os.mknod, "device", 0o666 | stat.S_IFBLK, os.makedev(254, 0))
attempt(os.mknod, "memory", 0o666 | stat.S_IFCHR, os.makedev(1, 1))
attempt(read, "device")
""",
            "a user's power": """
import shutil
open("program", "w").close()
attempt(os.chmod, "program", 0o6755)
attempt(lambda: os.fchmod(os.open("program", os.O_RDONLY), 0o4755))
attempt(lambda: os.close(os.open("other", os.O_CREAT | os.O_WRONLY, 0o4777)))
attempt(os.setxattr, "program", "security.capability", b"\\x01\\x00\\x00\\x02" + b"\\xff" * 16)
attempt(os.mknod, "third", 0o106777)
attempt(os.mkdir, "folder", 0o2777)
clear("program", "other", "third")
""",
        },
        harmless_because="an ordinary user has little to lend, and no devices",
    ),
    *_files(
        "programs of one's own",
        {
            "copied": """
import shutil, subprocess
for folder in (".", "/tmp", "/dev/shm"):
    program = f"{folder}/planted-program"
    attempt(shutil.copy, "/bin/true", program)
    attempt(os.chmod, program, 0o755)
    try:
        subprocess.run([program], check=True)
        print("@leak@")
    except OSError as error:
        print(error)
    clear(program)
""",
            "a script": """
import subprocess
with open("planted-script", "w") as file:
    file.write("#!/bin/sh\\necho @leak@\\n")
attempt(os.chmod, "planted-script", 0o755)
try:
    print(subprocess.run([os.path.abspath("planted-script")], capture_output=True))
except OSError as error:
    print(error)
clear("planted-script")
""",
        },
    ),
]
