#!/usr/bin/env python3
"""What real agents start for command tasks in these tests: runs the command, tells its fate, kills it when told to, and
finds the agent again after that was restarted."""
import base64, http.client, json, os, signal, subprocess, sys, threading, time, uuid

host, port = os.environ["MESOS_AGENT_ENDPOINT"].rsplit(":", 1)
path = "/" + os.environ["MESOS_SLAVE_PID"].split("@")[0] + "/api/v1/executor"
framework = {"value": os.environ["MESOS_FRAMEWORK_ID"]}
executor = {"value": os.environ["MESOS_EXECUTOR_ID"]}
json_headers = {"Content-Type": "application/json", "Accept": "application/json"}
PATIENCE = 30
killed = False
process = None
tasks, updates = {}, {}


def post(message):
    message.update(framework_id=framework, executor_id=executor)
    connection = http.client.HTTPConnection(host, int(port))
    connection.request("POST", path, json.dumps(message), json_headers)
    connection.getresponse().read()


def update(task_id, state, message=""):
    status = {"task_id": task_id, "source": "SOURCE_EXECUTOR", "executor_id": executor, "state": state, "message": message,
              "timestamp": time.time(), "uuid": base64.b64encode(uuid.uuid4().bytes).decode()}
    updates[status["uuid"]] = {"status": status}
    try:
        post({"type": "UPDATE", "update": {"status": status}})
    except OSError:
        pass  # It is told again with the next subscription.


def run(task):
    global process
    command = task["command"]
    env = dict(os.environ)
    for variable in command.get("environment", {}).get("variables", []):
        env[variable["name"]] = variable.get("value", "")
    argv = ["/bin/sh", "-c", command["value"]] if command.get("shell", True) else command["arguments"]
    process = subprocess.Popen(argv, env=env, start_new_session=True)
    update(task["task_id"], "TASK_RUNNING")
    code = process.wait()
    state = "TASK_KILLED" if killed else "TASK_FINISHED" if code == 0 else "TASK_FAILED"
    update(task["task_id"], state, f"Command exited with status {code}")
    time.sleep(1)
    os._exit(0)


def end():
    global killed
    killed = True
    if process:
        os.killpg(process.pid, signal.SIGKILL)


def handle(event):
    if event["type"] == "LAUNCH":
        task = event["launch"]["task"]
        tasks[task["task_id"]["value"]] = task
        threading.Thread(target=run, args=(task,), daemon=True).start()
    elif event["type"] == "ACKNOWLEDGED":
        updates.pop(event["acknowledged"]["uuid"], None)
        tasks.pop(event["acknowledged"]["task_id"]["value"], None)
    elif event["type"] == "KILL":
        end()
    elif event["type"] == "SHUTDOWN":
        end()
        os._exit(0)


def listen():
    connection = http.client.HTTPConnection(host, int(port))
    subscribe = {"type": "SUBSCRIBE", "framework_id": framework, "executor_id": executor, "subscribe": {
        "unacknowledged_tasks": list(tasks.values()), "unacknowledged_updates": list(updates.values())}}
    connection.request("POST", path, json.dumps(subscribe), json_headers)
    response = connection.getresponse()
    buffer = b""
    while response.status == 200:
        data = response.read1(65536)
        if not data:
            return
        buffer += data
        while b"\n" in buffer:
            length, rest = buffer.split(b"\n", 1)
            if len(rest) < int(length):
                break
            handle(json.loads(rest[:int(length)]))
            buffer = rest[int(length):]


lost = None
while lost is None or time.time() - lost < PATIENCE:
    before = time.time()
    try:
        listen()
    except (OSError, http.client.HTTPException):
        pass
    if lost is None or time.time() - before > 2:
        lost = time.time()
    time.sleep(0.2)
end()
