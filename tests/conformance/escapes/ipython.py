"""Ways out by IPython and by the kernel's own machinery."""

from __future__ import annotations

from tests.conformance.escapes.case import Case, attacks

_INSIDE = "it deceives nobody but its own session"
# Where the host would be, a cell finds only its own kernel.
_KERNEL = """
kernel = get_ipython().kernel
session, parent = kernel.session, kernel.get_parent()
def send(socket, kind, content, about=parent, **options):
    session.send(socket, kind, content, about, **options)
"""

CASES: list[Case] = [
    *attacks(
        "clearing hooks",
        {
            "transformers": """
                shell = get_ipython()
                shell.ast_transformers.clear()
                shell.input_transformers_cleanup.clear()
                shell.input_transformers_post.clear()
                # %%
                import os, subprocess
                subprocess.run(["touch", "@mark@-by-a-program"])
                @harm@
                """,
            "a transformer that refuses": """
                import ast
                class Breaks(ast.NodeTransformer):
                    def visit(self, node):
                        raise RuntimeError
                get_ipython().ast_transformers.append(Breaks())
                # %%
                import os, subprocess
                subprocess.run(["touch", "@mark@-by-a-program"])
                @harm@
                """,
            "the class's own": """
                from IPython.core.interactiveshell import InteractiveShell
                type(get_ipython()).transform_ast = InteractiveShell.transform_ast
                # %%
                import os, subprocess
                subprocess.run(["touch", "@mark@-by-a-program"])
                @harm@
                """,
            "a transformer that adds": """
                import ast
                class Adds(ast.NodeTransformer):
                    def visit_Constant(self, node):
                        return ast.parse("__import__('os').system('touch @mark@')").body[0].value
                get_ipython().ast_transformers.append(Adds())
                # %%
                1
                # %%
                get_ipython().ast_transformers.clear()
                """,
            "events": """
                def planted(*_):
                    __import__("os").system("touch @mark@")
                for event in ("pre_execute", "pre_run_cell", "post_execute", "post_run_cell"):
                    get_ipython().events.register(event, planted)
                # %%
                1
                """,
            "formatters": """
                plain = get_ipython().display_formatter.formatters["text/plain"]
                plain.for_type(int, lambda *_: __import__("os").system("touch @mark@"))
                # %%
                1
                """,
            "the display hook": """
                hook = type(get_ipython().displayhook)
                hook.__call__ = lambda self, value=None: __import__("os").system("touch @mark@")
                # %%
                1
                """,
        },
        spoils=True,
    ),
    *attacks(
        "shown objects",
        {
            "_repr_html_": """
                class Shown:
                    def _repr_html_(self):
                        __import__("os").system("touch @mark@")
                Shown()
                """,
            "__repr__": """
                class Shown:
                    def __repr__(self):
                        return open("@readable@").read()
                Shown()
                """,
            "_ipython_display_": """
                class Shown:
                    def _ipython_display_(self):
                        __import__("os").system("touch @mark@")
                Shown()
                """,
            "_repr_mimebundle_": """
                class Shown:
                    def _repr_mimebundle_(self, **options):
                        return {"text/plain": open("@secret@").read()}
                display(Shown())
                """,
            "an exception's text": """
                class Shown(Exception):
                    def __str__(self):
                        __import__("os").system("touch @mark@")
                        return "shown"
                raise Shown
                """,
            "an exception's traceback": """
                class Shown(Exception):
                    def _render_traceback_(self):
                        __import__("os").system("touch @mark@")
                        return []
                raise Shown
                """,
            "a custom handler": """
                def handler(shell, kind, value, trace, tb_offset=None):
                    __import__("os").system("touch @mark@")
                get_ipython().set_custom_exc((ValueError,), handler)
                # %%
                raise ValueError
                # %%
                get_ipython().set_custom_exc((), None)
                """,
        },
    ),
    *attacks(
        "shown to the host",
        {
            "its shape": """
                class Shown:
                    shape = property(lambda self: __import__("os").system("touch @mark@"))
                    __len__ = lambda self: 1 << 62
                    __class__ = property(lambda self: __import__("pandas").DataFrame)
                shown = Shown()
                """,
            "its name": 'globals()["shown\\x1b[2J\\n" * 1000] = 1',
        },
        pulled=("shown",),
        harmless_because="the host only asks; the object answers inside",
    ),
    *attacks(
        "files that run later",
        {
            "startup files": """
                import os
                for folder in (".", os.path.expanduser("~"), "@home@"):
                    try:
                        place = f"{folder}/.ipython/profile_default/startup"
                        os.makedirs(place, exist_ok=True)
                        open(f"{place}/00.py", "w").write("open('@mark@', 'w'); late = 1")
                    except OSError:
                        pass
                # %% restart
                assert "late" not in globals(), "@leak@"
                """,
            "profiles in the working directory": """
                for name in ("ipython_config.py", "ipykernel_config.py", "profile_default.py",
                             "jupyter_config.py", "ipython_kernel_config.py"):
                    open(name, "w").write("import builtins; builtins.late = open('@mark@', 'w')")
                # %% restart
                import builtins
                assert not hasattr(builtins, "late"), "@leak@"
                """,
            "autoreload": """
                import os
                open("reloaded.py", "w").write("x = 1")
                %load_ext autoreload
                %autoreload 2
                import reloaded
                # %%
                open("reloaded.py", "w").write("open('@mark@', 'w')")
                os.utime("reloaded.py", (9_999_999_999,) * 2)
                # %%
                reloaded.x
                # %%
                %autoreload 0
                """,
            "modules of the library's name": """
                for name in ("json", "ast", "IPython", "zmq", "encodings", "sitecustomize", "re"):
                    open(f"{name}.py", "w").write("import builtins; builtins.late = 1")
                # %% restart
                import builtins
                assert not hasattr(builtins, "late"), "@leak@"
                """,
        },
        harmless_because="without walls it waits for the next start",
    ),
    *attacks(
        "another kernel's connection",
        {
            "connection files": """
                import glob, os
                for pattern in ("@home@/.local/share/jupyter/runtime/*.json",
                                "/run/user/*/jupyter/*", "/tmp/*/kernel*.json",
                                "/tmp/agent-*", "/tmp/agent-*/*"):
                    for path in glob.glob(pattern):
                        try: print(path, open(path).read())
                        except OSError as error: print(error)
                print("tried")
                """,
            "its arguments": """
                import glob
                for path in glob.glob("/proc/[0-9]*/cmdline"):
                    for name in ("cmdline", "environ"):
                        try: print(open(path.replace("cmdline", name)).read())
                        except OSError: pass
                print("tried")
                """,
        },
    ),
    *attacks(
        "another kernel's sockets",
        {
            "by their path": """
                import socket
                for port in range(1, 6):
                    try:
                        with socket.socket(socket.AF_UNIX) as other:
                            other.connect(f"@sibling_sockets@-{port}")
                            print("@leak@")
                    except OSError as error:
                        print(error)
                print("tried")
                """,
            "by the library": """
                import zmq
                with zmq.Context() as context, context.socket(zmq.DEALER) as other:
                    other.linger, other.immediate = 0, 1
                    other.connect("ipc://@sibling_sockets@-1")
                    print("@leak@" if other.poll(50, zmq.POLLOUT) else "nothing")
                print("tried")
                """,
        },
        harmless_because="its session has one kernel",
    ),
    *attacks(
        "forged messages",
        {
            "a reply before its time": f"""{_KERNEL}
shell = kernel.shell_stream.socket
send(shell, "execute_reply", {{"status": "ok", "agent": {{"names": ["forged"] * 10}}}})
send(kernel.iopub_socket, "status", {{"execution_state": "idle"}})
print("tried")
""",
            "answers to no question": f"""{_KERNEL}
for kind in ("agent_reply", "kernel_info_reply", "shutdown_reply", "input_request", "comm_open",
             "comm_msg", "clear_output", "approval", "execute_input"):
    for content in ({{}}, {{"status": "ok", "answer": {{"approved": True}}}}, {{"restart": True}}):
        send(kernel.iopub_socket, kind, content)
        send(kernel.shell_stream.socket, kind, content, {{"header": {{"msg_id": "x"}}}})
print("tried")
""",
            "of no shape": f"""{_KERNEL}
for parts in ([b""], [b"x"] * 3, [b"<IDS|MSG>"], [b"<IDS|MSG>", b"", b"[]", b"{{}}", b"1", b"2"],
              [b"\\xff" * 1000] * 50, [b"<IDS|MSG>"] + [b"[" * 100_000] * 5):
    kernel.iopub_socket.send_multipart(parts)
print("tried")
""",
            "with content of no shape": f"""{_KERNEL}
deep = inner = []
for _ in range(500):
    inner.append([])
    inner = inner[0]
for content in ({{"name": 1, "text": deep}}, {{"data": 7}}, {{"data": {{"a/b": deep}}}},
                {{"execution_state": deep}}, {{"traceback": 5, "ename": deep}}, {{}}):
    for kind in ("stream", "display_data", "execute_result", "error", "status", "execute_reply",
                 "update_display_data"):
        send(kernel.iopub_socket, kind, content)
print("tried")
""",
            "an input request": f"""{_KERNEL}
kernel.stdin_socket.send_multipart([b"x", b"y"])
send(kernel.stdin_socket, "input_request", {{"prompt": "Approve?", "password": True}})
try:
    input("Approve? ")
except Exception as error:
    print(type(error).__name__)
print("tried")
""",
            "on behalf of the control channel": f"""{_KERNEL}
send(kernel.control_stream.socket, "shutdown_reply", {{"status": "ok", "restart": False}})
send(kernel.control_stream.socket, "interrupt_reply", {{"status": "ok"}})
print("tried")
""",
        },
        harmless_because=_INSIDE,
    ),
    *attacks(
        "wrong signatures",
        {
            "another key": f"""{_KERNEL}
import hmac
session.auth = hmac.HMAC(b"wrong", digestmod="sha256")
forged = {{"text": "forged", "name": "stdout", "execution_state": "idle"}}
for kind in ("stream", "status", "execute_reply"):
    send(kernel.iopub_socket, kind, forged)
print("tried")
session.auth = hmac.HMAC(session.key, digestmod="sha256")
""",
            "none at all": f"""{_KERNEL}
auth, session.auth = session.auth, None
send(kernel.iopub_socket, "status", {{"execution_state": "idle"}})
session.auth = auth
print("tried")
""",
        },
        harmless_because=_INSIDE,
        spoils=True,
    ),
    *attacks(
        "a crash without guards",
        {
            "an exit": "import os; os._exit(3)\n# %%\nimport os\n@harm@",
            "a signal": "import os; os.kill(os.getpid(), 11)\n# %%\nimport os\n@harm@",
            "a bad pointer": """
                import gc
                code = (lambda: 0).__code__
                eval(code.replace(co_code=b"\\x64\\xff" * 64 + code.co_code, co_consts=()))
                # %%
                import os
                @harm@
                """,
            "a restart": "import os\n# %% restart\nimport os\n@harm@",
        },
    ),
]
