//! The comparison, for people.

use super::{Figures, Parity};

/// A line per pipeline and side, and what does not hold.
pub fn text(parity: &Parity) -> String {
    let width =
        parity.pipelines.iter().map(|pipeline| pipeline.pipeline.chars().count()).max().unwrap_or(0).max(8);
    let mut text = format!(
        "{:width$}  {:5} {:>6} {:>9} {:>9} {:>9} {:>9} {:>9}\n",
        "pipeline", "", "runs", "success", "average", "p95", "start", "start p95"
    );
    for pipeline in &parity.pipelines {
        for (side, figures) in [("GoCD", &pipeline.gocd), ("Argo", &pipeline.argo)] {
            let name = if side == "GoCD" { visible(&pipeline.pipeline) } else { String::new() };
            text.push_str(format!("{name:width$}  {side:5} {}", line(figures.as_ref())).trim_end());
            text.push('\n');
        }
        for reason in &pipeline.reasons {
            text.push_str(&format!("{:width$}  does not hold: {reason}\n", ""));
        }
    }
    let failing = parity.pipelines.iter().filter(|pipeline| !pipeline.holds).count();
    let objectives = &parity.objectives;
    text.push_str(&format!(
        "\nobjectives: success at least {:.1} %, average at most {:.0} s, start at most {:.0} s, or no worse than GoCD; {} runs at least\n",
        objectives.success * 100.0,
        objectives.duration_seconds,
        objectives.start_seconds,
        objectives.runs
    ));
    if parity.pokes > 0 {
        text.push_str(&format!("Workflows that found nothing to do, not counted: {}\n", parity.pokes));
    }
    text.push_str(&match (parity.holds, parity.pipelines.len()) {
        (true, count) => format!("parity holds ({count} of {count})\n"),
        (false, 0) => "there are no runs to compare\n".to_string(),
        (false, count) => format!("parity does not hold for {failing} of {count}\n"),
    });
    text
}

/// A name that moves no cursor.
fn visible(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

fn line(figures: Option<&Figures>) -> String {
    let Some(figures) = figures else { return format!("{:>6}", "none") };
    let seconds = |value: Option<f64>| value.map_or("-".to_string(), |value| format!("{value:.1} s"));
    let success = figures.success.map_or("-".to_string(), |share| format!("{:.1} %", share * 100.0));
    format!(
        "{:>6} {success:>9} {:>9} {:>9} {:>9} {:>9}",
        figures.runs,
        seconds(figures.duration_average_seconds),
        seconds(figures.duration_p95_seconds),
        seconds(figures.start_average_seconds),
        seconds(figures.start_p95_seconds)
    )
}
