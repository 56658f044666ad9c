"""Runs the command `mlflow` in one process: serve.py server OPTIONS...

`mlflow server` checks its options, sets variables, and starts uvicorn as a child process. The child imports all of
MLflow again, and the parent only waits. Here the parent becomes the child: it runs the command with the variables that
MLflow chose. That saves half of the server's start and half of its memory (docs/decisions/0014).
"""

import os
import runpy
import sys

import mlflow.server
from mlflow.cli import cli

# Their modules read variables when they are imported, so they are imported again under the child's variables.
READ_VARIABLES = ("mlflow.server", "prometheus_client")


def become(command, extra_env, **_):
    """Run `python -m MODULE ARGUMENTS...` with further variables, in the place of this program."""
    python, option, module, *arguments = command
    if (python, option) != (sys.executable, "-m"):
        raise RuntimeError(f"mlflow starts {command}, which is not a module of this Python; start it without serve.py")
    os.environ.update(extra_env)
    for name in list(sys.modules):
        if name.startswith(READ_VARIABLES):
            del sys.modules[name]
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


mlflow.server._exec_cmd = become
cli()
