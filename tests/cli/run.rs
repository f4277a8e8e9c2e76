//! A folder with files, a call of the program in it, and what is expected of the call.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_gocd2argo");

/// A GoCD file with one sound pipeline `app`.
pub const APP: &str = "\
format_version: 10
pipelines:
  app:
    group: apps
    materials: {code: {git: \"https://git.example.com/acme/app.git\"}}
    stages: [build: {elastic_profile_id: go-1.21, tasks: [exec: {command: make}]}]
";

/// [`APP`] under another name.
pub fn app(name: &str) -> String {
    APP.replace("  app:", &format!("  {name}:"))
}

/// A temporary folder that calls are made in.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    /// A folder with `repo/app.gocd.yaml`.
    pub fn with_app() -> Folder {
        Folder::new().with("repo/app.gocd.yaml", APP)
    }

    pub fn with(self, path: &str, content: impl AsRef<[u8]>) -> Folder {
        self.put(path, content);
        self
    }

    pub fn put(&self, path: &str, content: impl AsRef<[u8]>) {
        let file = self.path(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
    }

    pub fn path(&self, path: &str) -> PathBuf {
        if path.is_empty() { self.0.path().to_path_buf() } else { self.0.path().join(path) }
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn has(&self, path: &str) -> bool {
        self.path(path).symlink_metadata().is_ok()
    }

    /// Everything below a folder: content of files, targets of links; folders are empty texts.
    pub fn tree(&self, path: &str) -> BTreeMap<String, Vec<u8>> {
        let root = self.path(path);
        let entries = walkdir::WalkDir::new(&root).into_iter().filter_map(Result::ok);
        let content = |path: &Path| match fs::read_link(path) {
            Ok(target) => target.into_os_string().into_encoded_bytes(),
            Err(_) => fs::read(path).unwrap_or_default(),
        };
        let name = |path: &Path| path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        entries.map(|entry| (name(entry.path()), content(entry.path()))).collect()
    }

    /// A call that is not made yet, in this folder or one below it.
    pub fn command(&self, below: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).current_dir(self.path(below)).stdin(Stdio::null());
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "RUST_BACKTRACE", "RUST_LIB_BACKTRACE"] {
            command.env_remove(name);
        }
        command
    }

    /// Makes a call in this folder.
    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command("", arguments))
    }

    /// Makes a call that is an error, and shows that it changed nothing in this folder.
    pub fn fails(&self, arguments: &[&str]) -> Run {
        let before = self.tree("");
        let run = self.run(arguments).exits(2);
        assert_eq!(self.tree(""), before, "something was written");
        run
    }
}

/// What came of a call.
pub struct Run {
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn of(mut command: Command) -> Run {
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).expect("output that is not UTF-8");
        let run =
            Run { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
        assert!(!run.stderr.contains("panicked at"), "{}", run.stderr);
        run
    }

    #[track_caller]
    pub fn exits(self, status: i32) -> Run {
        assert_eq!(self.status, Some(status), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// stdout has this in it.
    #[track_caller]
    pub fn prints(self, text: &str) -> Run {
        assert!(
            self.stdout.contains(text),
            "`{text}` is not in stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// stderr has this in it.
    #[track_caller]
    pub fn says(self, text: &str) -> Run {
        assert!(self.stderr.contains(text), "`{text}` is not in stderr:\n{}", self.stderr);
        self
    }

    /// Neither has this in it.
    #[track_caller]
    pub fn never(self, text: &str) -> Run {
        assert!(!self.stdout.contains(text), "`{text}` is in stdout:\n{}", self.stdout);
        assert!(!self.stderr.contains(text), "`{text}` is in stderr:\n{}", self.stderr);
        self
    }

    /// stdout is empty.
    #[track_caller]
    pub fn prints_nothing(self) -> Run {
        assert_eq!(self.stdout, "");
        self
    }
}
