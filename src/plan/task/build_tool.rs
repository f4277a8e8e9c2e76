//! `ant`, `nant` and `rake`: their command lines.

use super::super::Cx;
use super::super::script::{split, word, words};
use super::windows;
use crate::gocd::{Task, TaskKind};

/// The shell text of an `ant`, `nant` or `rake` task.
pub fn shell_text(task: &Task, cx: &mut Cx) -> String {
    let TaskKind::Build { tool, build_file, target, nant_path } = &task.kind.value else {
        return String::new();
    };
    let path = nant_path.as_ref().map(|path| path.value.as_str()).filter(|path| !path.is_empty());
    let mut argv = match path {
        Some(path) => vec![format!("{}/{tool}", path.trim_end_matches('/'))],
        None => vec![(*tool).to_string()],
    };
    if let Some(file) = build_file {
        match *tool {
            "nant" => argv.push(format!("-buildfile:{}", file.value)),
            _ => argv.extend(["-f".to_string(), file.value.clone()]),
        }
    }
    if let Some(target) = target {
        argv.extend(split(&target.value));
    }
    if argv.iter().any(|word| word.contains('\\')) {
        return windows(&argv, task.kind.place, cx);
    }
    let arguments = words(argv.iter().skip(1).map(String::as_str));
    match (*tool, argv.first()) {
        ("ant", _) => format!("gocd_ant {arguments}"),
        (_, Some(program)) => format!("exec {} {arguments}", word(program)),
        (_, None) => String::new(),
    }
}
