# For workerd without wrangler. The bindings come from the shell's environment.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "api", worker = .api),
    # Also allow servers on this machine: by default, only public addresses are allowed.
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "api")],
);

const api :Workerd.Worker = (
  compatibilityDate = "2026-11-01",
  modules = [
    (name = "index.js", esModule = embed "build/index.js"),
    (name = "index_bg.wasm", wasm = embed "build/index_bg.wasm"),
  ],
  bindings = [
    (name = "PUSHER_URL", fromEnvironment = "PUSHER_URL"),
    (name = "PUSHER_ENCRYPTION_MASTER_KEY_BASE64", fromEnvironment = "PUSHER_ENCRYPTION_MASTER_KEY_BASE64"),
    (name = "SESSION_SECRET", fromEnvironment = "SESSION_SECRET"),
  ],
);
