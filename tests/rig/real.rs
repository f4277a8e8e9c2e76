//! Runs the cases of the real layer, several at a time, and prints a table.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::cases::{Case, Cases, What, all};
use crate::compare::differences;
use crate::run::{Rig, drop_namespace, run};
use crate::special::SCENARIOS;
use crate::unit::Place;

/// Serves the repositories.
struct Daemon(Child);

impl Daemon {
    /// The program itself is started: of `git daemon` only the wrapper would be stopped.
    fn start(folder: &std::path::Path, gateway: &str) -> Daemon {
        let path = Command::new("git").arg("--exec-path").output().unwrap();
        let program = PathBuf::from(String::from_utf8(path.stdout).unwrap().trim()).join("git-daemon");
        let child = Command::new(program)
            .args(["--export-all", "--reuseaddr", &format!("--listen={gateway}")])
            .arg(format!("--base-path={}", folder.display()))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn();
        Daemon(child.unwrap())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[test]
#[ignore = "needs ../shared/rig: tests/rig/behaviour runs it"]
fn converted_pipelines_do_on_the_cluster_what_gocd_did() {
    let home = PathBuf::from(variable("RIG_HOME").expect("source the rig's env.sh first"));
    let gateway = variable("RIG_GATEWAY").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let slice = variable("GOCD2ARGO_RIG").is_none_or(|word| word != "full");
    let wanted = variable("GOCD2ARGO_RIG_CASE");
    let Cases { units, mut cases, programs, left_out, corpus } =
        all(&Place { folder: folder.path(), gateway: &gateway }, slice && wanted.is_none());
    if let Some(wanted) = wanted {
        cases.retain(|case| format!("{}: {}", case.group, case.name).contains(&wanted));
    }
    for (class, count) in &left_out {
        println!("not run  {count:4}  {class}");
    }
    println!("{corpus} pipelines of the corpus can run; {} cases", cases.len());
    let _daemon = Daemon::start(folder.path(), &gateway);
    let rig = Rig {
        api: crate::api::Api::start(),
        rules: crate::rules::Rules::new(programs),
        inbox: crate::inbox::Inbox::open(&gateway),
        home,
    };
    let work = |case: &Case, namespace: &str| {
        let unit = &units[case.unit];
        match &case.what {
            What::Run(asked) => run(&rig, unit, namespace, asked).map(|left| differences(unit, asked, &left)),
            What::Special(number) => (SCENARIOS[*number].2)(&rig, unit, namespace),
        }
        .unwrap_or_else(|problem| vec![problem])
    };
    let results = run_all(&rig, &cases, &work);
    let agree = table(&cases, &results);
    assert_eq!(agree, cases.len(), "not all agree");
}

/// Runs each case in a namespace of its own; gives seconds and whether it agrees.
fn run_all(
    rig: &Rig,
    cases: &[Case],
    work: &(dyn Fn(&Case, &str) -> Vec<String> + Sync),
) -> Vec<(f64, bool)> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(vec![(0.0, false); cases.len()]);
    let stamp = std::process::id();
    let workers = variable("GOCD2ARGO_RIG_WORKERS").and_then(|text| text.parse().ok()).unwrap_or(6);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(at) else { break };
                    let namespace = format!("b{stamp}-{at}");
                    let begin = Instant::now();
                    let wrong = work(case, &namespace);
                    let seconds = begin.elapsed().as_secs_f64();
                    results.lock().unwrap()[at] = (seconds, wrong.is_empty());
                    if wrong.is_empty() {
                        println!("ok   {seconds:6.1} s  {}: {}", case.group, case.name);
                        drop_namespace(rig, &namespace);
                    } else {
                        let problems = wrong.join("\n  ");
                        println!(
                            "FAIL {seconds:6.1} s  {}: {} ({namespace})\n  {problems}",
                            case.group, case.name
                        );
                    }
                }
            });
        }
    });
    results.into_inner().unwrap()
}

/// Prints groups with their cases; gives how many agree.
fn table(cases: &[Case], results: &[(f64, bool)]) -> usize {
    let mut groups = BTreeMap::<&str, (usize, usize, f64)>::new();
    for (case, (seconds, agrees)) in cases.iter().zip(results) {
        let group = groups.entry(case.group).or_default();
        group.0 += 1;
        group.1 += usize::from(*agrees);
        group.2 += seconds;
    }
    println!("layer  group                       cases  agree  seconds");
    for (name, (count, agree, seconds)) in &groups {
        println!("real   {name:26} {count:6} {agree:6} {seconds:8.0}");
    }
    let agree = results.iter().filter(|(_, agrees)| *agrees).count();
    println!("behaviour: real {agree} of {} agree", results.len());
    agree
}
