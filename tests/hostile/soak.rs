//! No panic anywhere: small files, broken in random ways, through all passes.

use gocd2argo::passes;
use gocd2argo::render::engine::Engine;
use gocd2argo::settings::Settings;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Pieces that mean something to one of the readers.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ": ",
    "- ",
    "\n",
    "\n  ",
    "  ",
    "\"",
    "'",
    "#",
    "#{",
    "##",
    "#{p}",
    "$",
    "${",
    "${COUNT}",
    "$(",
    ")",
    "`",
    "|",
    "|\n",
    ">",
    "&a ",
    "*a",
    "<<: *a\n",
    "!!str ",
    "---\n",
    "~",
    "null",
    "\t",
    "\r\n",
    "{{",
    "}}",
    "{{SECRET:[a][b]}}",
    "AES:abc=:def==",
    "..",
    "/",
    "\\",
    "*",
    "**/*",
    "0",
    "-1",
    "99999999999",
    "manual",
    "all",
    "true",
    "\u{0}",
    "\u{feff}",
    "é",
    "🦀",
    "\u{2028}",
    "docker build -t a . ",
    "docker push a",
    "docker run a",
    "<<EOF\n",
    "EOF\n",
    ";",
    "&&",
    "||",
    "if ",
    "then ",
    "fi",
    "for ",
    "case ",
    "esac",
    "%",
    "@",
    ",",
    "? ",
    "pipelines:",
    "stages:",
    "materials:",
    "tasks:",
    "exec:",
    "fetch:",
    "template: x",
    "type: ",
];

fn seeds() -> Vec<String> {
    let mut seeds = vec![super::places::repository(str::to_string), super::run::APP.to_string()];
    // Every finding's page has a file that raises it.
    for rule in gocd2argo::finding::registry::rules() {
        let page = gocd2argo::finding::registry::page(rule);
        seeds.extend(
            page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).map(str::to_string),
        );
    }
    seeds
}

/// One change of a text: where, how much of it goes, and what comes in its place.
type Change = (prop::sample::Index, usize, usize, prop::sample::Index);

fn mutate(seed: &str, changes: &[Change], seeds: &[String]) -> String {
    let mut text = seed.to_string();
    for (at, kind, length, piece) in changes {
        let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let index = at.index(boundaries.len());
        let (start, end) = (boundaries[index], boundaries[(index + length).min(boundaries.len() - 1)]);
        match kind {
            0 | 1 => text.insert_str(start, PIECES[piece.index(PIECES.len())]),
            2 => text.replace_range(start..end, ""),
            3 => text.replace_range(start..end, PIECES[piece.index(PIECES.len())]),
            4 => text.insert_str(start, &text[start..end].repeat(3)),
            5 => {
                // A line of one file in another.
                let other = &seeds[piece.index(seeds.len())];
                let lines: Vec<&str> = other.lines().collect();
                let line = lines.get(index % lines.len().max(1)).copied().unwrap_or_default();
                let start = text[..start].rfind('\n').map_or(0, |at| at + 1);
                text.insert_str(start, &format!("{line}\n"));
            }
            6 => {
                // A line further in or out.
                let start = text[..start].rfind('\n').map_or(0, |at| at + 1);
                if *length % 2 == 0 {
                    text.insert_str(start, "  ")
                } else if text[start..].starts_with("  ") {
                    text.replace_range(start..start + 2, "")
                }
            }
            _ => text.truncate(start),
        }
    }
    text
}

/// Everything a run does, in memory.
fn run(text: &str, engine: &Engine) -> Result<(), String> {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut reading = passes::read_texts(&[("a.gocd.yaml", text)]);
        let manifests = reading.convert(&Settings::default(), engine);
        let open = reading.unaccounted();
        let drawn = gocd2argo::report::Report {
            findings: &reading.account.findings,
            sources: &reading.sources,
            counts: reading.counts(),
            numbers: reading.numbers(),
            files: &[],
        };
        let secrets = gocd2argo::gocd::secrets(&reading.sources, &reading.configuration);
        let drawing = gocd2argo::report::terminal::Drawing { styled: false, secrets: &secrets };
        gocd2argo::report::terminal::draw_all(&drawn, drawing);
        gocd2argo::report::json::json(&drawn).map_err(|error| error.to_string())?;
        gocd2argo::report::outline::outline(&reading.configuration);
        let json = gocd2argo::gocd::json(&reading.configuration, false);
        serde_json::to_string(&json).map_err(|error| error.to_string())?;
        if !open.is_empty() {
            return Err(format!("unaccounted: {open:?}"));
        }
        manifests.map(drop).map_err(|error| format!("{error:#}"))
    }));
    outcome.unwrap_or_else(|_| Err("a panic".to_string()))
}

fn soak(cases: u32, seed: Option<u64>) {
    let engine = Engine::new(None).unwrap();
    let seeds = seeds();
    let change = (any::<prop::sample::Index>(), 0..8usize, 0..40usize, any::<prop::sample::Index>());
    let strategy = (any::<prop::sample::Index>(), prop::collection::vec(change, 0..6));
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2000, ..Config::default() };
    let mut runner = match seed {
        Some(seed) => TestRunner::new_with_rng(
            config,
            prop::test_runner::TestRng::from_seed(
                prop::test_runner::RngAlgorithm::ChaCha,
                &[seed.to_le_bytes(); 4].concat(),
            ),
        ),
        None => TestRunner::new(config),
    };
    let result = runner.run(&strategy, |(seed, changes)| {
        let text = mutate(&seeds[seed.index(seeds.len())], &changes, &seeds);
        run(&text, &engine)
            .map_err(|why| TestCaseError::fail(format!("{why}\n--- the file:\n{text}\n--- end")))
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// The same cases every time.
#[test]
fn broken_files_break_nothing() {
    soak(1500, Some(5));
}

/// Others every time: `GOCD2ARGO_SOAK=100000 cargo test --test hostile -- --ignored soak`.
#[test]
#[ignore = "runs as long as it is told to"]
fn more_broken_files() {
    let cases = std::env::var("GOCD2ARGO_SOAK").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000);
    soak(cases, None);
}
