//! What a recorder sees of a task.

use gocd2argo::reference::Action;

/// The words that a stand-in is called with. A script reaches its interpreter through a here-document, which ends with a line
/// feed.
pub fn words(action: &Action) -> Vec<String> {
    match action {
        Action::Exec { words } => words.clone(),
        Action::Script { text, interpreter } => {
            let program = interpreter.rsplit([' ', '/']).next().unwrap().to_string();
            let end = if text.ends_with('\n') || text.is_empty() { "" } else { "\n" };
            vec![program, format!("{text}{end}")]
        }
        _ => Vec::new(),
    }
}
