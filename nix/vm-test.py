import json

machine.wait_for_unit("servy.service")
machine.wait_for_open_port(8080)
machine.wait_for_open_port(8081)

with subtest("it is crawled"):
    machine.succeed("loadgen crawl http://127.0.0.1:8080/ > /tmp/paths.json")
    paths = json.loads(machine.succeed("cat /tmp/paths.json"))
    assert len(paths) >= 100, f"the demo site has more than {len(paths)} paths"
    assert paths == sorted(set(paths)), "paths are sorted and unique"

with subtest("it is loaded"):
    machine.succeed(
        "loadgen --vus 2 --duration 5s --host http://127.0.0.1:8080"
        " --paths /tmp/paths.json --report-dir /tmp/report"
    )
    metrics = json.loads(machine.succeed("cat /tmp/report/summary.json"))["metrics"]
    requests = metrics["http_reqs"]["values"]["count"]
    assert requests >= len(paths), f"only {requests} requests"
    assert metrics["http_req_failed"]["values"]["rate"] == 0, metrics["http_req_failed"]
    assert metrics["checks"]["values"]["rate"] == 1, metrics["checks"]

with subtest("it has counted what loadgen has"):
    lines = machine.succeed("curl --silent --fail http://127.0.0.1:8081/metrics").splitlines()
    served = next(line for line in lines if line.startswith("servy_requests_total "))
    assert int(served.split()[1]) >= requests, served

with subtest("it stops when it is told to"):
    machine.succeed("systemctl stop servy.service")
    machine.fail("curl --silent --fail http://127.0.0.1:8080/")
