//! A git repository as the context of a build.

use super::{Text, option};

/// Kaniko clones `git://` addresses over https; a branch or tag is an option, a commit stands behind `#`.
pub(super) fn words(url: &str, reference: Option<&str>, folder: Option<&str>) -> Vec<Text> {
    let address = url.split('#').next().unwrap_or(url);
    let scheme = ["https://", "http://", "git://", "ssh://git@", "git@"];
    let bare = scheme.iter().find_map(|scheme| address.strip_prefix(scheme)).unwrap_or(address);
    let bare = if address.starts_with("git@") { bare.replacen(':', "/", 1) } else { bare.to_string() };
    let commit = reference.filter(|text| text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit()));
    let full = reference.filter(|text| text.starts_with("refs/"));
    let fragment = commit.or(full).map(|text| format!("#{text}")).unwrap_or_default();
    let mut out = vec![option("context", &Text::of(&format!("git://{bare}{fragment}")))];
    if let (Some(branch), None, None) = (reference, commit, full) {
        out.push(option("git", &Text::of(&format!("branch={branch}"))));
    }
    out.extend(folder.map(|folder| option("context-sub-path", &Text::of(folder))));
    out
}
