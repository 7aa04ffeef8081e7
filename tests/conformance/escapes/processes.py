"""Ways to other processes, their secrets, and what listens on this machine."""

from __future__ import annotations

from tests.conformance.escapes.case import Case, attacks, raw_calls

_SELF = "it is the own kernel's"

CASES: list[Case] = [
    *raw_calls(
        "secrets of processes",
        {
            "environments": """
import glob
for path in glob.glob("/proc/[0-9]*/environ") + ["/proc/@sentinel@/environ"]:
    attempt(lambda: open(path, "rb").read())
""",
            "memory": """
for pid in ("@sentinel@", "@driver@", "@launcher@", "@sibling_launcher@", str(os.getppid()), "1"):
    attempt(lambda: open(f"/proc/{pid}/maps").read()[:200])
    with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
        memory.seek(@sentinel_memory@)
        print(memory.read(64))
        memory.seek(@sentinel_memory@)
        memory.write(b"planted")
""",
            "memory by system call": """
class Piece(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
buffer = ctypes.create_string_buffer(64)
here = Piece(ctypes.addressof(buffer), 64)
there = Piece(@sentinel_memory@, 64)
for number in (310, 311):
    print(call(number, @sentinel@, ctypes.byref(here), 1, ctypes.byref(there), 1, 0), why())
    print(buffer.raw)
""",
            "descriptors": """
for number in range(20):
    path = f"/proc/@sentinel@/fd/{number}"
    attempt(lambda: os.pread(os.open(path, os.O_RDONLY | os.O_NONBLOCK), 99, 0))
process = call(434, @sentinel@, 0)
for number in range(20):
    taken = call(438, process, number, 0)
    if taken >= 0:
        attempt(os.pread, taken, 99, 0)
""",
            "shared memory": """
segment = _libc.shmget(@segment_key@, 0, 0)
_libc.shmat.restype = ctypes.c_void_p
address = _libc.shmat(segment, None, 0)
if segment >= 0 and address and address != 2**64 - 1:
    print(ctypes.string_at(address, 64))
print(why())
""",
            "keys": """
found = call(250, 10, -4, b"user", b"@keyring_name@", 0)
buffer = ctypes.create_string_buffer(64)
print(found, why(), call(250, 11, found, buffer, 64), buffer.raw)
""",
        },
    ),
    *raw_calls(
        "tracing",
        {
            "attach and write": """
PTRACE_ATTACH, PTRACE_SEIZE, PTRACE_POKE, PTRACE_DETACH = 16, 0x4206, 4, 17
if call(101, PTRACE_ATTACH, @sentinel@, 0, 0) == 0:
    call(61, @sentinel@, 0, 0x40000000, 0)
    call(101, PTRACE_POKE, @sentinel@, @sentinel_memory@, 0x4141414141414141)
    call(101, PTRACE_DETACH, @sentinel@, 0, 0)
print(why())
""",
            "everybody near": """
for pid in (@sentinel@, @driver@, @launcher@, @sibling_launcher@, os.getppid(), 1):
    answer = call(101, 0x4206, pid, 0, 0)
    print(pid, why(), "@leak@" if answer == 0 else "")
    if answer == 0:
        call(101, 0x4207, pid, 0, 0)
        call(61, pid, 0, 0x40000000, 0)
        call(101, 17, pid, 0, 0)
""",
            "comparing and watching": """
reachable("kcmp", 312, @sentinel@, os.getpid(), 0, 0, 0)
reachable("pidfd_open", 434, @sentinel@, 0)
reachable("pidfd_send_signal", 424, 0, 0, 0, 0)
reachable("process_madvise", 440, 0, 0, 0, 0, 0)
reachable("move_pages", 279, @sentinel@, 0, 0, 0, 0, 0)
reachable("migrate_pages", 256, @sentinel@, 0, 0, 0)
reachable("perf_event_open", 298, 0, @sentinel@, -1, -1, 0)
""",
        },
    ),
    *raw_calls(
        "signals",
        {
            "one by one": """
import signal
for pid in (@sentinel@, @driver@, @tests@, @launcher@, @sibling_launcher@):
    for number in (signal.SIGUSR1, signal.SIGTERM, signal.SIGSTOP):
        if pid in (@tests@, @driver@):
            number = 0
        attempt(os.kill, pid, number)
""",
            "to a thread": """
call(234, @sentinel@, @sentinel@, 10)
call(200, @sentinel@, 10)
print(why())
""",
            "with a value": """
information = ctypes.create_string_buffer(128)
struct.pack_into("iii", information, 0, 10, 0, -1)
call(129, @sentinel@, 10, information)
call(297, @sentinel@, @sentinel@, 10, information)
print(why())
""",
            "by a descriptor": """
process = call(434, @sentinel@, 0)
print(call(424, process, 10, 0, 0), why())
""",
            "by the owner of a pipe": """
import fcntl
out, into = os.pipe()
fcntl.fcntl(out, 10, 10)   # F_SETSIG: SIGUSR1
attempt(fcntl.fcntl, out, 8, @sentinel@)   # F_SETOWN
fcntl.fcntl(out, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
os.write(into, b"x")
os.close(into)
os.close(out)
""",
            "priorities and limits": """
import resource
attempt(os.setpriority, os.PRIO_PROCESS, @sentinel@, 19)
attempt(os.sched_setaffinity, @sentinel@, {0})
attempt(os.sched_setscheduler, @sentinel@, os.SCHED_IDLE, os.sched_param(0))
attempt(resource.prlimit, @sentinel@, resource.RLIMIT_NOFILE, (7, 7))
attempt(resource.prlimit, @sentinel@, resource.RLIMIT_CPU, (99999, 99999))
""",
        },
    ),
    *raw_calls(
        "all processes at once",
        {
            "everybody": "attempt(os.kill, -1, 9)",
            "a group": "attempt(os.killpg, 1, 9)\nattempt(os.kill, -@sentinel@, 15)",
            "the parent's death": """
print(call(157, 1, 9, 0, 0, 0), why())
attempt(os.kill, os.getppid(), 9)
attempt(os.kill, 1, 9)
""",
        },
        harmless_because="it would end the tests",
    ),
    *raw_calls(
        "inherited descriptors",
        {
            "directories and files": """
for name in os.listdir("/proc/self/fd"):
    number = int(name)
    for path in ("@secret@", "../outside/secret.txt", "../../../../../../..@secret@"):
        try: print(os.read(os.open(path, os.O_RDONLY, dir_fd=number), 99))
        except OSError: pass
""",
            "sockets": """
import socket
for name in os.listdir("/proc/self/fd"):
    try: found = socket.socket(fileno=os.dup(int(name)))
    except OSError: continue
    with found:
        for address in (("127.0.0.1", @tcp@), "@unix_outside@", "@unix_abstract@"):
            try: found.connect(address)
            except (OSError, TypeError): pass
""",
        },
        harmless_because=_SELF,
    ),
    *attacks(
        "network",
        {
            "TCP": """
                import socket
                socket.create_connection(("127.0.0.1", @tcp@), 1)
                """,
            "TCP by asyncio": """
                import asyncio
                await asyncio.open_connection("127.0.0.1", @tcp@)
                """,
            "TCP by urllib": """
                from urllib.request import urlopen
                urlopen("http://127.0.0.1:@tcp@/", timeout=1)
                """,
            "UDP": """
                import socket
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", @udp@))
                """,
            "UDP by a message": """
                import socket
                one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                one.sendmsg([b"x"], [], 0, ("127.0.0.1", @udp@))
                """,
            "ZeroMQ": """
                import zmq
                with zmq.Context() as context, context.socket(zmq.DEALER) as other:
                    other.linger = 0
                    other.connect("tcp://127.0.0.1:@tcp@")
                    other.send(b"x")
                    other.poll(100)
                """,
        },
    ),
    *attacks(
        "unix sockets",
        {
            place: f"""
                import socket
                for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
                    try: socket.socket(socket.AF_UNIX, kind).connect("@{place}@")
                    except OSError as error: print(error)
                one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                one.sendto(b"x", "@{place}@-datagram")
                """
            for place in ("unix_outside", "unix_inside", "unix_abstract")
        },
    ),
    *raw_calls(
        "sockets by system call",
        {
            "a pair that names others": """
import socket
for kind in (2, 5):
    pair = (ctypes.c_int * 2)(-1, -1)
    call(53, 1, kind, 0, pair)
    print(why())
    if pair[0] < 0:
        continue
    one = socket.socket(fileno=pair[0])
    for path in ("@unix_outside@-datagram", "@unix_inside@-datagram", "@unix_abstract@-datagram"):
        attempt(one.sendmsg, [b"x"], [], 0, path)
        attempt(one.sendto, b"x", path)
""",
            "families": """
for family in (2, 10, 16, 17, 38, 40, 44, 15, 29, 31, 21, 45):
    for kind in (1, 2, 3):
        made = call(41, family, kind, 0)
        print(family, kind, why(), "@leak@" if made >= 0 else "")
""",
            "many messages at once": """
reachable("sendmmsg", 307, 0, 0, 0, 0)
reachable("connect", 42, 0, 0, 0)
reachable("bind", 49, 0, 0, 0)
reachable("listen", 50, 0, 0)
""",
        },
    ),
    *attacks(
        "services",
        {
            "of the cloud": """
                import socket
                for host in ("169.254.169.254", "100.100.100.200"):
                    try:
                        socket.create_connection((host, 80), 0.2)
                        print("@leak@")
                    except OSError as error:
                        print(error)
                """,
            "of the desktop": """
                import glob, os, socket
                paths = ["/run/docker.sock", "/var/run/docker.sock", "/run/dbus/system_bus_socket",
                         "/run/containerd/containerd.sock", "/run/systemd/private"]
                paths += glob.glob("/tmp/ssh-*/agent.*") + glob.glob("/run/user/*/bus")
                for path in paths:
                    try:
                        socket.socket(socket.AF_UNIX).connect(path)
                        print("@leak@")
                    except OSError as error:
                        print(error)
                """,
        },
        harmless_because="not every machine has them",
    ),
]
