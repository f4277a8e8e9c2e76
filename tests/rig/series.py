# series.py RULES METRICS NAMESPACE SECONDS: writes a test for promtool: what the controller exports of a namespace (METRICS, as scraped) goes
# through the rules of components/monitoring, and must become `catalog`'s success rate, 1, and completion time, SECONDS.
import re, sys, yaml
rules, metrics, namespace, seconds = sys.argv[1:5]
yaml.safe_dump(yaml.safe_load(open(rules))["spec"], open("rules.yaml", "w"))
found = [re.fullmatch(r"(argo_workflows_workflow_(?:result|completion|start|prepare)\S*?\{.*)\} (\S+)", line.strip()) for line in open(metrics)]
where = 'job="gocd-controller",instance="rig"'
# The controller is looked at for ten minutes, then come the runs.
series = [{"series": f"up{{{where}}}", "values": "1x60"}]
series += [{"series": f"{m[1]},{where}}}", "values": f"_x10 {float(m[2])}x50"} for m in found if m and f'workflow_namespace="{namespace}"' in m[1]]
ask = lambda expr: {"expr": expr, "eval_time": "30m", "exp_samples": [{"labels": "{}", "value": 1}]}
test = {"interval": "1m", "input_series": series, "promql_expr_test": [
    ask('sum(workflow_success_rate{pipeline="catalog"})'),
    ask(f'abs(sum(workflow_completion_time{{pipeline="catalog"}}) - {seconds}) < bool 0.001')]}
yaml.safe_dump({"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [test]}, open("test.yaml", "w"))
