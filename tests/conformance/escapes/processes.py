"""Ways to other processes, their secrets, and what listens on this machine."""

from __future__ import annotations

from tests.conformance.escapes.case import Case, attacks


def _calls(
    kind: str, variants: dict[str, str], *, harmless_because: str | None = None
) -> list[Case]:
    found = {name: f"@system_calls@\n{code.strip()}" for name, code in variants.items()}
    return attacks(kind, found, harmless_because=harmless_because)


_POWER = "an ordinary user lacks the power for it anyway"
_SELF = "it is the own kernel's"

CASES: list[Case] = [
    *_calls(
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
    *_calls(
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
    *_calls(
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
    *_calls(
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
    *_calls(
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
    *_calls(
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
    *_calls(
        "spaces and mounts",
        {
            "a user namespace": """
for flags in (0x10000000, 0x10020000, 0x10000000 | 0x40000000, 0x20000, 0x02000000, 0x00000080):
    reachable(hex(flags), 272, flags)
""",
            "a clone": """
for flags in (0x10000000 | 17, 0x20000 | 17, 0x40000000 | 17):
    child = call(56, flags, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    print(why(), "@leak@" if child > 0 else "")
reachable("clone3", 435, 0, 0)
""",
            "another's spaces": """
for pid in ("1", "@sentinel@", "@driver@"):
    for kind in ("mnt", "user", "net", "pid"):
        attempt(lambda: call(308, os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY), 0))
reachable("setns", 308, 0, 0)
""",
            "mounts": """
os.makedirs("/tmp/planted", exist_ok=True)
for source, kind in ((b"@outside@", b""), (b"proc", b"proc"), (b"tmpfs", b"tmpfs")):
    reachable("mount", 165, source, b"/tmp/planted", kind, 0 if kind else 4096, 0)
for name, number in dict(umount2=166, pivot_root=155, chroot=161, open_tree=428, move_mount=429,
                         fsopen=430, fsconfig=431, fsmount=432, fspick=433, mount_setattr=442,
                         open_tree_attr=467, statmount=457, listmount=458).items():
    if number < 450:
        reachable(name, number, 0, 0, 0, 0, 0)
""",
            "remounted": """
for path in (b"/", b"@workspace@", b"/usr", b"/tmp"):
    reachable(path, 165, 0, path, 0, 32 | 4096, 0)
    reachable(path, 166, path, 2)
""",
        },
        harmless_because="some systems have these, some do not",
    ),
    *_calls(
        "the machine",
        {
            "its kernel": """
for name, number in dict(kexec_load=246, kexec_file_load=320, init_module=175, finit_module=313,
                         delete_module=176, bpf=321, reboot=169, swapon=167, swapoff=168, acct=163,
                         iopl=172, ioperm=173, syslog=103, quotactl=179, settimeofday=164,
                         clock_settime=227, adjtimex=159, personality=135, vhangup=153).items():
    reachable(name, number, -1, 0, 0, 0, 0)
""",
            "rings and faults": """
for name, number in dict(io_uring_setup=425, io_uring_enter=426, io_uring_register=427,
                         userfaultfd=323, fanotify_init=300, inotify_init=253, inotify_init1=294,
                         perf_event_open=298, modify_ldt=154).items():
    reachable(name, number, 0, 0, 0, 0, 0)
""",
            "handles": """
handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + bytes(128))
mount = ctypes.c_int()
reachable("name", 303, -100, b"/usr", handle, ctypes.byref(mount), 0)
for inode in (2, 3, 128):
    struct.pack_into("IiII", handle, 0, 8, 1, inode, 0)
    reachable("open", 304, os.open(".", os.O_RDONLY), handle, 0)
""",
            "keys and queues": """
reachable("add_key", 248, b"user", b"planted", b"x", 1, -4)
reachable("request_key", 249, b"user", b"@keyring_name@", 0, -4)
reachable("keyctl", 250, 0, -4, 0)
for name, number in dict(mq_open=240, mq_unlink=241, semget=64, shmget=29, msgget=68).items():
    reachable(name, number, 0, 0, 0, 0)
""",
            "a file in memory that runs": """
import shutil
for number in (319, 447):
    memory = call(number, b"planted", 0)
    print(memory, why())
    if memory >= 0 and number == 319:
        os.write(memory, open("/bin/true", "rb").read())
        if os.fork() == 0:
            empty = (ctypes.c_char_p * 1)()
            call(322, memory, b"", empty, empty, 0x1000)
            os._exit(9)
        print("@leak@" if os.waitstatus_to_exitcode(os.wait()[1]) == 0 else "")
""",
            "a terminal that types": """
import fcntl, pty
attempt(lambda: [fcntl.ioctl(n, 0x5412, b"x") for n in (0, 1, 2)])
attempt(lambda: fcntl.ioctl(os.open("/dev/tty", os.O_RDWR), 0x5412, b"x"))
""",
        },
        harmless_because=_POWER,
    ),
    *_calls(
        "powers",
        {
            "another user": """
for action in (os.setuid, os.setgid, os.seteuid, os.setegid):
    attempt(action, 0)
attempt(os.setresuid, 0, 0, 0)
attempt(os.setgroups, [0])
status = open("/proc/self/status").read()
effective = next(line for line in status.splitlines() if line.startswith("CapEff"))
print(effective, "" if int(effective.split()[1], 16) == 0 else "@leak@")
""",
            "capabilities": """
header = struct.pack("Ii", 0x20080522, 0)
print(call(126, header, struct.pack("6I", *[0xFFFFFFFF] * 6)), why())
for capability in range(41):
    if call(157, 47, 2, capability, 0, 0) == 0:
        print("@leak@")
""",
            "by prctl": """
call(157, 38, 0, 0, 0, 0)   # no new privileges: off
call(157, 22, 0, 0, 0, 0)   # seccomp: off
call(157, 28, 0, 0, 0, 0)   # secure bits: none
call(157, 4, 2, 0, 0, 0)    # dumpable by root
call(157, 35, 13, 0, 0, 0)  # another executable
call(317, 1, 0, 0)
status = open("/proc/self/status").read()
print("@leak@" if "NoNewPrivs:\\t0" in status or "Seccomp:\\t0" in status else "still held")
""",
            "programs of root": """
import glob, subprocess
for program in ("su", "mount", "passwd", "chsh", "newgrp", "sudo", "pkexec", "at"):
    try:
        ran = subprocess.run([f"/usr/bin/{program}", "-c", "touch @mark@"], capture_output=True,
                             stdin=subprocess.DEVNULL, timeout=2)
        print(program, ran.returncode)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(error)
""",
        },
        harmless_because=_POWER,
    ),
    *_calls(
        "another architecture",
        {
            "x32": 'print("@leak@" if call(0x40000000 | 39) > 0 else why())',
            "i386": """
import mmap
page = mmap.mmap(-1, 4096, prot=7)
page.write(bytes.fromhex("b814000000cd80c3"))   # getpid by the old interrupt
run = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
print("@leak@" if run() > 0 else "refused")
""",
        },
        harmless_because="not every system has it",
    ),
]
