//! A pod's file system and programs in a temporary folder.

use gocd2argo::plan::image::shell::Script;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Words of one request, the container's name first.
pub type Request = Vec<String>;

/// A pod's file system in a temporary folder.
pub struct Pod {
    root: tempfile::TempDir,
}

const TOOLS: &[&str] = &[
    "cat", "mkdir", "head", "readlink", "basename", "dirname", "tee", "grep", "env", "timeout", "bash", "sh",
    "chmod", "touch", "date", "true", "false", "sed",
];

impl Pod {
    pub fn new() -> Pod {
        let pod = Pod { root: tempfile::tempdir().unwrap() };
        for folder in ["workspace", "gocd", "gocd-lib", "bin"] {
            std::fs::create_dir(pod.path(folder)).unwrap();
        }
        std::fs::write(pod.path("workspace/Dockerfile"), "FROM scratch\n").unwrap();
        let record = "#!/bin/bash\nfor word; do printf '%s\\0' \"$word\"; done >> \"$LOG\"; printf '\\036\\0' >> \"$LOG\"\n\
            for word; do case $word in --image-name-with-digest-file=*) echo name@sha256:1 > \"${word#*=}\";; esac; done\n\
            exit ${KANIKO_STATUS:-0}\n";
        pod.program("gocd-lib/run-in.sh", record);
        pod.program("gocd-lib/needs-decision.sh", "#!/bin/bash\nexit 97\n");
        pod.program("bin/docker", "#!/bin/bash\ntouch \"$LOG.docker\"\n");
        pod.program("bin/git", "#!/bin/bash\ncase $1 in diff) echo docker/x;; *) echo abc123;; esac\n");
        for tool in TOOLS {
            let found = ["/bin", "/usr/bin"]
                .iter()
                .map(|folder| PathBuf::from(folder).join(tool))
                .find(|path| path.exists());
            std::os::unix::fs::symlink(found.unwrap(), pod.path("bin").join(tool)).unwrap();
        }
        let quiet = "command_not_found_handle() { return 0; }\ncd() { mkdir -p \"$1\"; builtin cd \"$1\"; }\n\
            pushd() { mkdir -p \"$1\"; builtin pushd \"$1\"; }\n";
        std::fs::write(pod.path("prelude"), quiet).unwrap();
        pod
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Paths of the pod as paths of the temporary folder.
    fn real(&self, text: &str) -> String {
        let root = self.root.path().display();
        text.replace("/gocd-lib/", &format!("{root}/gocd-lib/"))
            .replace("/workspace", &format!("{root}/workspace"))
            .replace("/gocd/", &format!("{root}/gocd/"))
    }

    /// Runs shell text; the exit status.
    pub fn run(&self, argv: &[String], directory: &str, variables: &BTreeMap<String, String>) -> i32 {
        let folder = self.path("workspace").join(directory);
        std::fs::create_dir_all(&folder).unwrap();
        for text in argv {
            // Scripts of the repository that the case does not have.
            for command in Script::read(text).commands {
                let word = command.words.first().and_then(|word| word.constant()).unwrap_or_default();
                if word.starts_with("./") {
                    self.program(&format!("workspace/{directory}/{word}"), "#!/bin/bash\n");
                }
            }
        }
        let argv: Vec<String> = argv.iter().map(|word| self.real(word)).collect();
        let mut command = Command::new("/bin/bash");
        // `sh` reads no prelude.
        let program = if matches!(argv[0].as_str(), "sh" | "bash" | "/bin/bash" | "/bin/sh") {
            "bash"
        } else {
            &argv[0]
        };
        command.arg("-c").arg("\"$@\"").arg("bash").arg(program).args(&argv[1..]);
        command.current_dir(&folder).env_clear().envs(variables).env("BASH_ENV", self.path("prelude"));
        command.env("PATH", self.path("bin")).env("LOG", self.path("log")).env("HOME", "/nowhere");
        for (name, value) in KNOWN {
            command.env(name, value);
        }
        let output = command.output().unwrap();
        output.status.code().unwrap_or(-1)
    }

    pub fn requests(&self) -> Vec<Request> {
        assert!(!self.path("log.docker").exists(), "docker was called");
        let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
        let words =
            |record: &str| record.split('\0').filter(|word| !word.is_empty()).map(str::to_string).collect();
        log.split('\u{1e}').map(words).filter(|words: &Request| !words.is_empty()).collect()
    }

    /// A path of the temporary folder below the working directory.
    pub fn below(&self, path: &str) -> String {
        let root = self.path("workspace");
        let path = Path::new(path);
        let path = path.strip_prefix(&root).unwrap_or(path).display().to_string();
        let path = path.trim_end_matches('/').to_string();
        if path.is_empty() { ".".to_string() } else { path }
    }
}

/// Variables that GoCD sets.
pub const KNOWN: &[(&str, &str)] = &[
    ("GO_PIPELINE_LABEL", "42"),
    ("GO_PIPELINE_COUNTER", "42"),
    ("GO_REVISION_CODE", "f00"),
    ("GO_MATERIAL_BRANCH_CODE", "main"),
    ("NPM_TOKEN", "geheim"),
];
