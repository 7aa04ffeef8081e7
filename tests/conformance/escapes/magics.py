"""Ways out by every spelling of a magic or of a shell escape."""

from __future__ import annotations

from tests.conformance.escapes.case import Case, attacks

CASES: list[Case] = [
    *attacks(
        "shell escapes",
        {
            "a bang": "!touch @mark@",
            "two bangs": "!!touch @mark@",
            "captured": "found = !cat @secret@\nprint(found)",
            "in a block": "if True:\n    !touch @mark@",
            "with a value": "path = '@mark@'\n!touch {path} $path",
            "%sx": "%sx touch @mark@",
            "%system": "%system touch @mark@",
            "%sc": "%sc -l found=cat @secret@\nprint(found)",
            "%%bash": "%%bash\ntouch @mark@",
            "%%sh": "%%sh\ncat @secret@",
            "%%script": "%%script bash\ntouch @mark@",
            "%%script in the background": """
                %%script --bg bash
                touch @mark@
                # %%
                import time
                time.sleep(0.1)
                """,
            "%%perl": '%%perl\nopen(F, ">", "@mark@");',
            "%%python": '%%python3\nopen("@mark@", "w")',
            "an alias": "%alias planted touch @mark@\n%planted",
            "an alias of IPython's": "%cat @secret@",
            "automagic": "cat @secret@",
            "the method": 'get_ipython().system("touch @mark@")',
            "the method under another name": """
                shell = get_ipython()
                run = getattr(shell, "sys" + "tem_raw")
                run("touch @mark@")
                """,
            "a magic by its method": """
                run = get_ipython().run_line_magic
                run("s" + "x", "touch @mark@")
                """,
            "a magic by the manager": """
                find = get_ipython().magics_manager.magics["line"]
                find["sx"]("touch @mark@")
                """,
            "utilities": """
                from IPython.utils.process import getoutput
                print(getoutput("cat @secret@"))
                """,
        },
        after="",
    ),
    *attacks(
        "autocall",
        {
            "a slash": "planted = lambda: open('@mark@', 'w')\n# %%\n/planted",
            "a comma": ",open @mark@ w",
            "a semicolon": "from os import system as planted\n# %%\n;planted touch @mark@",
            "%autocall": """
                %autocall 2
                from os import system
                # %%
                system 'touch @mark@'
                # %%
                %autocall 0
                """,
            "a macro": "import os\n%macro planted 0\nget_ipython().run_cell('!touch @mark@')",
        },
    ),
    *attacks(
        "bodies as strings",
        {
            "%%capture": "%%capture\n!touch @mark@",
            "%%time": "%%time\n!touch @mark@",
            "%%timeit": "%%timeit -n1 -r1\nget_ipython().system('touch @mark@')",
            "%%prun": "%%prun -q\nget_ipython().system('touch @mark@')",
            "%%time in %%capture": "%%capture\n%%time\n!touch @mark@",
            "%time": "%time __import__('os').system('touch @mark@')",
            "run_cell": 'get_ipython().run_cell("%%bash\\ntouch @mark@")',
            "run_cell_magic": 'get_ipython().run_cell_magic("ba" + "sh", "", "touch @mark@")',
            "user expressions": """
                shell = get_ipython()
                shell.user_expressions({"x": "__import__('os').system('touch @mark@')"})
                """,
        },
    ),
    *attacks(
        "files by magics",
        {
            "%%writefile": "%%writefile @mark@\nx",
            "%%file": "%%file -a @mark@\nx",
            "%run": "%run @outside@/program.py",
            "%save": "x = 1\n# %%\n%save -f @mark@ 1-2",
            "%logstart": "%logstart @mark@\n# %%\n%logstop",
            "%history": "%history -f @mark@",
            "%prun": "%prun -q -D @mark@ 1 + 1",
        },
    ),
    *attacks(
        "files by magics that need more",
        {
            "%rehashx": "%rehashx\n%touch @mark@",
            "%pycat": "%pycat @secret@",
            "%load": "%load @secret@",
            "%notebook": "x = 1\n# %%\n%notebook @mark@.ipynb",
            "%cd": "%cd @outside@\n%ls\nopen('marks/mark', 'w')",
            "%cd in silence": "%cd -q @outside@\nprint(open('secret.txt').read())",
            "%store": "x = 1\n%store x > @mark@",
            "%edit": "%edit -x @mark@",
            "%pip": "%pip install --target @mark@ nothing",
            "%conda": "%conda create -p @mark@",
            "%connect_info": "%connect_info",
            "%%javascript": "%%javascript\nrequire('child_process').exec('touch @mark@')",
            "%load_ext": """
                open("planted.py", "w").write("open('@mark@', 'w')")
                %load_ext planted
                """,
        },
        harmless_because="a front end, history or a home of IPython's may not be there",
    ),
]
