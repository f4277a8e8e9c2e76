//! Where published files land: Ant patterns and GoCD's layout. GoCD: §3.9.

use std::collections::BTreeSet;

/// The parts of a pattern that decide where its matches land.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The pattern's segments; one that ends with `/` has `**` as its last.
    segments: Vec<String>,
    /// Leading segments without a wildcard; of a pattern without any wildcard all but the last.
    pub strip: String,
    /// Whether there is a wildcard.
    wild: bool,
}

impl Layout {
    /// Reads a pattern.
    pub fn of(source: &str) -> Layout {
        let mut segments: Vec<String> = source.split('/').map(str::to_string).collect();
        if segments.last().is_some_and(String::is_empty) {
            segments.pop();
            segments.push("**".into());
        }
        let plain = segments.iter().take_while(|segment| !segment.contains(['*', '?'])).count();
        let wild = plain < segments.len();
        let kept = if wild { plain } else { plain.saturating_sub(1) };
        Layout { strip: segments.iter().take(kept).cloned().collect::<Vec<_>>().join("/"), segments, wild }
    }

    /// Whether the path matches.
    fn matches(&self, path: &str) -> bool {
        let path: Vec<&str> = path.split('/').collect();
        // reached[n]: the segments read so far match the first n of the path.
        let mut reached = vec![false; path.len() + 1];
        if let Some(first) = reached.first_mut() {
            *first = true;
        }
        for segment in &self.segments {
            let mut next = vec![false; path.len() + 1];
            for at in 0..=path.len() {
                next[at] = match segment.as_str() {
                    "**" => reached[at] || (at > 0 && next[at - 1]),
                    segment => at > 0 && reached[at - 1] && in_segment(segment, path[at - 1]),
                };
            }
            reached = next;
        }
        reached.last().copied().unwrap_or(false)
    }

    /// The folder, below the destination, that a matched path is put into.
    fn folder<'p>(&self, path: &'p str) -> &'p str {
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        match self.wild {
            true => parent.strip_prefix(self.strip.as_str()).unwrap_or(parent).trim_start_matches('/'),
            false => "",
        }
    }
}

/// `*` is any text and `?` any character, within one segment.
fn in_segment(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = text.get(t) {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == c => (p, t) = (p + 1, t + 1),
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                (p, t) = (at + 1, from + 1);
            }
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

/// Every directory above or among the paths; `a/b` and `a/` both make `a` one.
pub fn directories(files: &[String]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files {
        found.extend(file.match_indices('/').map(|(at, _)| file[..at].to_string()));
    }
    found
}

/// What is published of these files (see [`super::World::files`]): pairs of a path in the working directory and its place
/// below the job's artifacts. Nothing matched: `None`.
///
/// A matched directory is published with all it holds. A file directly in a matched directory goes with that only.
pub fn layout(source: &str, destination: &str, files: &[String]) -> Option<Vec<(String, String)>> {
    let layout = Layout::of(source);
    let directories = directories(files);
    let included: BTreeSet<&str> =
        directories.iter().map(String::as_str).filter(|path| layout.matches(path)).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).filter(|path| !path.ends_with('/')).collect();
    let put = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or_default();
        let parts = [destination.trim_matches('/'), layout.folder(path), name];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
    };
    let mut published = Vec::new();
    let mut found = !included.is_empty();
    for directory in &included {
        let inside = |file: &&&str| file.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'));
        for file in files.iter().filter(inside) {
            published.push(((*file).to_string(), format!("{}{}", put(directory), &file[directory.len()..])));
        }
    }
    for file in files.iter().filter(|file| layout.matches(file)) {
        found = true;
        let parent = file.rsplit_once('/').map_or("", |(parent, _)| parent);
        if !included.contains(parent) {
            published.push(((*file).to_string(), put(file)));
        }
    }
    published.sort();
    published.dedup();
    found.then_some(published)
}

#[cfg(test)]
mod tests {
    use super::layout;

    const FILES: [&str; 8] = [
        "bin/a.jar",
        "bin/sub/b.jar",
        "out/bin/.hidden",
        "a/b/app.jar",
        "top.txt",
        "README",
        "target/x/t2.xml",
        "empty/",
    ];

    fn lands(source: &str) -> Vec<String> {
        let files = FILES.map(String::from);
        let published = layout(source, "dest", &files);
        let mut places: Vec<String> = match published {
            Some(pairs) => pairs.into_iter().map(|(_, to)| to).collect(),
            None => vec!["nothing".into()],
        };
        places.sort();
        places
    }

    #[test]
    fn files_land_as_the_table_of_the_description_says() {
        let cases: [(&str, &[&str]); 14] = [
            ("bin", &["dest/bin/a.jar", "dest/bin/sub/b.jar"]),
            ("out/bin", &["dest/bin/.hidden"]),
            ("a/b/app.jar", &["dest/app.jar"]),
            ("*.txt", &["dest/top.txt"]),
            ("bin/*", &["dest/a.jar", "dest/sub/b.jar"]),
            ("bin/**/*", &["dest/a.jar", "dest/sub/b.jar"]),
            ("target/**/*.xml", &["dest/x/t2.xml"]),
            ("bin/", &["dest/bin/a.jar", "dest/bin/sub/b.jar", "dest/sub/b.jar"]),
            ("bin/**", &["dest/bin/a.jar", "dest/bin/sub/b.jar", "dest/sub/b.jar"]),
            ("./bin", &["nothing"]),
            ("*/*/b.jar", &["dest/bin/sub/b.jar"]),
            ("?EADME", &["dest/README"]),
            ("empty", &[]),
            ("*.*", &["dest/top.txt"]),
        ];
        for (source, expected) in cases {
            assert_eq!(lands(source), expected, "{source}");
        }
    }
}
