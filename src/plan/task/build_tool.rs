//! `ant`, `nant` and `rake`: their command lines.

use super::super::Cx;
use super::super::script::{word, words};
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
        argv.extend(target_words(&target.value));
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

/// GoCD splits a target at blanks, except between quotes of either kind, which it takes off.
fn target_words(target: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let (mut open, mut inside) = (None, false);
    for c in target.chars() {
        if open == Some(c) {
            open = None;
        } else if open.is_none() && c.is_whitespace() {
            inside = false;
        } else {
            if !inside {
                found.push(String::new());
                inside = true;
            }
            match found.last_mut() {
                Some(word) if open.is_some() || !matches!(c, '"' | '\'') => word.push(c),
                _ => open = Some(c),
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::target_words;

    #[test]
    fn a_target_is_split_at_blanks_outside_quotes() {
        assert_eq!(target_words("clean  'a \" b' -Dx=\"1  2\" ''"), ["clean", "a \" b", "-Dx=1  2", ""]);
    }
}
