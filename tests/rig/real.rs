//! The cases of the real layer, run several at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::compare::differences;
use crate::run::{Asked, Rig, drop_namespace, run};
use crate::unit::{Place, Unit, units};
use crate::{corpus, sets};

struct Case {
    group: &'static str,
    unit: usize,
    asked: Asked,
    name: String,
}

/// Serves the repositories.
struct Daemon(Child);

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
    let place = Place { folder: folder.path(), gateway: &gateway };
    let mut all = Vec::new();
    let mut programs = BTreeSet::new();
    let mut classes = BTreeMap::<String, usize>::new();
    for (name, files) in sets::sets().unwrap_or_default() {
        let reading = gocd2argo::passes::read(&files).unwrap();
        let refused = reading.configuration.pipelines.iter().filter(|pipeline| pipeline.refused).count();
        *classes.entry("GoCD refuses it".into()).or_default() += refused;
        let (units, names) = units(&name, reading, &place).unwrap();
        programs.extend(names);
        for unit in units {
            match corpus::left_out(&unit) {
                Some(class) => *classes.entry(class).or_default() += 1,
                None => all.push(unit),
            }
        }
    }
    for (class, count) in &classes {
        println!("not run: {count:4}  {class}");
    }
    println!("run: {} pipelines", all.len());
    // The program itself: of `git daemon` only the wrapper would be stopped.
    let path = Command::new("git").arg("--exec-path").output().unwrap();
    let daemon =
        Command::new(PathBuf::from(String::from_utf8(path.stdout).unwrap().trim()).join("git-daemon"))
            .args(["--export-all", "--reuseaddr", "--informative-errors", &format!("--listen={gateway}")])
            .arg(format!("--base-path={}", folder.path().display()))
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
    let _daemon = Daemon(daemon);
    let rig = Rig {
        api: crate::api::Api::start(),
        rules: crate::rules::Rules::new(programs),
        inbox: crate::inbox::Inbox::open(&gateway),
        home,
    };
    let mut cases = Vec::new();
    for (at, unit) in all.iter().enumerate() {
        cases.push(Case {
            group: "corpus",
            unit: at,
            asked: Asked::default(),
            name: format!("{} {}", unit.set.name, unit.pipeline),
        });
    }
    if let Some(wanted) = variable("GOCD2ARGO_RIG_CASE") {
        cases.retain(|case| case.name.contains(&wanted));
    }
    if let Some(most) = variable("GOCD2ARGO_RIG_MOST") {
        cases.truncate(most.parse().unwrap());
    }
    let wrong = run_all(&rig, &all, &cases);
    println!("behaviour: real {} of {} agree", cases.len() - wrong.len(), cases.len());
    assert!(wrong.is_empty());
}

fn run_all(rig: &Rig, units: &[Unit], cases: &[Case]) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let stamp = std::process::id();
    let workers = variable("GOCD2ARGO_RIG_WORKERS").and_then(|text| text.parse().ok()).unwrap_or(4);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(at) else { break };
                    let namespace = format!("b{stamp}-{at}");
                    let begin = Instant::now();
                    let found = match run(rig, &units[case.unit], &namespace, &case.asked) {
                        Ok(left) => differences(&units[case.unit], &case.asked, &left),
                        Err(problem) => vec![problem],
                    };
                    let seconds = begin.elapsed().as_secs_f64();
                    let word = if found.is_empty() { "ok  " } else { "FAIL" };
                    println!(
                        "{word} {:7.1}s {namespace} {} {} {:?}",
                        seconds, case.group, case.name, case.asked.fail
                    );
                    if !found.is_empty() {
                        println!("  {}", found.join("\n  "));
                        wrong.lock().unwrap().push(case.name.clone());
                    } else {
                        drop_namespace(rig, &namespace);
                    }
                }
            });
        }
    });
    wrong.into_inner().unwrap()
}
