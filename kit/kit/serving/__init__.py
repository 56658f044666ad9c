"""Serves one pinned model version over HTTP. A trainer gives a `Trainer` to `startup.main`."""
