//! The waves, for people and for `gocd2argo.yaml`.

use super::Waves;

/// One block per wave, one entry per pipeline, each with its reasons.
pub fn text(waves: &Waves) -> String {
    let mut text = String::new();
    for wave in &waves.waves {
        if wave.number > 1 {
            text.push('\n');
        }
        let noun = if wave.pipelines.len() == 1 { "pipeline" } else { "pipelines" };
        text.push_str(&format!(
            "wave {}: {} {noun}, effort {}\n",
            wave.number,
            wave.pipelines.len(),
            wave.effort
        ));
        for pipeline in &wave.pipelines {
            text.push_str(&format!(
                "  {} (group {}): risk {}, effort {}\n",
                pipeline.pipeline,
                if pipeline.group.is_empty() { "-" } else { &pipeline.group },
                pipeline.risk.word(),
                pipeline.effort
            ));
            text.push_str(&format!("    why here: {}\n", pipeline.why.join("; ")));
            for (title, items) in [
                ("counted", &pipeline.counted),
                ("waits for GoCD's", &pipeline.waits_for_gocd),
                ("GoCD waits for it", &pipeline.awaited_in_gocd),
            ] {
                if !items.is_empty() {
                    text.push_str(&format!("    {title}: {}\n", items.join(", ")));
                }
            }
        }
    }
    if waves.waves.is_empty() {
        text.push_str("there is no pipeline to move\n");
    }
    text
}

/// The key `migration.waves`, so that the order no longer depends on findings that come and go. `scalar` writes a name.
pub fn config(waves: &Waves, scalar: &dyn Fn(&str) -> String) -> String {
    let mut text = String::from("migration:\n  waves:\n");
    for wave in &waves.waves {
        text.push_str(&format!("    # wave {}\n", wave.number));
        for (index, pipeline) in wave.pipelines.iter().enumerate() {
            let dash = if index == 0 { "    - - " } else { "      - " };
            text.push_str(&format!("{dash}{}\n", scalar(&pipeline.pipeline)));
        }
    }
    if waves.waves.is_empty() { "migration:\n  waves: []\n".into() } else { text }
}
