//! `gocd2argo init`: writes a configuration with what the repository at hand needs filled in.

use std::io::Write as _;

use anyhow::Context as _;
use clap::Args;

use super::{Source, Status, talk};
use crate::plan::Guess;
use crate::render::yaml_text::scalar;
use crate::settings::{FILE_NAME, Settings};

/// Arguments of `init`.
#[derive(Args)]
pub struct Init {
    #[command(flatten)]
    source: Source,
    /// Replace a file that is there already.
    #[arg(long)]
    force: bool,
    /// Print it instead of writing it.
    #[arg(long)]
    print: bool,
}

impl Init {
    /// Runs the command.
    ///
    /// # Errors
    /// When the source cannot be read, or the file is there already or cannot be written.
    pub fn run(self) -> anyhow::Result<Status> {
        let mut reading = self.source.read()?;
        let plan = reading.plan(&Settings::default());
        let text = text(&plan.guesses);
        if self.print {
            talk::print(&text)?;
            return Ok(Status::Good);
        }
        let path = self.source.folder().join(FILE_NAME);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(!self.force).create(self.force).truncate(self.force);
        let mut file = options.open(&path).with_context(|| {
            format!("cannot write `{}` (--force replaces a file that is there)", path.display())
        })?;
        file.write_all(text.as_bytes()).with_context(|| format!("cannot write `{}`", path.display()))?;
        talk::say(&format!("wrote `{}`: {} values to check", path.display(), plan.guesses.len()));
        Ok(Status::Good)
    }
}

/// The file: one key per guess, grouped by their paths, each with what is not known as a comment.
pub fn text(guesses: &[Guess]) -> String {
    let mut guesses = guesses.to_vec();
    guesses.sort();
    let mut text = String::from(
        "# Configuration of gocd2argo for this repository. All keys: docs/configuration.md.\n\
         # Each value below is a guess: correct it where it is wrong.\n\
         namespace: ci\n",
    );
    let mut open: Vec<String> = Vec::new();
    for guess in &guesses {
        let (name, parents) =
            guess.key.split_last().map_or(("", &[][..]), |(name, parents)| (name.as_str(), parents));
        let shared = open.iter().zip(parents).take_while(|(a, b)| a == b).count();
        open.truncate(shared);
        for parent in parents.iter().skip(shared) {
            text.push_str(&format!("{}{}:\n", "  ".repeat(open.len()), scalar(parent)));
            open.push(parent.clone());
        }
        let indent = "  ".repeat(open.len());
        text.push_str(&format!("{indent}# {}\n", guess.message.replace(['\n', '\r'], " ")));
        let hidden = if guess.value.is_empty() { "# " } else { "" };
        let value = if guess.value.is_empty() { "…".to_string() } else { scalar(&guess.value) };
        text.push_str(&format!("{indent}{hidden}{}: {value}\n", scalar(name)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_writes_is_a_configuration() {
        let guess = |key: &[&str], value: &str| Guess {
            key: key.iter().map(|part| (*part).to_string()).collect(),
            value: value.to_string(),
            message: "is not known".to_string(),
        };
        let guesses = [
            guess(&["images", "elastic-profiles", "go: 1.21"], "golang:1.21"),
            guess(&["images", "default"], "debian:12"),
            guess(&["timers", "time-zone"], "UTC"),
        ];
        let settings = Settings::parse(&text(&guesses)).unwrap();
        assert_eq!(settings.images.elastic_profiles["go: 1.21"].image.as_deref(), Some("golang:1.21"));
        assert_eq!(settings.timers.time_zone.as_deref(), Some("UTC"));
    }
}
