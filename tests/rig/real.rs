//! Runs the cases of the real layer, several at a time, and prints a table.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::cases::{Case, Cases, What, all};
use crate::compare::differences;
use crate::run::{Rig, drop_namespace, free, run};
use crate::special::SCENARIOS;
use crate::unit::Place;

/// Serves the repositories.
pub struct Daemon(Child);

impl Daemon {
    /// The program itself is started: of `git daemon` only the wrapper would be stopped.
    pub fn start(folder: &std::path::Path, gateway: &str) -> Daemon {
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

/// The rig that is up, standing in for these programs.
pub fn rig(gateway: &str, programs: BTreeSet<String>) -> Rig {
    Rig {
        api: crate::api::Api::start(),
        rules: crate::rules::Rules::new(programs),
        inbox: crate::inbox::Inbox::open(gateway),
        home: PathBuf::from(variable("RIG_HOME").unwrap()),
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[test]
#[ignore = "needs ../shared/rig: tests/rig/behaviour runs it"]
fn converted_pipelines_do_on_the_cluster_what_gocd_did() {
    let gateway = variable("RIG_GATEWAY").expect("source the rig's env.sh first");
    let folder = tempfile::tempdir().unwrap();
    let slice = variable("GOCD2ARGO_RIG").is_none_or(|word| word != "full");
    let wanted = variable("GOCD2ARGO_RIG_CASE");
    let Cases { units, mut cases, programs, left_out, corpus } =
        all(&Place { folder: folder.path(), gateway: &gateway }, slice && wanted.is_none());
    let count = cases.len();
    if let Some(wanted) = wanted {
        cases.retain(|case| case.title().contains(&wanted));
    }
    for (class, count) in &left_out {
        println!("not run  {count:4}  {class}");
    }
    println!("{corpus} pipelines of the corpus can run; {} of {count} cases", cases.len());
    let record = Record::open(variable("GOCD2ARGO_RIG_RECORD").map(PathBuf::from));
    let before = cases.len();
    cases.retain(|case| !record.agreed.contains(&case.title()));
    println!("{} of them have agreed before", before - cases.len());
    let _daemon = Daemon::start(folder.path(), &gateway);
    let rig = rig(&gateway, programs);
    let work = |case: &Case, namespace: &str| {
        let unit = &units[case.unit];
        match &case.what {
            What::Run(asked) => run(&rig, unit, namespace, asked).map(|left| differences(unit, asked, &left)),
            What::Special(number) => (SCENARIOS[*number].2)(&rig, unit, namespace),
        }
        .unwrap_or_else(|problem| vec![problem])
    };
    let results = run_all(&rig, &cases, &record, &work);
    assert!(table(&cases, &results), "not all agree");
}

/// The cases that have agreed, in a file: a run of hours may be stopped, and goes on from there.
struct Record {
    file: Option<PathBuf>,
    agreed: BTreeSet<String>,
}

impl Record {
    fn open(file: Option<PathBuf>) -> Record {
        let text = file.as_ref().and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
        Record { file, agreed: text.lines().map(String::from).collect() }
    }

    fn add(&self, case: &Case) {
        let Some(file) = &self.file else { return };
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file).unwrap();
        file.write_all(format!("{}\n", case.title()).as_bytes()).unwrap();
    }
}

/// A case that has been run: seconds, whether it agrees, and whether it took a second try.
type Result = Option<(f64, bool, bool)>;

/// Runs each case in a namespace of its own. When the time is up, no further case begins.
///
/// A case that disagrees is run once more: the rig is slow under load, and what is a difference stays one.
fn run_all(
    rig: &Rig,
    cases: &[Case],
    record: &Record,
    work: &(dyn Fn(&Case, &str) -> Vec<String> + Sync),
) -> Vec<Result> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Result>> = Mutex::new(vec![None; cases.len()]);
    let stamp = std::process::id();
    let number = |name: &str| variable(name).and_then(|text| text.parse::<u64>().ok());
    let seconds = number("GOCD2ARGO_RIG_SECONDS").unwrap_or(u64::MAX);
    let all = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..number("GOCD2ARGO_RIG_WORKERS").unwrap_or(4) {
            scope.spawn(|| {
                while all.elapsed().as_secs() < seconds {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(at) else { break };
                    let begin = Instant::now();
                    for again in [false, true] {
                        let namespace = format!("b{stamp}-{at}{}", if again { "-again" } else { "" });
                        let wrong = work(case, &namespace);
                        show(case, &namespace, begin.elapsed().as_secs_f64(), &wrong);
                        results.lock().unwrap()[at] =
                            Some((begin.elapsed().as_secs_f64(), wrong.is_empty(), again));
                        free(rig, &namespace);
                        if wrong.is_empty() {
                            record.add(case);
                            drop_namespace(rig, &namespace);
                            break;
                        }
                    }
                }
            });
        }
    });
    results.into_inner().unwrap()
}

fn show(case: &Case, namespace: &str, seconds: f64, wrong: &[String]) {
    match wrong {
        [] => println!("ok   {seconds:6.1} s  {}", case.title()),
        wrong => {
            let problems = wrong.join("\n  ");
            println!("FAIL {seconds:6.1} s  {} ({namespace})\n  {problems}", case.title());
        }
    }
}

/// Prints groups with their cases; gives whether all that have run agree.
fn table(cases: &[Case], results: &[Result]) -> bool {
    let mut groups = BTreeMap::<&str, (usize, usize, f64)>::new();
    for (case, result) in cases.iter().zip(results) {
        let Some((seconds, agrees, _)) = result else { continue };
        let group = groups.entry(case.group).or_default();
        group.0 += 1;
        group.1 += usize::from(*agrees);
        group.2 += seconds;
    }
    let run: Vec<_> = results.iter().flatten().collect();
    let agree = run.iter().filter(|(_, agrees, _)| *agrees).count();
    let again = run.iter().filter(|(_, agrees, again)| *agrees && *again).count();
    println!("{again} agree at the second try only; {} not run: the time was up", results.len() - run.len());
    println!("layer  group                                     cases  agree  seconds");
    for (name, (count, agree, seconds)) in &groups {
        println!("real   {name:40} {count:6} {agree:6} {seconds:8.0}");
    }
    println!("behaviour: real {agree} of {} agree", run.len());
    agree == run.len()
}
