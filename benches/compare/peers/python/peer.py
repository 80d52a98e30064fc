"""The official Python library, taking its turns: see src/children.rs."""

import json
import platform
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import requests
from pusher import Pusher
from pusher.requests import RequestsBackend
from pusher.version import VERSION


def say(answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


given = json.loads(sys.stdin.readline())


class ManyConnections(RequestsBackend):
    """Keeps as many connections as are used at once; by itself, it keeps 10."""

    def __init__(self, client, **options):
        super().__init__(client, **options)
        kept = given["at_once"]
        self.session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=kept))


pusher = Pusher(
    app_id=given["app_id"],
    key=given["key"],
    secret=given["secret"],
    host=given["host"],
    port=given["port"],
    ssl=False,
    backend=ManyConnections,
)


def answered(answer):
    if answer != {}:
        raise RuntimeError(f"the answer is {answer}")


def trigger():
    answered(pusher.trigger(given["channel"], given["event"], given["offer"]))


def large():
    answered(pusher.trigger(given["channels"], given["event"], given["catalogue"]))


def batch():
    name, data = given["event"], given["offer"]
    events = [{"channel": channel, "name": name, "data": data} for channel in given["channels"]]
    answered(pusher.trigger_batch(events))


threads = {
    "at_once": ThreadPoolExecutor(given["at_once"]),
    "bulk": ThreadPoolExecutor(given["bulk_in_flight"]),
}


def in_threads(work, times, call):
    calls = [threads[work].submit(call) for _ in range(times)]
    for done in calls:
        done.result()


def webhook():
    signed = given["webhook"]
    read = pusher.validate_webhook(given["key"], signed["signature"], signed["body"])
    if read is None:
        raise RuntimeError("it refuses the webhook")
    return read["events"]


once = {"trigger": trigger, "large": large, "batch": batch}
tokens = {
    "private_token": lambda: pusher.authenticate(given["private_channel"], given["socket_id"]),
    "presence_token": lambda: pusher.authenticate(
        given["presence_channel"], given["socket_id"], given["member"]
    ),
    "webhook": webhook,
}


def run(work, times):
    if work == "at_once":
        for _ in range(0, times, given["at_once"]):
            in_threads(work, given["at_once"], trigger)
    elif work == "bulk":
        in_threads(work, times, batch)
    else:
        call = once.get(work) or tokens[work]
        for _ in range(times):
            call()


def timed(work, warm_up, times):
    run(work, warm_up)
    cpu, wall = time.process_time_ns(), time.perf_counter_ns()
    run(work, times)
    wall, cpu = time.perf_counter_ns() - wall, time.process_time_ns() - cpu
    return {"wall": wall, "cpu": cpu}


say({"done": f"pusher {VERSION}, Python {platform.python_version()}"})
for line in sys.stdin:
    question = json.loads(line)
    try:
        if "sample" in question:
            say({"done": tokens[question["sample"]]()})
        else:
            say({"done": timed(**question)})
    except Exception as error:  # Whatever it is, the other side names it.
        say({"failed": f"{type(error).__name__}: {error}"})
