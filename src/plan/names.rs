//! Names: GoCD's are free, Kubernetes' are narrow.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | `Shop.API` | `shop-api`; the original stands in annotations and in `GO_PIPELINE_NAME` | yes |
//! | `shop_api` and `Shop.API` side by side | `shop-api-1b2c3d` and `shop-api-9f8e7d`: both get a hash, so that the result does not depend on order | yes |
//! | names longer than the budget | cut, with a hash | yes |
//!
//! Limits: a Workflow's name becomes a label value (63), a CronWorkflow appends a time (52), a template's name
//! may have letters, digits and `-` only. GoCD: `../shared/spec/gocd-yaml.md` §2.1.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// Longest slug of a pipeline, stage or job.
pub const LONG: usize = 40;
/// Longest value of a label; names of triggers become one.
pub const LABEL: usize = 63;
/// Longest slug of a group or environment.
pub const SHORT: usize = 30;

/// A legal name and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slug {
    /// The name on Argo's side.
    pub text: String,
    /// Another name of the same scope would have had the same slug.
    pub collides: bool,
}

/// Legal, distinct names for all names of one scope, by original name. A function of the set of names alone.
///
/// ```
/// use gocd2argo::plan::names::slugs;
/// let slugs = slugs(["Shop.API", "ui"], 40);
/// assert_eq!(slugs["Shop.API"].text, "shop-api");
/// ```
pub fn slugs<'a>(names: impl IntoIterator<Item = &'a str>, budget: usize) -> BTreeMap<String, Slug> {
    let mut by_slug: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in names {
        let members = by_slug.entry(plain(name)).or_default();
        if !members.contains(&name) {
            members.push(name);
        }
    }
    let mut slugs = BTreeMap::new();
    for (slug, members) in &by_slug {
        for name in members {
            let collides = members.len() > 1;
            let text =
                if collides || slug.len() > budget { hashed(slug, name, budget) } else { slug.clone() };
            slugs.insert((*name).to_string(), Slug { text, collides });
        }
    }
    slugs
}

/// The legal name of one name that shares its scope with nothing we know of.
pub fn single(name: &str, budget: usize) -> String {
    let slug = plain(name);
    if slug.len() > budget { hashed(&slug, name, budget) } else { slug }
}

/// A name put together from slugs, cut with a hash when it is longer than the budget. `--` between the slugs keeps
/// different pairs different: no slug contains it.
pub fn joined(first: &str, second: &str, budget: usize) -> String {
    let name = format!("{first}--{second}");
    if name.len() > budget { hashed(&name, &name, budget) } else { name }
}

/// Lower case, everything outside `[a-z0-9]` as single `-`, starting with a letter.
fn plain(name: &str) -> String {
    let mut slug = String::new();
    for c in name.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() || slug.starts_with(|c: char| c.is_ascii_digit()) {
        format!("p-{slug}").trim_end_matches('-').to_string()
    } else {
        slug.to_string()
    }
}

fn hashed(slug: &str, name: &str, budget: usize) -> String {
    let hash = Sha256::digest(name.as_bytes());
    let hash: String = hash.iter().take(3).map(|byte| format!("{byte:02x}")).collect();
    // A slug is ASCII, so cutting at a byte is cutting at a character.
    let kept = slug.get(..slug.len().min(budget - 7)).unwrap_or(slug).trim_end_matches('-');
    format!("{kept}-{hash}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn members_of_a_collision_all_get_a_hash() {
        let found = slugs(["a.b", "a_b", "c"], LONG);
        assert!(found["a.b"].collides && found["a_b"].collides && !found["c"].collides);
        assert_ne!(found["a.b"].text, found["a_b"].text);
        assert_eq!(found["c"].text, "c");
    }

    #[test]
    fn names_without_letters_are_still_names() {
        let found = slugs(["1.10", "---", "_"], LONG);
        assert_eq!(found["1.10"].text, "p-1-10");
        assert!(found["---"].text.starts_with("p-"));
    }

    proptest! {
        #[test]
        fn slugs_are_legal_and_distinct(names in proptest::collection::btree_set("[A-Za-z0-9_.-]{1,60}", 1..12)) {
            let found = slugs(names.iter().map(String::as_str), LONG);
            let mut texts: Vec<&str> = found.values().map(|slug| slug.text.as_str()).collect();
            for text in &texts {
                prop_assert!(text.len() <= LONG && text.starts_with(|c: char| c.is_ascii_lowercase()));
                prop_assert!(!text.ends_with('-') && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
            }
            texts.sort_unstable();
            texts.dedup();
            prop_assert_eq!(texts.len(), names.len());
            let backwards = slugs(names.iter().rev().map(String::as_str), LONG);
            prop_assert_eq!(found, backwards);
        }
    }
}
