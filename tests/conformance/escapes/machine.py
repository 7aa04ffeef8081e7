"""Ways to the machine itself: namespaces, mounts, powers, and calls that open its kernel."""

from __future__ import annotations

from tests.conformance.escapes.case import Case, raw_calls

_POWER = "an ordinary user lacks the power for it anyway"

CASES: list[Case] = [
    *raw_calls(
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
    *raw_calls(
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
    *raw_calls(
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
    *raw_calls(
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
