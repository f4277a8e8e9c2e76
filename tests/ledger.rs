//! The ledger against an independent count: every mapping key and list item, none missing, none counted twice.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod reference;

use reference::count::{count, without_aliases};

#[derive(Default)]
struct Tally {
    texts: usize,
    compared: usize,
    with_aliases: usize,
    slots: usize,
    wrong: Vec<String>,
}

impl Tally {
    /// One repository: its total is the sum over its files, and each key and item has exactly one outcome.
    fn add(&mut self, what: &str, texts: &[(String, String)]) {
        let (reading, manifests) = reference::converted(texts);
        let counts = reading.counts();
        self.slots += counts.total;
        let open = reading.unaccounted();
        if !open.is_empty() {
            self.wrong.push(format!("{what}: nothing says what became of {open:?}"));
        }
        let outcomes =
            counts.converted + counts.approximated + counts.decision + counts.no_counterpart + counts.refused;
        if outcomes != counts.total {
            self.wrong.push(format!("{what}: {outcomes} outcomes for {} keys and items", counts.total));
        }
        if let Err(error) = manifests {
            self.wrong.push(format!("{what}: {error}"));
        }
        for (name, text) in texts {
            self.texts += 1;
            self.compare(&format!("{what}/{name}"), text);
        }
    }

    /// One file: its total is what `serde_yaml` counts, where that can read it.
    fn compare(&mut self, what: &str, text: &str) {
        let plain = without_aliases(text);
        // An alias without an anchor is an error to both; only without it would the rest be read.
        let read = |text| serde_yaml::from_str::<serde_yaml::Value>(text);
        let (Ok(_), Ok(value)) = (read(text), read(&plain)) else { return };
        let reading = gocd2argo::passes::read_texts(&[("a.gocd.yaml", text)]);
        self.compared += 1;
        self.with_aliases += usize::from(plain != text);
        let (ours, theirs) = (reading.counts().total, count(&value));
        if ours != theirs {
            self.wrong.push(format!("{what}: {ours} keys and items here, {theirs} counted by serde_yaml"));
        }
    }

    fn check(self, what: &str) {
        eprintln!(
            "{what}: {} texts, {} compared with serde_yaml, {} of them with aliases, {} keys and items",
            self.texts, self.compared, self.with_aliases, self.slots
        );
        assert!(self.wrong.is_empty(), "{} of {what}\n{}", self.wrong.len(), self.wrong.join("\n"));
    }
}

#[test]
fn the_corpus_is_accounted_for() {
    let Some(sets) = reference::sets() else { return };
    let mut tally = Tally::default();
    for (set, files) in sets {
        let texts: Vec<(String, String)> = files
            .iter()
            .map(|file| {
                let name = file.file_name().unwrap().to_string_lossy().into_owned();
                (name, std::fs::read_to_string(file).unwrap())
            })
            .collect();
        tally.add(&set, &texts);
    }
    assert!(tally.compared > 200 && tally.with_aliases > 5, "{} {}", tally.compared, tally.with_aliases);
    tally.check("corpus");
}

#[test]
fn the_features_are_accounted_for() {
    let Some(path) = reference::shared("spec/features.json") else { return };
    let mut tally = Tally::default();
    for row in reference::json(&path).as_array().unwrap() {
        tally.add(row["id"].as_str().unwrap(), &reference::texts_of(row));
    }
    assert!(tally.compared > 400, "{}", tally.compared);
    tally.check("features");
}

/// Every fixture, its pipelines with a template of the GoCD server in place of their stages.
#[test]
fn pipelines_whose_stages_are_on_the_server_are_accounted_for() {
    let mut tally = Tally::default();
    for (name, texts) in fixtures() {
        let without_stages = |text: &String| {
            let mut value: serde_yaml::Value = serde_yaml::from_str(text).ok()?;
            for (_, pipeline) in value.get_mut("pipelines")?.as_mapping_mut()? {
                let keys = pipeline.as_mapping_mut()?;
                keys.remove("stages");
                keys.insert("template".into(), "on-the-server".into());
            }
            serde_yaml::to_string(&value).ok()
        };
        let texts: Vec<_> =
            texts.iter().filter_map(|(name, text)| Some((name.clone(), without_stages(text)?))).collect();
        tally.add(&name, &texts);
    }
    assert!(tally.compared > 20, "{}", tally.compared);
    tally.check("pipelines without stages");
}

/// Each fixture with its texts.
fn fixtures() -> Vec<(String, Vec<(String, String)>)> {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let constructs = std::fs::read_dir(fixtures.join("constructs")).into_iter().flatten();
    let constructs = constructs.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let folders = constructs.chain([fixtures.join("storefront")]).filter(|folder| folder.is_dir());
    let with_texts = |folder: std::path::PathBuf| {
        let found = gocd2argo::source::discover(std::slice::from_ref(&folder)).unwrap();
        let texts: Vec<(String, String)> = found
            .iter()
            .map(|file| (file.display().to_string(), std::fs::read_to_string(file).unwrap()))
            .collect();
        (folder.display().to_string(), texts)
    };
    folders.map(with_texts).collect()
}

#[test]
fn the_fixtures_and_the_pages_are_accounted_for() {
    let mut tally = Tally::default();
    for (name, texts) in fixtures() {
        tally.add(&name, &texts);
    }
    for rule in gocd2argo::finding::registry::rules() {
        if let Some(text) = reference::example(rule) {
            tally.add(rule.name, &[("example.gocd.yaml".to_string(), text)]);
        }
    }
    assert!(tally.compared > 100, "{}", tally.compared);
    tally.check("fixtures and pages");
}
