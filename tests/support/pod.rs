//! A temporary folder with the places that a pod has, and ways to run scripts in it. Each suite uses a part of it.

#![allow(dead_code, reason = "each suite uses a part of it")]

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The scripts under test.
pub const LIB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/runtime");
const KUBECTL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/runtime/kubectl");
/// What the scripts may use of an image; under busybox these are busybox's own.
const APPLETS: &str =
    "awk cat chmod cp cut find grep head mkdir mkfifo mktemp mv od rm sed sleep tail tee timeout tr wc";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shell(&'static [&'static str]);

impl Shell {
    const ALL: [Shell; 3] = [Shell(&["dash"]), Shell(&["bash"]), Shell(&["busybox", "sh"])];

    /// Runs a test under all shells at the same time: for tests that mostly wait.
    pub fn each(test: impl Fn(Shell) + Sync) {
        std::thread::scope(|scope| {
            for shell in Shell::all() {
                let test = &test;
                scope.spawn(move || test(shell));
            }
        });
    }

    /// The words that start it.
    pub fn words(self) -> String {
        self.0.join(" ")
    }

    /// The shells of this machine.
    pub fn all() -> Vec<Shell> {
        let there = |shell: &Shell| {
            let found = on_path(shell.0[0]);
            if !found {
                eprintln!("skipped: there is no {} here", shell.0[0]);
            }
            found
        };
        Shell::ALL.into_iter().filter(there).collect()
    }
}

/// The shells for the scripts of the tools image; none, with a notice, where its tools are missing.
pub fn tools_shells() -> Vec<Shell> {
    if has_tools() { Shell::all() } else { Vec::new() }
}

/// The shell of the tools image, busybox's, if there is one: for tests of rules that lie in jq more than in the shell.
pub fn tools_shell() -> Vec<Shell> {
    tools_shells().into_iter().rev().take(1).collect()
}

pub fn on_path(name: &str) -> bool {
    program(name).is_some()
}

