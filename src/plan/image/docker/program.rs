//! Which program a word names.

/// The last part of a path.
pub fn base(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Build tools that lay a script of their own name into the repository, and what lies in environments of languages.
const LAID_IN: &[&str] = &["mvnw", "gradlew", "sbt", "bazelisk", "python", "python3", "node", "ruby", "rake"];

/// The program that a command's first word names. A script of the repository is not the tool whose name it has:
/// `./auto/yarn`, `ci/make`, `./docker`.
pub fn program(word: &str) -> &str {
    let name = base(word);
    if is_relative(word) && !LAID_IN.contains(&name) { word } else { name }
}

/// Does a command's first word name a shell?
pub fn is_shell(word: &str) -> bool {
    matches!(program(word), "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh")
}

/// Is it a path below the working directory?
pub fn is_relative(word: &str) -> bool {
    word.contains('/') && !word.starts_with(['/', '~', '-', '$'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_of_the_repository_is_not_the_tool_of_its_name() {
        for (word, name) in [
            ("yarn", "yarn"),
            ("/usr/bin/yarn", "yarn"),
            ("./auto/yarn", "./auto/yarn"),
            ("ci/make", "ci/make"),
            ("../docker", "../docker"),
            ("./gradlew", "gradlew"),
            ("venv/bin/python", "python"),
        ] {
            assert_eq!(program(word), name);
        }
    }
}
