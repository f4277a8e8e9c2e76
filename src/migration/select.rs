//! Which pipelines one conversion covers.

use std::collections::BTreeSet;

use anyhow::bail;

use super::{Waves, pattern};

/// What the command line asks for; nothing of it = everything.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// This wave and all before it.
    pub wave: Option<usize>,
    /// Patterns of names.
    pub only: Vec<String>,
}

impl Selection {
    /// Whether everything is asked for.
    pub fn is_all(&self) -> bool {
        self.wave.is_none() && self.only.is_empty()
    }

    /// The original names of the pipelines that are asked for.
    ///
    /// # Errors
    /// When there is no such wave, or no pipeline fits a pattern: a typing error must not empty an output folder.
    pub fn pipelines(&self, waves: &Waves) -> anyhow::Result<BTreeSet<String>> {
        let mut chosen = BTreeSet::new();
        if let Some(number) = self.wave {
            if number == 0 || number > waves.waves.len() {
                bail!("there is no wave {number}: `gocd2argo plan` has waves 1 to {}", waves.waves.len());
            }
            let moved = waves.waves.iter().take(number).flat_map(|wave| &wave.pipelines);
            chosen.extend(moved.map(|pipeline| pipeline.pipeline.clone()));
        }
        let all = waves.waves.iter().flat_map(|wave| &wave.pipelines);
        for wanted in &self.only {
            let fits = all.clone().filter(|pipeline| pattern::fits(wanted, &pipeline.pipeline));
            let names: Vec<String> = fits.map(|pipeline| pipeline.pipeline.clone()).collect();
            if names.is_empty() {
                bail!("no pipeline fits `{wanted}`");
            }
            chosen.extend(names);
        }
        Ok(chosen)
    }
}