/// The file of a program of this machine.
fn program(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// False, with a notice, where the tools of the tools image are missing.
fn has_tools() -> bool {
    ["git", "jq"].iter().all(|tool| {
        let found = on_path(tool);
        if !found {
            eprintln!("skipped: there is no {tool} here");
        }
        found
    })
}

pub struct Pod {
    dir: tempfile::TempDir,
    shell: Shell,
    env: Vec<(String, String)>,
}

/// What a script printed (both streams) and its exit status (`128 + signal` when killed).
#[derive(Debug)]
pub struct Ran {
    pub text: String,
    pub status: i32,
}

impl Pod {
    pub fn new(shell: Shell) -> Pod {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["workspace", "gocd", "kube", "bin", "home"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        fs::write(
            dir.path().join("home/.gitconfig"),
            "[user]\nname = n\nemail = n@example.com\n[init]\ndefaultBranch = main\n[protocol \"file\"]\nallow = always\n[uploadpack]\nallowFilter = true\n",
        )
        .unwrap();
        if shell.0[0] == "busybox" {
            let busybox = program("busybox").unwrap();
            for applet in APPLETS.split(' ') {
                symlink(&busybox, dir.path().join("bin").join(applet)).unwrap();
            }
        }
        Pod { dir, shell, env: Vec::new() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn program(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt;
        self.write(&format!("bin/{name}"), text);
        fs::set_permissions(self.path(&format!("bin/{name}")), fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        let bytes = fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.env.push((name.into(), value.into()));
    }

    /// Paths of all files below `name`, sorted, relative to it.
    pub fn files(&self, name: &str) -> Vec<String> {
        let root = self.path(name);
        let mut found: Vec<String> = walkdir::WalkDir::new(&root)
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| entry.path().strip_prefix(&root).unwrap().to_string_lossy().into_owned())
            .collect();
        found.sort();
        found
    }

    /// A command of the pod's shell, in its own process group as in a pod.
    fn command(&self, arguments: &[&str], env: &[(&str, &str)]) -> Command {
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        // The real one, whatever stands in for a program of that name in the pod.
        let mut command = Command::new(program(self.shell.0[0]).unwrap());
        command.args(&self.shell.0[1..]).args(arguments).current_dir(self.path("workspace")).process_group(0);
        command.env("PATH", &path).env("GOCD_SERVE_PATH", &path).env("HOME", self.path("home"));
        command.env("GOCD_WORKSPACE", self.path("workspace")).env("GOCD_DIR", self.path("gocd"));
        command.env("GOCD_LIB", LIB).env("GOCD_POLL", "0.1").env("KUBECTL", KUBECTL);
        command.env("KUBE_DIR", self.path("kube")).env("GOCD_SECRETS", self.path("secrets"));
        command.env("GOCD_TIMEOUT", "").env("GOCD_POLL_SECONDS", "0").stdin(Stdio::null());
        command.envs(self.env.iter().map(|(name, value)| (name, value))).envs(env.iter().copied());
        command
    }

    /// Starts a script; its output goes to the file `log`.
    pub fn start(&self, log: &str, arguments: &[&str], env: &[(&str, &str)]) -> Child {
        let file = fs::File::create(self.path(log)).unwrap();
        let mut command = self.command(arguments, env);
        command.stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap()
    }

    pub fn run(&self, arguments: &[&str], env: &[(&str, &str)]) -> Ran {
        let log = format!("log-{}", env.iter().map(|(_, value)| value.len()).sum::<usize>());
        let child = self.start(&log, arguments, env);
        self.end(child, &log)
    }

    /// Waits for the end, at most three minutes: the machine may be busy.
    pub fn end(&self, child: Child, log: &str) -> Ran {
        self.end_within(Duration::from_secs(180), child, log)
    }

    /// Waits for the end, at most so long.
    pub fn end_within(&self, limit: Duration, mut child: Child, log: &str) -> Ran {
        use std::os::unix::process::ExitStatusExt;
        let deadline = Instant::now() + limit;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > deadline {
                signal(&child, "-KILL", true);
                panic!("{:?} hangs: {}", self.shell, self.read(log));
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let text = String::from_utf8_lossy(&fs::read(self.path(log)).unwrap()).into_owned();
        // Some shells tell of a child that a signal has ended.
        let text = text.split_inclusive('\n').filter(|line| line.trim_end() != "Terminated").collect();
        Ran { text, status: status.code().unwrap_or_else(|| 128 + status.signal().unwrap()) }
    }

    /// Runs `body` as a job's script. The text is without the last line, in which every job says how it ended.
    pub fn job(&self, body: &str) -> Ran {
        self.write("job.sh", format!(". '{LIB}/lib.sh'\n{body}"));
        let mut ran = self.run(&[self.path("job.sh").to_str().unwrap()], &[]);
        let result = match ran.status {
            0 => "[gocd] job passed\n",
            1 => "[gocd] job failed\n",
            _ => return ran, // cancelled
        };
        let text = ran.text.strip_suffix(result).unwrap_or_else(|| panic!("no `{result}`: {}", ran.text));
        ran.text = text.to_owned();
        ran
    }

    pub fn start_job(&self, body: &str) -> Child {
        self.write("job.sh", format!(". '{LIB}/lib.sh'\n{body}"));
        self.start("job.log", &[self.path("job.sh").to_str().unwrap()], &[])
    }

    /// Runs one of the scripts of `templates/runtime`.
    pub fn script(&self, name: &str, arguments: &[&str], env: &[(&str, &str)]) -> Ran {
        let path = format!("{LIB}/{name}");
        self.run(&[&[path.as_str()], arguments].concat(), env)
    }

    /// Runs git in a folder and gives its output.
    pub fn git(&self, folder: &str, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(self.path(folder))
            .env("HOME", self.path("home"))
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Makes a bare repository `<name>.git` with a clone `<name>`; gives its URL.
    pub fn repository(&self, name: &str) -> String {
        fs::create_dir(self.path(name)).unwrap();
        self.git("", &["init", "-q", "--bare", &format!("{name}.git")]);
        self.git(name, &["init", "-q"]);
        let url = format!("file://{}", self.path(&format!("{name}.git")).display());
        self.git(name, &["remote", "add", "origin", &url]);
        url
    }

    /// Commits a file and pushes it to `branch`; gives the commit.
    pub fn commit(&self, name: &str, file: &str, branch: &str) -> String {
        self.write(&format!("{name}/{file}"), format!("{:?}", Instant::now()));
        self.git(name, &["add", "-A"]);
        self.git(name, &["commit", "-qm", file]);
        self.git(name, &["push", "-q", "origin", &format!("HEAD:{branch}")]);
        self.git(name, &["rev-parse", "HEAD"])
    }

    pub fn exists(&self, name: &str) -> bool {
        Path::exists(&self.path(name))
    }

    pub fn wait_for(&self, name: &str) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while !self.exists(name) {
            assert!(Instant::now() < deadline, "{:?}: {name} does not come", self.shell);
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Sends a signal to a process, or to its group, as Argo's executor does.
pub fn signal(child: &Child, name: &str, group: bool) {
    let target = format!("{}{}", if group { "-" } else { "" }, child.id());
    Command::new("kill").args([name, "--", &target]).status().unwrap();
}
