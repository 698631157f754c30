import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Runs Python in a process group of its own and ends the whole group as soon as standard input closes: because we
 * closed it, or because our process is gone, however it died. Ctrl-C on the terminal does not reach the group, so that
 * we end it in order. What they write is closed to other users. Telemetry and MLflow's job execution (8 more processes,
 * 500 MB) are off.
 */
const WATCHDOG = `
import os, signal, subprocess, sys, threading, time
os.umask(0o077)
for name in ('PYTHONPATH', 'PYTHONHOME'):
    os.environ.pop(name, None)
os.environ.update(MLFLOW_SERVER_ENABLE_JOB_EXECUTION='false', MLFLOW_DISABLE_TELEMETRY='true', DO_NOT_TRACK='true')
child = subprocess.Popen([sys.executable] + sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)

def send(number):
    try:
        os.killpg(child.pid, number)
        return True
    except ProcessLookupError:
        return False

def wait():
    code = child.wait()
    send(signal.SIGKILL)
    os._exit(code if 0 <= code < 256 else 1)

def end(*_):
    send(signal.SIGTERM)
    until = time.monotonic() + 5
    while send(0) and time.monotonic() < until:
        time.sleep(0.02)
    send(signal.SIGKILL)
    os._exit(0)

threading.Thread(target=wait, daemon=True).start()
signal.signal(signal.SIGTERM, end)
while os.read(0, 1024):
    pass
end()
`;

/**
 * Starts `python ARGS`; it and all its children end when the returned process's standard input is ended or this process
 * dies.
 */
export function spawnWatched(python: string, args: readonly string[], output: 'pipe' | number): ChildProcess {
  const child = spawn(python, ['-c', WATCHDOG, ...args], { stdio: ['pipe', output, output], detached: true });
  // The pipe breaks when Python ends first, which its exit tells already.
  child.stdin!.on('error', () => undefined);
  return child;
}
