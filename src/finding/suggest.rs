//! "Did you mean": the nearest of some known names.

/// How many candidates are looked at: a message is not worth more.
const MOST: usize = 1_000;

/// The candidate nearest to `name`, if one is near enough to be a likely slip. Looks at the first 1,000 only.
///
/// ```
/// use gocd2argo::finding::suggest::nearest;
/// assert_eq!(nearest("lock_behaviour", ["lock_behavior", "locking"]), Some("lock_behavior"));
/// assert_eq!(nearest("image", ["lock_behavior", "locking"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let normal = |text: &str| text.to_lowercase().replace('-', "_");
    let wanted = normal(name);
    candidates
        .into_iter()
        .take(MOST)
        .map(|candidate| (strsim::jaro_winkler(&wanted, &normal(candidate)), candidate))
        .filter(|(score, _)| *score > 0.85)
        .max_by(|(a, x), (b, y)| a.total_cmp(b).then(y.cmp(x)))
        .map(|(_, candidate)| candidate)
}
