//! What a push tells the run it starts: parameter `cause`, JSON for the first step and for people.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | material, repository, branch | members `material`, `repository`, `branch`: fixed | yes |
//! | revision, who pushed, author, message | members `revision`, `user`, `author`, `message`: from the event, as far as the host tells | harmless characters only |
//!
//! The first step decides what is built; this only says who poked. What a parameter holds is a template to Argo, so only
//! characters that mean nothing to it, to Kubernetes and to a shell are let through.

use super::description::Material;
use super::provider::Facts;

/// Characters that are taken over from an event.
const HARMLESS: &str = "[^A-Za-z0-9 ._@:/,#+-]";

/// The part that is known before anything happens.
pub fn fixed(material: &Material) -> String {
    format!("{{{}}}", members(material).join(","))
}

/// The same with what the event tells, as one of Go's templates.
pub fn template(material: &Material, facts: &Facts) -> String {
    let mut members = members(material);
    if let Some(path) = facts.revision {
        members.push(format!(
            "\"revision\":{{{{ regexFind \"^[0-9a-f]{{4,64}}$\" (toString {path}) | toJson }}}}"
        ));
    }
    for (name, path) in &facts.texts {
        members.push(format!(
            "\"{name}\":{{{{ regexReplaceAll \"{HARMLESS}\" (toString {path}) \"\" | trunc 100 | toJson }}}}"
        ));
    }
    format!("{{{}}}", members.join(","))
}

fn members(material: &Material) -> Vec<String> {
    let mut members = vec![format!("\"material\":\"{}\"", material.key)];
    if !material.url.is_empty() {
        members.push(format!("\"repository\":\"{}\"", harmless(&material.url)));
        members.push(format!("\"branch\":\"{}\"", harmless(&material.branch)));
    }
    members
}

fn harmless(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || " ._@:/,#+-".contains(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn nothing_that_argo_or_a_shell_reads_is_left() {
        assert_eq!(harmless("a{{=1}}$(id)`x`\"'\\;&|<>\n"), "a=1idx".replace('=', ""));
    }
}
