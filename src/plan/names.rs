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

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::gocd::Configuration;

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
    let names: BTreeSet<&str> = names.into_iter().collect();
    let mut by_slug: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in names {
        by_slug.entry(plain(name)).or_default().push(name);
    }
    let mut chosen = Vec::new();
    for (slug, members) in by_slug {
        let collides = members.len() > 1;
        let hash = if collides || slug.len() > budget { HASHES[1] } else { HASHES[0] };
        chosen.extend(members.into_iter().map(|name| Choice { name, slug: slug.clone(), hash, collides }));
    }
    tell_apart(&mut chosen, budget);
    let slug = |choice: Choice| {
        (choice.name.to_string(), Slug { text: choice.text(budget), collides: choice.collides })
    };
    chosen.into_iter().map(slug).collect()
}

/// Lengths of the hash behind a slug, in bytes: none, and what follows when names still meet.
const HASHES: [usize; 4] = [0, 3, 6, 9];

/// A name, and how it is written.
struct Choice<'a> {
    name: &'a str,
    slug: String,
    hash: usize,
    collides: bool,
}

impl Choice<'_> {
    fn text(&self, budget: usize) -> String {
        if self.hash == 0 { self.slug.clone() } else { hashed(&self.slug, self.name, self.hash, budget) }
    }
}

/// Gives longer hashes to names that meet: thousands of names find two with the same short hash, and a name may look
/// like another one with its hash.
fn tell_apart(chosen: &mut [Choice<'_>], budget: usize) {
    for _ in 0..16 {
        let texts: Vec<String> = chosen.iter().map(|choice| choice.text(budget)).collect();
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for text in &texts {
            *times.entry(text).or_default() += 1;
        }
        let mut all_differ = true;
        for (choice, text) in chosen.iter_mut().zip(&texts) {
            if times.get(text.as_str()).is_some_and(|times| *times > 1) {
                let longer = HASHES.into_iter().find(|hash| *hash > choice.hash);
                choice.hash = longer.unwrap_or(choice.hash);
                choice.collides = true;
                all_differ = false;
            }
        }
        if all_differ {
            return;
        }
    }
}

/// The legal name of one name that shares its scope with nothing we know of.
pub fn single(name: &str, budget: usize) -> String {
    let slug = plain(name);
    if slug.len() > budget { hashed(&slug, name, HASHES[1], budget) } else { slug }
}

/// A name put together from slugs, cut with a hash when it is longer than the budget. `--` between the slugs keeps
/// different pairs different: no slug contains it.
pub fn joined(first: &str, second: &str, budget: usize) -> String {
    let name = format!("{first}--{second}");
    if name.len() > budget { hashed(&name, &name, HASHES[2], budget) } else { name }
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

fn hashed(slug: &str, name: &str, bytes: usize, budget: usize) -> String {
    let hash = Sha256::digest(name.as_bytes());
    let hash: String = hash.iter().take(bytes).map(|byte| format!("{byte:02x}")).collect();
    // A slug is ASCII, so cutting at a byte is cutting at a character.
    let kept = slug.get(..slug.len().min(budget - hash.len() - 1)).unwrap_or(slug).trim_end_matches('-');
    format!("{kept}-{hash}")
}

/// The legal names of everything that has a name in more than one object.
#[derive(Debug)]
pub struct Names {
    /// By the pipeline's original name.
    pub pipelines: BTreeMap<String, Slug>,
    /// By the group's original name.
    pub groups: BTreeMap<String, Slug>,
    /// By the environment's name in lower case.
    pub environments: BTreeMap<String, Slug>,
}

impl Names {
    /// Those of the sound part of a configuration.
    pub fn of(configuration: &Configuration) -> Self {
        let pipelines = configuration.sound().map(|pipeline| pipeline.name.as_str());
        let groups = configuration.sound().map(|pipeline| pipeline.group());
        let environments: Vec<String> = configuration
            .environments
            .iter()
            .filter(|environment| !environment.refused)
            .map(|environment| environment.name.to_lowercase())
            .collect();
        Names {
            pipelines: slugs(pipelines, LONG),
            groups: slugs(groups, SHORT),
            environments: slugs(environments.iter().map(String::as_str), SHORT),
        }
    }
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
    fn thousands_of_colliding_names_stay_apart() {
        let names: Vec<String> = (0..1 << 14)
            .map(|n| (0..14).map(|bit| if n >> bit & 1 == 0 { "a." } else { "a_" }).collect())
            .collect();
        let found = slugs(names.iter().map(String::as_str), SHORT);
        let texts: BTreeSet<&str> = found.values().map(|slug| slug.text.as_str()).collect();
        assert_eq!(texts.len(), names.len());
        let longest = texts.iter().filter_map(|text| text.rsplit('-').next()).map(str::len).max();
        assert!(longest > Some(6), "no hash met another: a weak test");
    }

    #[test]
    fn a_name_may_look_like_another_one_with_its_hash() {
        let mut names = vec!["a.b".to_string(), "a_b".to_string()];
        for hash in &HASHES[1..] {
            names.push(hashed("a-b", "a.b", *hash, LONG));
        }
        let found = slugs(names.iter().map(String::as_str), LONG);
        let texts: BTreeSet<&str> = found.values().map(|slug| slug.text.as_str()).collect();
        assert_eq!(texts.len(), 5, "{found:?}");
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
